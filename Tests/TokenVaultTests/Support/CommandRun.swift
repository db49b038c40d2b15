import ArgumentParser
import Foundation
import TestSupport

@testable import TokenVault

/// One run of a command that needs no store.
enum CommandRun {
    static func lines(_ arguments: [String], environment: [String: String] = [:]) async throws -> [String] {
        let output = Box<[String]>([])
        let context = CommandContext(
            environment: environment,
            readInput: { _ in Data() },
            write: { line in output.withLock { $0.append(line) } }
        )
        let command = try TokenVaultCommand.parseAsRoot(arguments)
        guard let command = command as? any VaultCommand else { throw StoreFixture.CommandIsAGroup() }
        try await command.runExplainingErrors(in: context)
        return output.value
    }
}
