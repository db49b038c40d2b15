import VaultCore

/// What a restored store has that the replaced one had not, and the other way round: names alone.
struct StoreDifferenceReport: Encodable {
    struct Policy: Encodable {
        /// Nil for one of the whole store.
        let service: String?
        /// Nil for one of a service or of the store.
        let token: String?
        let tenantId: String
        let objectId: String
        let permissions: [String]

        init(_ grant: StoreDifference.Grant) {
            let (service, token) = grant.resource.names
            self.service = service.isEmpty ? nil : service
            self.token = token.isEmpty ? nil : token
            self.tenantId = grant.principal.tenantID
            self.objectId = grant.principal.objectID
            self.permissions = grant.permissions.names
        }
    }

    struct Token: Encodable {
        let service: String
        let name: String

        init(_ token: TokenKey) {
            self.service = token.service
            self.name = token.token
        }
    }

    let policiesBack: [Policy]
    let policiesGone: [Policy]
    let servicesBack: [String]
    let servicesGone: [String]
    let tokensBack: [Token]
    let tokensGone: [Token]

    init(_ difference: StoreDifference) {
        self.policiesBack = difference.grantsBack.map(Policy.init)
        self.policiesGone = difference.grantsGone.map(Policy.init)
        self.servicesBack = difference.servicesBack
        self.servicesGone = difference.servicesGone
        self.tokensBack = difference.tokensBack.map(Token.init)
        self.tokensGone = difference.tokensGone.map(Token.init)
    }
}

extension StoreDifference {
    /// How many names a person is shown of each kind; `--json` has all.
    private static let shown = 20

    /// What somebody has to look at before anything else: what they took away is allowed again.
    var warnings: [String] {
        guard !self.grantsBack.isEmpty else { return [] }
        // All of them: each may be somebody who was locked out.
        return [
            "\(Self.count(self.grantsBack.count, "policy is back that was", "policies are back that were")) taken away since the "
                + "backup was made; unless that is meant, `token-vault policy revoke` takes what is back away again:"
        ] + self.grantsBack.map(Self.line)
    }

    /// The rest, for a person.
    var lines: [String] {
        guard !self.isEmpty else { return ["It has the services, tokens and policies of the store that was there."] }
        var lines: [String] = []
        func add(_ names: [String], _ one: String, _ many: String) {
            guard !names.isEmpty else { return }
            lines.append("\(Self.count(names.count, one, many)):")
            lines += names.prefix(Self.shown).map { "  \($0)" }
            if names.count > Self.shown { lines.append("  and \(names.count - Self.shown) more") }
        }
        add(self.servicesBack, "service is back that was deleted since", "services are back that were deleted since")
        add(
            self.tokensBack.map(\.description),
            "token is back that was deleted since",
            "tokens are back that were deleted since"
        )
        add(
            self.grantsGone.map { String(Self.line($0).dropFirst(2)) },
            "policy is gone that was made since",
            "policies are gone that were made since"
        )
        add(self.servicesGone, "service is gone that was made since", "services are gone that were made since")
        add(
            self.tokensGone.map(\.description),
            "token is gone that was made since",
            "tokens are gone that were made since"
        )
        return lines
    }

    private static func count(_ number: Int, _ one: String, _ many: String) -> String {
        "\(number) \(number == 1 ? one : many)"
    }

    private static func line(_ grant: Grant) -> String {
        "  \(grant.principal.title) may \(grant.permissions.names.joined(separator: ",")) on \(grant.resource.title)"
    }
}
