extension EgressRules {
    /// Where the token of each rule comes from; rules for the same token share their calls of the vault.
    func sources(identity: CallerIdentity, vault: TokenVaultCaller, timeLimit: Duration) -> [String: EgressSource] {
        let tokens = EgressTokens()
        return Dictionary(
            uniqueKeysWithValues: self.rules.map { name, rule in
                let source = EgressSource(
                    name: name,
                    rule: rule,
                    identity: identity,
                    vault: vault,
                    tokens: tokens,
                    timeLimit: timeLimit
                )
                return (name, source)
            }
        )
    }
}
