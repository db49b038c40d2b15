import FastCGI
import VaultAPI
import VaultCore

/// A POST for an access token, as programs write it and web servers pass it on.
struct TokenRead: Sendable {
    let token: TokenKey
    /// The caller's own token, of which nothing is known yet.
    let bearer: [UInt8]
    /// By what the web server's log knows the request.
    let request: RequestIdentifier?

    /// Reads the meta-variables of a request.
    ///
    /// Nil for every other request, and for one that is written in another way: what that means is for the routes to say.
    init?(_ variables: MetaVariables) {
        guard
            variables.isValue(of: "REQUEST_METHOD", "POST"),
            variables.withValue(of: "HTTP_PREFER", { _ in true }) == nil,
            let token = Self.token(in: variables),
            let bearer = variables.withValue(of: "HTTP_AUTHORIZATION", Self.bearer) ?? nil
        else { return nil }
        self.token = token
        self.bearer = bearer
        self.request = variables[GatewayRequestContext.requestIDVariable].flatMap(RequestIdentifier.init)
    }

    /// The token at whose canonical address a request is, where that is the same inside the application and outside.
    private static func token(in variables: MetaVariables) -> TokenKey? {
        variables.withValue(of: "REQUEST_URI") { uri in
            guard variables.withValue(of: "PATH_INFO", { $0.elementsEqual(uri) }) == true else { return nil }
            var rest = uri[...]
            guard
                Self.take("/services/", from: &rest), let service = Self.takeName(from: &rest),
                Self.take("/tokens/", from: &rest), let token = Self.takeName(from: &rest), rest.isEmpty
            else { return nil }
            return TokenKey(service: service, token: token)
        } ?? nil
    }

    private static func take(_ text: StaticString, from rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        text.withUTF8Buffer { text in
            guard rest.starts(with: text) else { return false }
            rest = rest.dropFirst(text.count)
            return true
        }
    }

    private static func takeName(from rest: inout Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        let name = rest.prefix { $0 != UInt8(ascii: "/") }
        rest = rest.dropFirst(name.count)
        let text = String(decoding: name, as: UTF8.self)
        return VaultPath.isName(text) ? text : nil
    }

    /// What follows `Bearer` (RFC 6750 section 2.1), if it is one word of visible characters.
    private static func bearer(in value: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var rest = value[...]
        guard
            Self.take("Bearer ", from: &rest), !rest.isEmpty, rest.count <= BearerAuthenticator.maxTokenBytes
        else { return nil }
        let word = UnsafeBufferPointer(rebasing: rest)
        return word.allSatisfy { (0x21...0x7E).contains($0) } ? Array(word) : nil
    }
}
