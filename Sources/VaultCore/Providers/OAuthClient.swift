import Foundation
package import OAuthWire

/// A service's registration at its provider: the row, the client id and secrets, and the service's parameters.
///
/// What does not fit the row is refused when it is made, which is when an administrator sets the service up, and not when
/// somebody logs in.
package struct OAuthClient: Sendable {
    package let provider: Provider
    package let id: String
    /// The secret that is used, and then the one that takes its place when the provider no longer takes it.
    package let secrets: [Secret]
    package let scopes: [String]
    /// Values of placeholders, by their names in lower case.
    let values: [String: String]
    let templates: GenericTemplates?

    /// Reads the parameters of a service.
    ///
    /// - Parameters:
    ///   - provider: The row that says how the provider is asked.
    ///   - parameters: The service's, as its administrator wrote them; their names have no case.
    ///   - secrets: Those that are kept apart; a `clientsecret` among the parameters comes first.
    /// - Throws: ``ProviderRowError``, which names the parameter.
    package init(
        provider: Provider,
        parameters: [String: String],
        secrets: [Secret] = []
    ) throws(ProviderRowError) {
        var rest: [String: String] = [:]
        for (name, value) in parameters { rest[name.lowercased()] = value }
        guard let id = rest.removeValue(forKey: "clientid"), !id.isEmpty else {
            throw ProviderRowError("clientid", "is missing: give the client id that the provider gave you.")
        }
        let secret = rest.removeValue(forKey: "clientsecret").flatMap { $0.isEmpty ? nil : Secret($0) }
        self.secrets = (secret.map { [$0] } ?? []) + secrets
        guard provider.clientAuthentication == .none || provider.usesTemplates || !self.secrets.isEmpty else {
            throw ProviderRowError("clientsecret", "is missing: give the client secret that the provider gave you.")
        }
        self.id = id
        self.provider = provider
        self.templates = provider.usesTemplates ? try GenericTemplates(&rest) : nil
        self.scopes = Self.scopes(rest.removeValue(forKey: "scopes"), rules: provider.scope)
        self.values = try Self.values(rest, placeholders: provider.placeholders)
        try self.checkAddresses()
    }

    private static func scopes(_ text: String?, rules: Provider.ScopeRules) -> [String] {
        let separators: Set<Character> = [" ", "\t", "\n", ","]
        let wanted = text.map { $0.split(whereSeparator: separators.contains).map(String.init) } ?? rules.defaults
        return wanted + rules.required.filter { !wanted.contains($0) }
    }

    private static func values(
        _ parameters: [String: String],
        placeholders: [String: Provider.Placeholder]
    ) throws(ProviderRowError) -> [String: String] {
        if let other = parameters.keys.filter({ placeholders[$0] == nil }).min() {
            throw ProviderRowError(other, "is not a parameter of this provider.")
        }
        var values: [String: String] = [:]
        for (name, placeholder) in placeholders {
            guard let value = parameters[name] ?? placeholder.defaultValue else {
                guard placeholder.redirectParameter != nil else {
                    throw ProviderRowError(name, "is missing: this provider's addresses need it.")
                }
                continue
            }
            guard placeholder.allows(value) else {
                throw ProviderRowError(name, "has a value that this provider cannot have.")
            }
            values[name] = value
        }
        return values
    }

    /// An address of the row with the service's values in it, and those that a login brought.
    func address(_ text: String, place: String, extra: [String: String] = [:]) throws(ProviderRowError) -> URL {
        let values = self.values.merging(extra) { _, new in new }
        guard let filled = PlaceholderText(text).filled(values, encode: URLEncoding.query) else {
            throw ProviderRowError(place, "needs a value that is not known.")
        }
        return try self.provider.endpointRule.url(filled, place: place)
    }

    private func checkAddresses() throws(ProviderRowError) {
        let provider = self.provider
        if let templates = self.templates {
            try templates.checkAddresses(provider.endpointRule)
            return
        }
        let addresses = [
            ("authorizeUrl", provider.authorizeURL), ("tokenUrl", provider.tokenURL),
            ("refreshUrl", provider.refreshURL), ("discoveryUrl", provider.discoveryURL),
        ]
        for (name, text) in addresses {
            guard let text, PlaceholderText(text).names.isSubset(of: self.values.keys) else { continue }
            _ = try self.address(text, place: name)
        }
    }
}

extension OAuthClient: CustomStringConvertible, CustomReflectable {
    package var description: String { "\(self.provider.name) client \(self.id)" }

    /// Parameters and templates may hold what nobody should read.
    package var customMirror: Mirror { Mirror(self, children: ["provider": self.provider.name, "id": self.id]) }
}

extension Provider {
    package var endpointRule: EndpointRule { EndpointRule(allowsPrivateNetwork: self.allowsPrivateNetwork) }
}

extension Provider.Placeholder {
    /// Whether a value may stand in an address: one of the list, or one that matches from its first letter to its last.
    package func allows(_ value: String) -> Bool {
        guard self.values.isEmpty || self.values.contains(value) else { return false }
        guard value.count <= 512, let pattern = try? Regex(self.pattern) else { return false }
        return value.wholeMatch(of: pattern) != nil
    }
}
