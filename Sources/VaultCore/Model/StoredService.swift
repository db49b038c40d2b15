/// A service as it is stored: a third-party API that tokens are for.
package struct StoredService: Sendable, Hashable, Decodable {
    package let name: String
    package let provider: String

    package init(name: String, provider: String) {
        self.name = name
        self.provider = provider
    }
}
