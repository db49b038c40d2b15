import Foundation
import Hummingbird
import NIOCore
import VaultCore

/// The JSON that a caller sent.
enum RequestBody {
    /// Templates of a service are its longest part, and take a few kilobytes.
    static let limit = 256 * 1024

    /// The object in the body, or the one that it has under `properties`, which is how the management plane wrote it.
    ///
    /// - Throws: ``VaultProblem``.
    static func properties(of request: Request) async throws -> JSONTree {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: self.limit)
        } catch is NIOTooManyBytesError {
            throw VaultProblem(
                status: .contentTooLarge,
                code: "RequestTooLarge",
                message: "The body is longer than \(self.limit / 1024) KiB."
            )
        }
        guard let tree = JSONTree(body: Data(buffer.readableBytesView)), tree.members != nil else {
            throw VaultProblem.invalid("The body is not a JSON object.")
        }
        guard let properties = tree["properties"], properties.members != nil else {
            return tree
        }
        return properties
    }

    /// For how long a token may wait for its first login, in seconds; nil when the body does not say.
    ///
    /// - Throws: ``VaultProblem``.
    static func unsavedLifetime(in properties: JSONTree) throws -> TimeInterval? {
        guard let value = properties["unsavedLifetime"] else {
            return nil
        }
        // A login that was begun may take ten minutes.
        guard case .number(let seconds) = value, (600...31_536_000).contains(seconds) else {
            throw VaultProblem.invalid("unsavedLifetime is not a number of seconds from 600 to 31536000.")
        }
        return seconds
    }

    /// Where a browser may go after a login; nil when the body does not say.
    ///
    /// - Throws: ``VaultProblem``.
    static func returnURLs(in properties: JSONTree) throws -> [String]? {
        guard let value = properties["authorizedPostRedirectUrls"] else {
            return nil
        }
        guard let urls = value.texts, urls.count <= 100 else {
            throw VaultProblem.invalid("authorizedPostRedirectUrls is not a list of at most 100 URLs.")
        }
        for url in urls where ReturnURL(url) == nil {
            throw VaultProblem.invalid(
                "authorizedPostRedirectUrls holds an address that no browser may be sent to: it has to be https, "
                    + "or http on localhost, without user and fragment."
            )
        }
        return urls
    }
}
