import ArgumentParser
import Foundation
import TokenVaultClient

/// Prints a token of a vault.
struct VaultGetCommand: SurroundedCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Print a fresh token of a vault.",
        discussion: """
            It is printed on standard output and nowhere else. Hand it on through a pipe or the environment, and not as an \
            argument of another program, which every user of the machine can read.
            """
    )

    @OptionGroup var token: VaultTokenOptions
    @OptionGroup var format: OutputOption

    func run(in context: CommandContext) async throws {
        let token = try await self.token.token(in: context)
        switch self.format.output {
        case .text: try context.say(token.accessToken)
        case .json:
            let answer = Answer(
                accessToken: token.accessToken,
                expiresOn: token.expiry?.date(receivedAt: Date())
            )
            try context.say(try WhoAmIReport.json(answer))
        }
    }

    private struct Answer: Encodable {
        let accessToken: String
        /// Left out where the provider did not say.
        let expiresOn: Date?
    }
}
