/// The version that all programs of this package have, and tell with `--version`.
package enum ProgramVersion {
    package static let number = "0.1.0"

    /// What a program prints, in the form that GNU's coding standards ask for.
    package static func text(of program: String) -> String { "\(program) \(Self.number)" }
}
