import ArgumentParser
import Foundation
import ProgramSupport

/// Prints who the identities are, which is no secret.
struct PrincipalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "principal",
        abstract: "Print the tenant, object and application ids of the identities, so that they can be granted access."
    )

    @Argument(help: "Print this identity alone, without its name, as assignments that a shell can read.")
    var name: String?

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let path = environment["AZURE_EMULATOR_IDENTITIES"].flatMap { $0.isEmpty ? nil : $0 }
        let text = try Self.text(
            DirectoryFile.load(path: path),
            tenantID: Settings.tenantID(environment: environment),
            name: self.name
        )
        try StandardOutput.write(text + "\n")
    }

    static func text(_ directory: Directory, tenantID: String, name: String?) throws -> String {
        func ids(_ identity: Identity) -> String {
            "tid=\(tenantID) oid=\(identity.objectID) appid=\(identity.clientID)"
        }
        guard let name else {
            return directory.identities.map { "\($0.name) \(ids($0))" }.joined(separator: "\n")
        }
        guard let identity = directory.identities.first(where: { $0.name == name }) else {
            let known = directory.identities.map(\.name).joined(separator: ", ")
            throw ConfigurationError("There is no identity of that name; there are \(known).")
        }
        return ids(identity)
    }
}
