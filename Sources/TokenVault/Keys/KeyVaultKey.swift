import Foundation
import ProgramSupport
import TokenTransport

/// The address of a key in an Azure Key Vault, such as `https://NAME.vault.azure.net/keys/KEY`, or with a version behind it.
struct KeyVaultKey: Sendable, Hashable, CustomStringConvertible {
    /// Scheme, host and port.
    private let base: String
    let name: String
    let version: String?
    /// What an access token for it is asked for.
    let resource: String

    /// Whose vaults may be sent an access token for which resource: a token for all Key Vaults goes to nobody else.
    private static let resources = [
        ".vault.azure.net": "https://vault.azure.net", ".vault.azure.cn": "https://vault.azure.cn",
        ".vault.usgovcloudapi.net": "https://vault.usgovcloudapi.net",
        ".managedhsm.azure.net": "https://managedhsm.azure.net",
    ]

    /// - Parameters:
    ///   - text: The address.
    ///   - source: Where it comes from, for the error.
    /// - Throws: ``ConfigurationError``.
    init(_ text: String, from source: String) throws {
        guard let key = Self(text) else {
            throw ConfigurationError(
                "\(source) is not the address of a key: give one like https://NAME.vault.azure.net/keys/KEY."
            )
        }
        self = key
    }

    /// Nil for what is no address of a key that an access token may be sent to.
    init?(_ text: String) {
        guard
            let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let host = url.host(percentEncoded: false)?.lowercased(), url.user == nil, url.query == nil,
            url.fragment == nil, BearerPolicy.allows(url), let resource = Self.resource(scheme: scheme, host: host)
        else { return nil }
        let path = url.path(percentEncoded: true).split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let names = path.dropFirst().map(String.init)
        guard path.first == "keys", (1...2).contains(names.count), names.allSatisfy(Self.isName) else { return nil }
        let shownHost = host.contains(":") ? "[\(host)]" : host
        self.base = "\(scheme)://\(shownHost)" + (url.port.map { ":\($0)" } ?? "")
        self.name = names[0]
        self.version = names.count > 1 ? names[1] : nil
        self.resource = resource
    }

    private static func resource(scheme: String, host: String) -> String? {
        // An emulator on this machine.
        guard scheme == "https" else { return "https://vault.azure.net" }
        return self.resources.first { host.hasSuffix($0.key) }?.value
    }

    /// Letters, digits and hyphens, as Key Vault has them.
    private static func isName(_ text: String) -> Bool {
        (1...127).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    var description: String { "\(self.base)/keys/\(self.name)" + (self.version.map { "/\($0)" } ?? "") }

    /// The address of an operation with it, in a version of the interface that every cloud has.
    func url(of operation: String) -> URL? { URL(string: "\(self)/\(operation)?api-version=7.4") }

    /// The same key in its newest version.
    var withoutVersion: Self { Self(base: self.base, name: self.name, version: nil, resource: self.resource) }

    private init(base: String, name: String, version: String?, resource: String) {
        self.base = base
        self.name = name
        self.version = version
        self.resource = resource
    }

    /// Whether another one is a version of the same key.
    func isSameKey(as other: Self) -> Bool {
        self.base == other.base && self.name.lowercased() == other.name.lowercased()
    }
}
