import AppAuthentication

/// An access token that is in the cache, as every page asks for it.
enum TokenLookUp {
    static func make() async throws -> MicroBenchmark {
        let provider = try AzureServiceTokenProvider(
            environment: ImmediateTransport.environment,
            transport: ImmediateTransport.identityAndVault,
            cache: TokenCache()
        )
        let resource = "https://tokenvault.azure.net"
        _ = try await provider.accessToken(forResource: resource)
        return MicroBenchmark(name: "cached token look-up", most: 200, mostAllocations: 0) { count in
            for _ in 0..<count {
                use(try await provider.accessToken(forResource: resource))
            }
        }
    }
}
