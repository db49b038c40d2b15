import Foundation

extension Provider {
    private static let serviceValues: Set<String> = ["clientid", "scope", "scopes"]
    private static let authorizeValues: Set<String> = [
        "redirecturi", "redirecturl", "state", "codechallenge", "nonce",
    ]
    private static let codeValues: Set<String> = [
        "clientsecret", "redirecturi", "redirecturl", "code", "codeverifier",
    ]
    private static let renewalValues: Set<String> = ["clientsecret", "refreshtoken", "accesstoken"]

    /// Looks for what could only go wrong later, at somebody's login.
    ///
    /// - Throws: ``ProviderRowError``, which names the column.
    package func validate() throws(ProviderRowError) {
        if self.usesTemplates { return }
        let own = Set(self.placeholders.keys).union(Self.serviceValues)
        if self.discoveryURL == nil {
            guard self.authorizeURL != nil else { throw self.problem("authorizeUrl", "is missing.") }
            guard self.tokenURL != nil else { throw self.problem("tokenUrl", "is missing.") }
        }
        try self.check("discoveryUrl", self.discoveryURL, allowed: own)
        try self.check("authorizeUrl", self.authorizeURL, allowed: own)
        try self.check("tokenUrl", self.tokenURL, allowed: own)
        try self.check("refreshUrl", self.refreshURL, allowed: own)
        try self.check("deviceUrl", self.deviceURL, allowed: own)
        try self.check("issuer", self.issuer, allowed: own, isAddress: false)
        try self.check("authParams", self.authorizeParameters, allowed: own.union(Self.authorizeValues))
        try self.check("tokenParams", self.tokenParameters, allowed: own.union(Self.codeValues))
        try self.check("refreshParams", self.refreshParameters, allowed: own.union(Self.renewalValues))
        if let upgrade {
            try self.check("upgrade.url", upgrade.url, allowed: own)
            try self.check("upgrade.params", upgrade.parameters, allowed: own.union(Self.renewalValues))
        }
        if let info = self.identity.userInfo {
            try self.check("identity.userinfo.url", info.url, allowed: own.union(self.keptNames))
        }
        if let revocation {
            let allowed = own.union(Self.renewalValues).union(["token", "subject"]).union(self.keptNames)
            try self.check("revoke.url", revocation.url, allowed: allowed)
            try self.check("revoke.params", revocation.parameters, allowed: allowed)
        }
        try self.checkPlaceholders()
        try self.checkRenewal()
    }

    private var keptNames: Set<String> {
        Set((self.keptFromAnswer + self.keptFromRedirect).map { $0.lowercased() })
    }

    private func checkPlaceholders() throws(ProviderRowError) {
        for (name, placeholder) in self.placeholders.sorted(by: { $0.key < $1.key }) {
            let place = "placeholders.\(name)"
            guard (try? Regex(placeholder.pattern)) != nil else {
                throw self.problem("\(place).pattern", "is not a regular expression.")
            }
            if let value = placeholder.defaultValue, !placeholder.allows(value) {
                throw self.problem("\(place).default", "is a value that the placeholder does not allow itself.")
            }
            for value in placeholder.values where !placeholder.allows(value) {
                throw self.problem("\(place).values", "holds a value that does not match the pattern.")
            }
            // Otherwise whoever writes the redirect's query chooses where the code and the client secret are sent.
            guard placeholder.redirectParameter == nil || !placeholder.values.isEmpty else {
                throw self.problem(
                    "\(place).values",
                    "is missing: what comes in a redirect must be one of a list."
                )
            }
        }
    }

    private func checkRenewal() throws(ProviderRowError) {
        if self.renewal == .accessToken, self.refreshParameters.isEmpty {
            throw self.problem("refreshParams", "is missing: say how the access token is exchanged.")
        }
        if self.rotation.grace != nil, self.rotation.kind == Provider.RotationRules.Kind.none {
            throw self.problem("grace", "makes no sense where refresh tokens do not rotate.")
        }
    }

    private func check(
        _ column: String,
        _ text: String?,
        allowed: Set<String>,
        isAddress: Bool = true
    ) throws(ProviderRowError) {
        guard let text else { return }
        let template = PlaceholderText(text)
        if let other = template.names.subtracting(allowed).min() {
            throw self.problem(column, "has the placeholder {\(other)}, which there is not at this place.")
        }
        guard isAddress else { return }
        // A placeholder may be the whole host, or the scheme with it.
        let sample = template.filled(self.sampleValues(template.names)) ?? text
        do throws(ProviderRowError) {
            _ = try self.endpointRule.url(sample, place: column)
        } catch {
            throw self.problem(column, error.problem)
        }
    }

    private func check(
        _ column: String,
        _ parameters: [String: String?],
        allowed: Set<String>
    ) throws(ProviderRowError) {
        for (name, text) in parameters.sorted(by: { $0.key < $1.key }) {
            try self.check("\(column).\(name)", text, allowed: allowed, isAddress: false)
        }
    }

    private func sampleValues(_ names: Set<String>) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: names.map { name in
                let placeholder = self.placeholders[name]
                return (name, placeholder?.defaultValue ?? placeholder?.values.first ?? self.sample(placeholder))
            }
        )
    }

    /// Something that the pattern takes, whichever part of an address it is for.
    private func sample(_ placeholder: Placeholder?) -> String {
        let samples = ["https://a.example", "a.example", "https://a.example/b"]
        return samples.first { placeholder?.allows($0) ?? false } ?? "a"
    }

    private func problem(_ column: String, _ text: String) -> ProviderRowError {
        ProviderRowError("\(self.name).\(column)", text)
    }
}
