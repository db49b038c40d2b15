import Mustache

/// The page of a success, cut at the places where one visit differs from another.
///
/// The template is run once, with a mark in each of these places. A page is then its pieces and its values in a row, which
/// takes a small part of the time that the template takes.
struct PreparedPage: Sendable {
    /// What differs between two successes.
    private enum Place: String, CaseIterable {
        case token
        case principal
        case identityTime
        case vaultTime
        case tokenExpiry
        case expiry
        case provider
        case account
        case scopes
        case loggedIn
        case renewed
        case renews
    }

    private enum Piece: Sendable {
        case text([UInt8])
        case value(Place)
    }

    /// A character that stands in no template, since HTML allows it nowhere.
    private static let mark: Character = "\u{1}"

    private let pieces: [Piece]
    private let size: Int
    /// Whether it has a place for what the vault says of the token.
    private let hasDetails: Bool
    private let escaping = HTMLEscaping()

    /// - Parameters:
    ///   - template: What the page is made from.
    ///   - page: A page that nothing was entered in yet, with what all pages have in common.
    ///   - hasDetails: Whether the vault says more of the token than the token itself.
    init(template: MustacheTemplate, page: HomePage, hasDetails: Bool) {
        self.hasDetails = hasDetails
        let parts = template.render(Marked(page: page, hasDetails: hasDetails)).split(
            separator: Self.mark,
            omittingEmptySubsequences: false
        )
        // Text and names take turns.
        self.pieces = parts.enumerated().map { index, part in
            index % 2 == 1 ? Place(rawValue: String(part)).map(Piece.value) ?? .text([]) : .text(Array(part.utf8))
        }
        self.size = parts.reduce(0) { $0 + $1.utf8.count }
    }

    /// The page of a visit, or nil when that was no success, or one with other parts.
    func render(_ page: HomePage) -> [UInt8]? {
        guard page.failure == nil, let token = page.token, let principal = page.principalUsed,
            self.hasDetails == (page.details != nil)
        else { return nil }
        let details = page.tokenDetails
        var html: [UInt8] = []
        html.reserveCapacity(self.size + token.utf8.count + principal.utf8.count + 256)
        for piece in self.pieces {
            switch piece {
            case .text(let bytes):
                html.append(contentsOf: bytes)
            case .value(.identityTime) where page.timings.identity != nil:
                page.timings.identity.map { DurationText.append($0, to: &html) }
            case .value(.vaultTime) where page.timings.vault != nil:
                page.timings.vault.map { DurationText.append($0, to: &html) }
            case .value(.tokenExpiry) where page.tokenExpiresOn != nil:
                page.tokenExpiresOn.map { UTCText.append($0, to: &html) }
            case .value(.expiry) where page.accessTokenExpiresOn != nil:
                page.accessTokenExpiresOn.map { UTCText.append($0, to: &html) }
            case .value(let place):
                let value =
                    switch place {
                    case .token: token
                    case .principal: principal
                    case .identityTime: page.identityTime
                    case .vaultTime: page.vaultTime
                    case .tokenExpiry: page.tokenExpiry
                    case .expiry: page.expiry
                    case .provider: details?.provider ?? ""
                    case .account: details?.account ?? ""
                    case .scopes: details?.scopes ?? ""
                    case .loggedIn: details?.loggedIn ?? ""
                    case .renewed: details?.renewed ?? ""
                    case .renews: details?.renews ?? ""
                    }
                self.escaping.append(value, to: &html)
            }
        }
        return html
    }

    /// A page with marks for values.
    private struct Marked: MustacheParent {
        let page: HomePage
        let hasDetails: Bool

        func child(named name: String) -> Any? {
            guard name != "hasDetails" else { return self.hasDetails }
            guard Place(rawValue: name) != nil else { return self.page.child(named: name) }
            return "\(PreparedPage.mark)\(name)\(PreparedPage.mark)"
        }
    }
}
