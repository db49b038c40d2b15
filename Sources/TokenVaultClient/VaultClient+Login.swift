public import Foundation
import TokenTransport
import VaultAPI

extension VaultClient {
    /// Where a browser has to go to log in for the token; the token is made if the vault has none of that name.
    ///
    /// The caller needs the vault's permission to create or update tokens. What the token holds stays until ``save(code:bearer:)``.
    /// A token that is made and that nobody logs in for is gone after a day.
    ///
    /// - Parameters:
    ///   - returnURL: Where the browser comes back to, with `code`, or with `error` and `error_description`, added to its
    ///     query. The vault has to allow it. It should hold a value that only this browser knows, so that what comes back can
    ///     be told from what somebody else was sent.
    ///   - bearer: The Azure access token that proves who asks.
    /// - Returns: An address of the vault, https or on this machine.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    public func loginURL(returningTo returnURL: URL, bearer: String) async throws -> URL {
        let response = try await self.send(.put, body: Data(#"{"unsavedLifetime":86400}"#.utf8), bearer: bearer)
        guard
            let text = (try? JSONDecoder().decode(VaultAnswer.self, from: response.body))?.loginURI,
            var login = URLComponents(string: text), login.user == nil, login.password == nil, login.fragment == nil,
            login.query == nil, let page = login.url, BearerPolicy.allows(page),
            let escaped = returnURL.absoluteString.addingPercentEncoding(withAllowedCharacters: Self.unreserved)
        else {
            throw VaultError(.unreadable, "The vault did not say where a login begins: its answer has no such address.")
        }
        login.percentEncodedQuery = "PostLoginRedirectUrl=\(escaped)"
        guard let url = login.url else {
            throw VaultError(.unreadable, "The vault did not say where a login begins: its answer has no such address.")
        }
        return url
    }

    /// Makes what a login gave the token's: the last step, for the application that began it.
    ///
    /// Before, see to it that it is the same browser session that began the login: whoever saves a code of another one gets
    /// somebody else's account.
    ///
    /// - Parameters:
    ///   - code: What came back with the browser; it works once, for this token.
    ///   - bearer: The Azure access token that proves who asks.
    /// - Returns: The token.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    @discardableResult
    public func save(code: String, bearer: String) async throws -> VaultToken {
        let body = try JSONEncoder().encode(["code": code])
        return try Self.token(in: try await self.send(.post, "save", body: body, bearer: bearer), bearer: bearer)
    }

    /// Has the vault forget the token, and end the access at the provider as far as the provider has a way to.
    ///
    /// - Parameter bearer: The Azure access token that proves who asks.
    /// - Returns: False when there was none.
    /// - Throws: ``VaultError``, or `CancellationError` when the caller's task was cancelled.
    @discardableResult
    public func forget(bearer: String) async throws -> Bool {
        do {
            _ = try await self.send(.delete, bearer: bearer)
            return true
        } catch let error as VaultError where error.refusal?.status == 404 {
            return false
        }
    }

    /// RFC 3986 section 2.3.
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    )
}
