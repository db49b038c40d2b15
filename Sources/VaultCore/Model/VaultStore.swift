package import Foundation

/// Where a vault keeps what it knows; secrets are in it only sealed.
///
/// Each method is one transaction. Errors are ``StoreError``, or `CancellationError`.
package protocol VaultStore: Sendable {
    /// The row of the store; nil as long as none was made.
    func record() async throws -> StoreRecord?
    /// The wrapped data keys, the oldest first.
    func dataKeys() async throws -> [DataKeyRecord]
    /// Makes the store and its first data key; false when there is one already.
    func create(name: String, keyEncryptionKey: KeyEncryptionKey) async throws -> Bool

    func service(_ name: String) async throws -> StoredService?
    /// Makes a service; the one that has the name afterwards may be an older one with another provider.
    func createService(_ name: String, provider: String) async throws -> (service: StoredService, isNew: Bool)

    /// All services, by name.
    func services() async throws -> [StoredService]
    /// Forgets a service that has no tokens, or with its tokens.
    ///
    /// - Returns: How many tokens it had; nil when there is no such service.
    func deleteService(_ name: String, withTokens: Bool) async throws -> Int?

    func token(service: String, name: String) async throws -> StoredToken?
    /// All tokens, by service and name.
    func tokens() async throws -> [StoredToken]
    /// Stores an access token in place of the one before, and makes the token if it is new.
    ///
    /// - Returns: The version of the credential; nil when there is no such service.
    func saveAccessToken(
        _ accessToken: String,
        expiresOn: Date?,
        service: String,
        token: String,
        sealer: CredentialSealer
    ) async throws -> Int64?
    /// Forgets a token and its credential; false when there was none.
    func deleteToken(service: String, name: String) async throws -> Bool

    /// What a principal may do; nil when there is no policy for it.
    func policy(for principal: Principal) async throws -> AccessPolicy?
    func policies() async throws -> [AccessPolicy]
    /// Adds permissions to those that a principal has, and returns the policy as it is then.
    func grant(_ permissions: Permission, to principal: Principal) async throws -> AccessPolicy
    /// Takes all permissions from a principal; false when it had none.
    func revoke(_ principal: Principal) async throws -> Bool

    /// Adds a row to the audit; it is on the disk when this returns.
    ///
    /// - Returns: False when there is little room for more.
    @discardableResult
    func append(_ entry: AuditEntry) async throws -> Bool
    /// Makes room for the audit to come; false when the disk has none.
    func fillReserve() async throws -> Bool
    /// When somebody last asked for a token; nil when nobody has.
    func lastAuditTime() async throws -> Date?
    /// Hands the rows of the audit to the body, the oldest first: all of them, or those from before a time.
    func readAudit(before date: Date?, _ body: (AuditRow) -> Void) async throws
    /// Finds out whether the audit could be written.
    func checkWritable() async throws
}

extension VaultStore {
    /// Unwraps the keys of this store.
    ///
    /// - Throws: ``SealerError``.
    package func sealer(keyEncryptionKey: KeyEncryptionKey) async throws -> CredentialSealer {
        guard let record = try await self.record() else {
            throw SealerError.damaged
        }
        return try CredentialSealer(
            store: record,
            dataKeys: try await self.dataKeys(),
            keyEncryptionKey: keyEncryptionKey
        )
    }
}
