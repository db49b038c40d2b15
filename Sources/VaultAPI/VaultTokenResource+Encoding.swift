package import Foundation

extension VaultTokenResource {
    /// The body of the answer to a GET; its names are in camel case.
    ///
    /// `value` is `null` for a token without a login: clients look at it before the status.
    package func getBody(now: Date = Date()) throws -> Data {
        try JSONEncoder.vault.encode(Body(self, now: now))
    }
}

private struct Body: Encodable {
    struct Value: Encodable {
        var accessToken: String
        var expiresIn: Int?
    }

    struct Status: Encodable {
        struct Problem: Encodable {
            var code: String
            var message: String
        }
        var state: String
        var error: Problem?
    }

    enum CodingKeys: String, CodingKey {
        case name
        case displayName
        case parameterValues
        case tokenUri
        case loginUri
        case value
        case status
        case location
        case details
    }

    let resource: VaultTokenResource
    let now: Date

    init(_ resource: VaultTokenResource, now: Date) {
        self.resource = resource
        self.now = now
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.resource.name, forKey: .name)
        try container.encode(self.resource.displayName, forKey: .displayName)
        try container.encode(self.resource.parameterValues, forKey: .parameterValues)
        try container.encode(self.resource.tokenURI, forKey: .tokenUri)
        try container.encode(self.resource.loginURI, forKey: .loginUri)
        if let token = self.resource.value {
            let seconds = token.expiry.map { $0.seconds(from: self.now) }
            try container.encode(Value(accessToken: token.accessToken, expiresIn: seconds), forKey: .value)
        } else {
            try container.encodeNil(forKey: .value)
        }
        switch self.resource.status {
        case .ok:
            try container.encode(Status(state: "Ok"), forKey: .status)
        case .error(let code, let message):
            let problem = Status.Problem(code: code, message: message)
            try container.encode(Status(state: "Error", error: problem), forKey: .status)
        }
        try container.encode(self.resource.location, forKey: .location)
        let details = self.resource.details.map { VaultTokenDetails.Body($0, isPascalCase: false) }
        try container.encodeIfPresent(details, forKey: .details)
    }
}
