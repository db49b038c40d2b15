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

    func payload(sealer: CredentialSealer) throws -> Data {
        let sealed = try sealer.seal(JSONEncoder().encode(self), as: Self.field)
        return try JSONEncoder().encode(Envelope(keyID: sealer.currentKeyID, sealed: sealed.combined))
    }

    /// Nil for what does not open.
    init?(payload: Data, sealer: CredentialSealer) {
        guard
            let envelope = try? JSONDecoder().decode(Envelope.self, from: payload),
            let sealed = SealedValue(combined: envelope.sealed),
            let bytes = try? sealer.openBytes(sealed, keyID: envelope.keyID, as: Self.field),
            let answer = try? JSONDecoder().decode(Self.self, from: bytes)
        else { return nil }
        self = answer
    }
}
