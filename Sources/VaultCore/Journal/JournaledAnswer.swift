import Foundation

/// A provider's answer with all that the store needs to take it later, sealed as a whole.
struct JournaledAnswer: Sendable, Codable {
    private let service: String
    private let name: String
    private let epoch: Int64
    private let version: Int64
    /// A ``KeptAnswer``.
    let answer: Data

    init(_ answer: Data, of token: TokenKey, permit: RenewalPermit) {
        self.service = token.service
        self.name = token.token
        self.epoch = permit.epoch
        self.version = permit.version
        self.answer = answer
    }

    var token: TokenKey { TokenKey(service: self.service, token: self.name) }

    /// What it was asked for with; nothing is sent with it any more.
    var permit: RenewalPermit {
        RenewalPermit(
            epoch: self.epoch,
            version: self.version,
            until: LeaseTime(boot: "", milliseconds: 0),
            wasPresented: true
        )
    }

    private struct Envelope: Codable {
        let keyID: String
        let sealed: Data
    }

    /// One that is put back later does not fit the epoch of its token any more.
    private static let field = SealedField(service: "", kind: .journaledAnswer, version: 0)

    func payload(keys: DataKeys) throws -> Data {
        let sealed = try keys.seal(JSONEncoder().encode(self), as: Self.field)
        return try JSONEncoder().encode(Envelope(keyID: keys.currentKeyID, sealed: sealed.combined))
    }

    /// The data key that a record is sealed with; nil for what is no record.
    static func keyID(ofPayload payload: Data) -> String? {
        (try? JSONDecoder().decode(Envelope.self, from: payload))?.keyID
    }

    /// Nil for what does not open.
    ///
    /// - Throws: What ``CredentialSealer/reload()`` does, which says nothing about the record.
    static func open(payload: Data, sealer: CredentialSealer) async throws -> Self? {
        guard
            let envelope = try? JSONDecoder().decode(Envelope.self, from: payload),
            let sealed = SealedValue(combined: envelope.sealed)
        else { return nil }
        do {
            let bytes = try await sealer.open { try $0.openBytes(sealed, keyID: envelope.keyID, as: Self.field) }
            return try? JSONDecoder().decode(Self.self, from: bytes)
        } catch is SealerError {
            return nil
        }
    }
}
