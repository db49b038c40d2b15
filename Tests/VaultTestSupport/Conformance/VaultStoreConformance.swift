package import Foundation
package import VaultCore

/// What any store has to do, as a table of cases that its tests run.
package struct VaultStoreConformance: Sendable, CustomStringConvertible {
    /// A store that was just made, and what a case needs beside it.
    package struct Subject: Sendable {
        package let store: any VaultStore
        package let sealer: CredentialSealer
        /// The time that the store goes by.
        package let now: Date

        package init(store: any VaultStore, sealer: CredentialSealer, now: Date) {
            self.store = store
            self.sealer = sealer
            self.now = now
        }
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package let description: String
    package let run: @Sendable (Subject) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (Subject) async throws -> Void) {
        self.description = description
        self.run = run
    }

    package static let cases: [VaultStoreConformance] =
        Self.services + Self.clientSecrets + Self.tokens + Self.credentials + Self.policies + Self.logins
        + Self.renewals
}

/// Ends a case whose condition does not hold.
func require(_ condition: Bool, _ what: @autoclosure () -> String, line: UInt = #line) throws {
    guard condition else {
        throw VaultStoreConformance.Failure(description: "line \(line): \(what())")
    }
}

func requireEqual<Value: Equatable>(_ value: Value, _ expected: Value, line: UInt = #line) throws {
    try require(value == expected, "\(value) is not \(expected)", line: line)
}

func requireValue<Value>(_ value: Value?, line: UInt = #line) throws -> Value {
    guard let value else {
        throw VaultStoreConformance.Failure(description: "line \(line): there is no value")
    }
    return value
}

extension VaultStoreConformance.Subject {
    /// A service with nothing but a name.
    func addService(_ name: String = "dropbox") async throws {
        _ = try await self.store.createService(name, provider: "dropbox")
    }

    func save(_ credential: Credential, as token: String = "sample", service: String = "dropbox") async throws -> Int64
    {
        try requireValue(
            try await self.store.saveCredential(credential, service: service, token: token, sealer: self.sealer)
        )
    }

    func token(_ name: String = "sample", service: String = "dropbox") async throws -> StoredToken {
        try requireValue(try await self.store.token(service: service, name: name))
    }

    func credential(_ name: String = "sample", service: String = "dropbox") async throws -> Credential {
        try self.sealer.keys.open(try requireValue(try await self.token(name, service: service).credential))
    }
}
