/// An error that ends a program: its description is one sentence for the person who started it.
package protocol ProgramError: Error, Sendable, CustomStringConvertible {
    /// How the program ends.
    var exitStatus: ExitStatus { get }
}
