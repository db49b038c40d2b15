import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore

struct ExportCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write tokens into a file for another store, sealed with a passphrase from standard input.",
        discussion: """
            Where the provider takes no refresh token twice, the token is moved: here it says `Exported` from then on, and its \
            refresh token is not used any more. Import the file into one store only. The audit has an entry for each token. If this \
            is interrupted and a token says `Exported` while there is no file, name it with --token to export it again.
            """
    )

    @Argument(help: "The file; it must not be there yet.")
    var file: String

    @Option(help: "The tokens of this service only.")
    var service: String?

    @Option(help: "This token only; with --service.")
    var token: String?

    @Flag(help: "All tokens of the store.")
    var all = false

    @OptionGroup var output: OutputOptions

    func run(in context: CommandContext) async throws {
        guard self.all ? self.service == nil && self.token == nil : self.service != nil else {
            throw UsageError("Say which tokens: --service NAME, perhaps with --token NAME, or --all.")
        }
        let passphrase = try await Passphrase.read(context, isNew: true)
        let file = ArchiveFile(path: self.file)
        let catalog = try ProviderSettings.catalog(environment: context.environment)
        let (store, sealer) = try await context.openChainedStore()
        try file.checkIsAbsent()
        let exported = try await store.exportTokens(
            self.names(in: store),
            // Whoever names it means it: the file of before is gone, or never was.
            repeats: self.token != nil,
            rotating: CopiedStore(store: store, catalog: catalog).rotatingServices(),
            sealer: sealer
        ) { token in
            .command(
                .exportToken,
                service: token.service,
                token: token.name,
                outcome: .given,
                detail: token.isMoved ? "moved" : "shared"
            )
        }
        var archive: Data?
        do {
            let sealed = try await TokenArchive.seal(
                exported.tokens,
                passphrase: passphrase,
                rounds: context.archiveRounds
            )
            archive = sealed
            try file.create(sealed)
        } catch {
            // Its tokens would be used here and wherever it is imported.
            if let archive, file.mayHold(archive) {
                throw CommandRefusal(
                    "\(error) The tokens are in \(self.file) all the same and say `Exported` here: copy the file to another disk "
                        + "at once, or export each of them again with --token."
                )
            }
            try await store.undoExport(
                of: exported.ended,
                entries: exported.tokens.map {
                    .command(.exportToken, service: $0.service, token: $0.name, outcome: .failed)
                }
            )
            throw error
        }
        try self.report(exported.tokens, leftOut: exported.leftOut, context)
    }

    private func names(in store: any AdministeredStore) async throws -> [TokenKey]? {
        guard let service = self.service else { return nil }
        let name = try Names.checked(service, of: "service")
        guard try await store.service(name) != nil else { throw CommandRefusal.noService(name) }
        guard let token = self.token else {
            return try await store.tokens(of: name, after: "", limit: .max).map {
                TokenKey(service: $0.service, token: $0.name)
            }
        }
        let checked = try Names.checked(token, of: "token")
        guard try await store.token(service: name, name: checked) != nil else {
            throw CommandRefusal.noToken(checked, of: name)
        }
        return [TokenKey(service: name, token: checked)]
    }

    private func report(_ tokens: [ExportedToken], leftOut: [TokenKey], _ context: CommandContext) throws {
        let moved = tokens.filter(\.isMoved).map { "\($0.service)/\($0.name)" }
        var lines = ["Wrote \(tokens.count) tokens to \(self.file)."]
        if !moved.isEmpty {
            let names = moved.joined(separator: ", ")
            lines.append("\(moved.count) of them were moved, and are not renewed here any more: \(names).")
        }
        let shared = tokens.filter { !$0.isMoved }.map { "\($0.service)/\($0.name)" }
        if !shared.isEmpty {
            lines.append(
                "\(shared.count) of them are used here too: whichever vault deletes one leaves the access as it is, and its owner "
                    + "can end that at the provider: \(shared.joined(separator: ", "))."
            )
        }
        if !leftOut.isEmpty {
            let names = leftOut.map { "\($0)" }.joined(separator: ", ")
            lines.append(
                "Left out, since nobody is logged in, it is over, or it was moved before (--token takes one out again): \(names)."
            )
        }
        try context.report(
            Report(
                file: self.file,
                tokens: tokens.count,
                moved: moved,
                shared: shared,
                leftOut: leftOut.map { "\($0)" }
            ),
            self.output,
            or: lines
        )
    }

    private struct Report: Encodable {
        let file: String
        let tokens: Int
        /// Those that are not renewed here any more, as `service/name`.
        let moved: [String]
        /// Those that two stores use from now on, as `service/name`; neither ends the grant.
        let shared: [String]
        let leftOut: [String]
    }
}
