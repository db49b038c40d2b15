import ArgumentParser
import Foundation
import GuardedFiles
import ProgramSupport
import VaultCore

struct ImportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in what `token-vault export` wrote, with its passphrase in standard input.",
        discussion: "The services have to be there, set up as they were. All tokens are taken in, or none."
    )

    @Argument(help: "The file.")
    var file: String

    @Flag(help: "Also in the place of credentials that are there already.")
    var replace = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        let passphrase = try await Passphrase.read(context, isNew: false)
        let (store, sealer) = try await context.openChainedStore()
        let tokens = try await self.tokens(passphrase)
        let outcome = try await store.importTokens(tokens, replaces: self.replace, sealer: sealer) { token in
            .command(.importToken, service: token.service, token: token.name)
        }
        switch outcome {
        case .refused(let complaints):
            throw CommandRefusal("Nothing was taken in. " + complaints.joined(separator: " "))
        case .imported(let count):
            try context.report(
                Report(tokens: count),
                self.output,
                or: ["Took in \(count) tokens. Delete \(self.file): import it into no other store."]
            )
        }
    }

    private func tokens(_ passphrase: String) async throws -> [ExportedToken] {
        do {
            return try await TokenArchive.open(ArchiveFile(path: self.file).contents(), passphrase: passphrase)
        } catch let error as GuardedFileError {
            throw ConfigurationError(error.description)
        } catch let failure as TokenArchive.Failure {
            switch failure {
            case .noArchive: throw ConfigurationError("\(self.file) is not what `token-vault export` writes.")
            case .unknownParameters:
                throw ConfigurationError("\(self.file) was written by another version of token-vault: use that one.")
            case .doesNotOpen:
                throw CommandRefusal("\(self.file) does not open with this passphrase, or it was changed.")
            }
        }
    }

    private struct Report: Encodable {
        let tokens: Int
    }
}
