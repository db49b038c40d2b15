import ArgumentParser

/// Tokens of a token vault, for a person, a script, or git.
struct VaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vault",
        abstract: "Get a fresh token out of a token vault, with the identity of this machine.",
        subcommands: [VaultGetCommand.self, GitCredentialCommand.self]
    )
}
