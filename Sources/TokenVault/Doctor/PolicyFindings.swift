import VaultCore

/// Whether anybody may read tokens, and who may read all of them.
struct PolicyFindings {
    let store: any AdministeredStore
    /// Nil when they are not known.
    let issuers: [IssuerURL]?

    func all() async throws -> [DoctorFinding] {
        let policies = try await self.store.policies(on: nil)
        let readers = policies.filter { $0.allows(.getToken) }
        guard !readers.isEmpty else {
            return [
                .broken(
                    "policies",
                    "Nobody may read a token.",
                    do: "`token-vault policy grant --tenant ID --object ID --permissions Get --service NAME`"
                )
            ]
        }
        var findings = [
            DoctorFinding.works("policies", "\(Set(readers.map(\.principal)).count) principals may read tokens")
        ]
        let all = Set(readers.filter { $0.resource == .store }.map(\.principal))
        if !all.isEmpty {
            findings.append(
                .note(
                    "policies",
                    "\(all.count) of them may read every token of every service and person.",
                    do:
                        "if that is not meant, grant with --service and --token, and `token-vault policy revoke` the one of "
                        + "the store"
                )
            )
        }
        return findings + Self.foreign(policies, issuers: self.issuers)
    }

    /// Policies that no caller can ever match.
    private static func foreign(_ policies: [AccessPolicy], issuers: [IssuerURL]?) -> [DoctorFinding] {
        guard let issuers, issuers.allSatisfy({ $0.tenantID != nil }) else { return [] }
        let tenants = Set(issuers.compactMap(\.tenantID))
        let others = Set(policies.map(\.principal.tenantID)).subtracting(tenants)
        return others.sorted().map { tenant in
            .broken(
                "policies",
                "One is for tenant \(tenant), and no issuer in TOKEN_VAULT_ISSUERS is that tenant's.",
                do: "add the issuer, or `token-vault policy revoke` it"
            )
        }
    }
}
