/// Reads settings from an environment; an empty variable counts as one that is not set.
package struct SettingsReader: Sendable {
    private let environment: [String: String]

    package init(environment: [String: String]) {
        self.environment = environment
    }

    package func string(_ name: String) -> String? {
        guard let value = self.environment[name], !value.isEmpty else { return nil }
        return value
    }

    /// A whole number within a range.
    package func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws -> Int {
        guard let text = self.string(name) else { return standard }
        guard let value = Int(text), range.contains(value) else {
            throw Self.unusable(
                name,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound), for example \(standard)"
            )
        }
        return value
    }

    /// `true` or `false`.
    package func boolean(_ name: String, default standard: Bool) throws -> Bool {
        guard let text = self.string(name) else { return standard }
        guard let value = Bool(text.lowercased()) else {
            throw Self.unusable(name, "must be true or false, for example \(standard)")
        }
        return value
    }

    /// A number of seconds within a range, with a decimal point or without.
    package func seconds(_ name: String, in range: ClosedRange<Double>, default standard: Int) throws -> Duration {
        guard let text = self.string(name) else { return .seconds(standard) }
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard isPlain, let value = Double(text), range.contains(value) else {
            throw Self.unusable(
                name,
                "must be a number of seconds from \(range.lowerBound) to \(range.upperBound), for example \(standard)"
            )
        }
        return .milliseconds(Int((value * 1_000).rounded()))
    }

    /// The one sentence about a bad value.
    ///
    /// It does not repeat the value, which may hold a secret by mistake.
    package static func unusable(_ name: String, _ rule: String) -> ConfigurationError {
        ConfigurationError("\(name) \(rule).")
    }
}
