/// Finds variables of the environment that are named almost like one that decides whose token it is.
///
/// With `AZURE_CLIENT_SECERT` the application is not configured, and the token is somebody else's without a word.
enum MistypedVariables {
    private static let known = [
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
        "AZURE_TOKEN_CREDENTIALS", "AZURE_ADDITIONALLY_ALLOWED_TENANTS", "AzureServicesAuthConnectionString",
        "AzureCLIPath",
    ]

    /// A sentence about each, in the order of names; no value is in it.
    static func warnings(_ environment: [String: String]) -> [String] {
        environment.keys.filter { (8...64).contains($0.utf8.count) && !self.known.contains($0) }.sorted()
            .compactMap { name in
                let plain = self.plain(name)
                guard let meant = self.known.first(where: { self.areAlmostEqual(plain, self.plain($0)) }) else {
                    return nil
                }
                return "The variable \(name) has no effect; is \(meant) meant?"
            }
    }

    private static func plain(_ name: String) -> [UInt8] { name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") } }

    /// Whether one character more, less or other, or two that changed places, make the one name the other.
    private static func areAlmostEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard abs(left.count - right.count) <= 1 else { return false }
        let start = zip(left, right).prefix { $0 == $1 }.count
        let end = zip(left.reversed(), right.reversed()).prefix { $0 == $1 }.count
        let shorter = min(left.count, right.count)
        let differing = max(left.count, right.count) - min(start + end, shorter)
        if differing <= 1 { return true }
        return left.count == right.count && differing == 2 && left[start] == right[start + 1]
            && left[start + 1] == right[start]
    }
}
