/// The paths of the token vault's API.
package enum VaultPath: Sendable, Hashable {
    /// `/services/{service}/tokens/{token}`: POST gives a valid access token, GET the token's resource.
    case token(service: String, token: String)
    /// `/services/{service}/tokens/{token}/accesstoken`: POST gives the access token alone, as text.
    case accessToken(service: String, token: String)

    /// Reads the path of a request, without its query.
    ///
    /// - Returns: `nil` for a path that is not in the API, or that holds a name that is not one.
    package init?(_ path: String) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard
            parts.count == 5 || parts.count == 6,
            parts[0].isEmpty, parts[1] == "services", parts[3] == "tokens",
            Self.isName(parts[2]), Self.isName(parts[4])
        else { return nil }
        if parts.count == 5 {
            self = .token(service: parts[2], token: parts[4])
        } else if parts[5] == "accesstoken" {
            self = .accessToken(service: parts[2], token: parts[4])
        } else {
            return nil
        }
    }

    /// The path as it stands in a URL; no name needs an escape.
    package var path: String {
        switch self {
        case .token(let service, let token): "/services/\(service)/tokens/\(token)"
        case .accessToken(let service, let token): "/services/\(service)/tokens/\(token)/accesstoken"
        }
    }

    /// The rule in words, for whoever gave a name that breaks it.
    package static let nameRule = "a name is made of a-z, A-Z, 0-9, '_', '.' and '-', and is not '.' or '..'"

    /// Whether a text may name a service or a token: `[a-zA-Z0-9_.-]+`, without the two names that mean a directory.
    package static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}
