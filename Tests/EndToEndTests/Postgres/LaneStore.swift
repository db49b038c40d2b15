import Foundation

/// Where the vaults of a lane keep what they know.
enum LaneStore: Sendable {
    /// In a SQLite file of the lane's directory.
    case file
    /// In a database of a server, which is made with the lane.
    case postgres(PostgresCluster, database: String)

    var isFile: Bool {
        if case .file = self { true } else { false }
    }

    /// What vaults and commands are told of it; makes the database.
    func environment(in directory: URL) async throws -> [String: String] {
        guard case .postgres(let cluster, let database) = self else { return [:] }
        return [
            "TOKEN_VAULT_STORE": try await cluster.makeDatabase(database),
            "TOKEN_VAULT_POSTGRES_PASSWORD_FILE": cluster.passwordFile,
            "TOKEN_VAULT_STATE_DIRECTORY": directory.appending(path: "state").path(percentEncoded: false),
        ]
    }
}
