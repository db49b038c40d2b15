package import OAuthWire

extension OAuthClient {
    /// The client of a service as it is stored.
    ///
    /// - Throws: ``ProviderRowError`` for a service that does not fit its provider's row.
    package init(
        provider: Provider,
        service: ServiceConfiguration,
        secrets: [Secret]
    ) throws(ProviderRowError) {
        var parameters = service.parameters
        parameters["clientid"] = service.clientID
        if !service.scopes.isEmpty { parameters["scopes"] = service.scopes.joined(separator: " ") }
        try self.init(provider: provider, parameters: parameters, secrets: secrets)
    }
}
