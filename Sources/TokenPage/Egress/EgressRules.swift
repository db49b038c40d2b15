/// The file that `TOKEN_PAGE_EGRESS` names: a JSON object with a rule for each name.
struct EgressRules: Sendable {
    static let variable = "TOKEN_PAGE_EGRESS"

    let rules: [String: EgressRule]

    /// Reads the file and checks every rule.
    ///
    /// - Throws: ``ConfigurationError`` with a sentence that names the file, the rule and the key.
    init(file: String, credentialsDirectory: String?) throws {
        self.rules = try Dictionary(
            uniqueKeysWithValues: RuleFile(variable: Self.variable, path: file).entries().map { name, value in
                let reader = EgressRuleReader(file: file, name: name, credentialsDirectory: credentialsDirectory)
                return (name, try reader.rule(value))
            }
        )
    }

    init(rules: [String: EgressRule]) {
        self.rules = rules
    }
}
