/// A setting that cannot be used: one sentence that says what is wrong and what to do.
///
/// Ends the program with exit code 78 (`EX_CONFIG`).
package struct ConfigurationError: ProgramError, Equatable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    package var exitStatus: ExitStatus { .configuration }
}
