import Foundation

/// What an access token was asked for, as far as two spellings of it are the same application.
///
/// Entra writes the identifier into tokens of version 1, as it was asked for, and the application's id into those of version 2.
/// `api://ID` is the identifier that it lets every application have, and no other.
struct Audience: Sendable, Hashable {
    private let text: String

    init(_ text: String) {
        let address = IssuerURL.withoutTrailingSlash(text)
        let id = address.hasPrefix("api://") ? String(address.dropFirst("api://".count)) : address
        // Ids are compared without regard to case, all else exactly.
        self.text = UUID(uuidString: id) == nil ? address : id.lowercased()
    }
}
