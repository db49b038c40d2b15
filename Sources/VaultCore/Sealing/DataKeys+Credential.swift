import Foundation

/// How the parts of a credential are sealed: each for itself, so that a reader of the access token opens nothing else.
extension DataKeys {
    package func seal(
        _ credential: Credential,
        service: String,
        token: String,
        version: Int64
    ) throws -> SealedCredential {
        let place = SealedCredential.Place(
            service: service,
            token: token,
            version: version,
            expiresOn: credential.expiresOn.map(SealedCredential.seconds),
            refreshExpiresOn: credential.refreshExpiresOn.map(SealedCredential.seconds),
            configurationHash: credential.configurationHash,
            binding: .counted
        )
        return SealedCredential(
            place: place,
            keyID: self.currentKeyID,
            accessToken: try self.seal(credential.accessToken, as: place.field(.accessToken)),
            refreshToken: try credential.refreshToken.map { try self.seal($0, as: place.field(.refreshToken)) },
            extraValues: credential.extraValues.isEmpty
                ? nil : try self.seal(Self.text(of: credential.extraValues), as: place.field(.extraValues)),
            refreshDigest: credential.refreshToken.map(Credential.digest),
            scopes: credential.scopes,
            counter: SealedCredential.Counter(
                keyID: self.currentKeyID,
                sealed: try self.seal(Data(), as: place.counterField)
            )
        )
    }

    /// - Throws: ``SealerError/damaged``, also for an older credential in the place of the latest.
    package func openAccessToken(of sealed: SealedCredential) throws -> String {
        let field = sealed.place.field(.accessToken)
        switch sealed.place.binding {
        case .none: return try self.openUnbound(sealed.accessToken, keyID: sealed.keyID, as: field)
        case .row: break
        case .counted:
            guard let counter = sealed.counter else { throw SealerError.damaged }
            _ = try self.openBytes(counter.sealed, keyID: counter.keyID, as: sealed.place.counterField)
        }
        return try self.open(sealed.accessToken, keyID: sealed.keyID, as: field)
    }

    /// - Throws: ``SealerError/damaged``.
    package func open(_ sealed: SealedCredential) throws -> Credential {
        let extraValues = try sealed.extraValues.map {
            try self.open($0, keyID: sealed.keyID, as: sealed.place.field(.extraValues))
        }
        return Credential(
            accessToken: try self.openAccessToken(of: sealed),
            expiresOn: sealed.expiresOn,
            refreshToken: try sealed.refreshToken.map {
                try self.open($0, keyID: sealed.keyID, as: sealed.place.field(.refreshToken))
            },
            refreshExpiresOn: sealed.refreshExpiresOn,
            extraValues: try extraValues.map(Self.values) ?? [:],
            scopes: sealed.scopes,
            configurationHash: sealed.place.configurationHash
        )
    }

    static func text(of values: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(values), as: UTF8.self)
    }

    private static func values(_ text: String) throws -> [String: String] {
        guard let values = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
            throw SealerError.damaged
        }
        return values
    }
}
