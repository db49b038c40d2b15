import ProgramSupport

/// The command line is right in itself, and does not go with what the store holds: most likely a name was mistyped.
///
/// Ends the program with exit code 1.
struct CommandRefusal: ProgramError, Equatable {
    let description: String

    init(_ description: String) {
        self.description = description
    }

    var exitStatus: ExitStatus { .failure }

    static func noService(_ name: String) -> Self {
        Self("There is no service \(name): `token-vault service list` shows those that there are.")
    }

    static func noToken(_ token: String, of service: String) -> Self {
        Self("There is no token \(service)/\(token): `token-vault token list` shows those that there are.")
    }
}
