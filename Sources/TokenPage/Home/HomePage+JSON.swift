import AppAuthentication
import Foundation
import TokenVaultHummingbird
import VaultAPI

extension HomePage {
    /// The page for programs.
    ///
    /// Every name is always there, with `null` for what is not.
    func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(Body(page: self))
    }
}

private struct Body: Encodable {
    let page: HomePage

    enum CodingKeys: String, CodingKey {
        case token
        case principalUsed
        case caller
        case grant
        case error
        case help
        case attempts
        case timings
        case accessTokenExpiresOn
        case tokenExpiresOn
        case login
        case details
    }

    func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        let failure = self.page.failure
        let help = self.page.troubleshooting
        try body.encode(self.page.token, forKey: .token)
        try body.encode(self.page.principalUsed, forKey: .principalUsed)
        let caller = self.page.principal.flatMap(Caller.init)
        let grant = caller?.grant(withLogin: self.page.offersLogin)
        try body.encode(caller, forKey: .caller)
        try body.encode(failure?.isForbidden == true ? grant : nil, forKey: .grant)
        try body.encode(failure?.message, forKey: .error)
        try body.encode(failure.map { help.link(to: $0.anchor) }, forKey: .help)
        try body.encode(
            (failure?.attempts ?? []).map {
                Attempt(method: $0.name, reason: $0.reason, help: help.link(to: $0.anchor))
            },
            forKey: .attempts
        )
        // Where a person logs in, as seen from this page.
        let offersLogin = self.page.offersLogin && failure?.needsLogin == true
        try body.encode(offersLogin ? String(LoginPaths().login.dropFirst()) : nil, forKey: .login)
        try body.encode(
            self.page.details.map { VaultTokenDetails.Body($0, isPascalCase: false) },
            forKey: .details
        )
        try body.encode(Timings(timings: self.page.timings), forKey: .timings)
        try body.encode(self.page.tokenExpiresOn.map { $0.formatted(.iso8601) }, forKey: .tokenExpiresOn)
        try body.encode(
            self.page.accessTokenExpiresOn.map { $0.formatted(.iso8601) },
            forKey: .accessTokenExpiresOn
        )
    }

    /// Whom an access policy of the vault has to name.
    struct Caller: Encodable {
        let tenantId: String
        let objectId: String

        /// Nil where the access token does not say who it is.
        init?(_ principal: Principal) {
            guard let tenantID = principal.tenantID, let objectID = principal.objectID, !objectID.isEmpty else {
                return nil
            }
            self.tenantId = ShownText(tenantID, limit: 200).text
            self.objectId = ShownText(objectID, limit: 200).text
        }

        /// The command that lets the page into a vault of ours.
        func grant(withLogin: Bool) -> String {
            PolicyGrant(
                tenantID: self.tenantId,
                objectID: self.objectId,
                permissions: PolicyGrant.permissions(withLogin: withLogin)
            ).command
        }
    }

    struct Attempt: Encodable {
        let method: String
        let reason: String
        let help: String
    }

    struct Timings: Encodable {
        let timings: StepTimings

        enum CodingKeys: String, CodingKey {
            case identityMilliseconds
            case vaultMilliseconds
        }

        func encode(to encoder: any Encoder) throws {
            var body = encoder.container(keyedBy: CodingKeys.self)
            try body.encode(self.timings.identity.map(Self.rounded), forKey: .identityMilliseconds)
            try body.encode(self.timings.vault.map(Self.rounded), forKey: .vaultMilliseconds)
        }

        static func rounded(_ duration: Duration) -> Double {
            (duration.milliseconds * 1_000).rounded() / 1_000
        }
    }
}
