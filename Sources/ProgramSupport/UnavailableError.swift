/// Something that is needed and not there now, such as room on a disk: one sentence that says what and what to do.
///
/// Ends the program with exit code 75 (`EX_TEMPFAIL`): started again later, it may work without a change.
package struct UnavailableError: ProgramError, Equatable {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    package var exitStatus: ExitStatus { .unavailable }
}
