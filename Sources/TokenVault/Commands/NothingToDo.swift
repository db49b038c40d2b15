/// A command was to take something away that is not there: most likely its name was mistyped.
///
/// Ends the program with exit code 1.
struct NothingToDo: Error, Sendable, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
