import Foundation

/// What can be read of a JSON body of the vault, with names in any case.
package struct VaultAnswer: Decodable {
    /// What the vault says is wrong.
    package struct Problem {
        package var code: String?
        package var message: String?

        package init(code: String?, message: String?) {
            self.code = code
            self.message = message
        }
    }

    package var accessToken: String?
    package var expiry: VaultExpiry?
    package var problem: Problem?
    /// Where a login begins, in a token's resource.
    package var loginURI: String?
    package var details: VaultTokenDetails?

    package init(from decoder: any Decoder) throws {
        let object = try CaselessObject(decoder)
        let value = object.object("value")
        self.accessToken = value?.string("accessToken")
        self.loginURI = object.string("loginUri")
        self.details = object.object("details").map { details in
            VaultTokenDetails(
                provider: details.string("provider"),
                account: details.string("account"),
                scopes: details.strings("scopes"),
                loggedInOn: details.date("loggedInOn"),
                renewedOn: details.date("renewedOn"),
                renewsOn: details.date("renewsOn")
            )
        }
        self.expiry = object.expiry("expiresIn") ?? value?.expiry("expiresIn")
        // `error` alone in a refusal, `status.error` in a token's resource; some gateways send it as a text.
        let error = object.object("error") ?? object.object("status")?.object("error")
        if let error {
            self.problem = Problem(code: error.string("code"), message: error.string("message"))
        } else if let message = object.string("message") ?? object.string("error") {
            self.problem = Problem(code: object.string("code"), message: message)
        }
    }
}

/// A JSON object whose names are looked up whatever their case.
private struct CaselessObject {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private let container: KeyedDecodingContainer<Name>
    private let names: [String: Name]

    init(_ decoder: any Decoder) throws {
        self.init(try decoder.container(keyedBy: Name.self))
    }

    private init(_ container: KeyedDecodingContainer<Name>) {
        self.container = container
        // Of two names that differ only in case the first in order counts, so that the outcome is always the same.
        let names = container.allKeys.map { ($0.stringValue.lowercased(), $0) }
        self.names = Dictionary(names) { $0.stringValue < $1.stringValue ? $0 : $1 }
    }

    func object(_ name: String) -> CaselessObject? {
        self.read(name) { CaselessObject(try self.container.nestedContainer(keyedBy: Name.self, forKey: $0)) }
    }

    func string(_ name: String) -> String? {
        self.read(name) { try self.container.decode(String.self, forKey: $0) }
    }

    func strings(_ name: String) -> [String]? {
        self.read(name) { try self.container.decode([String].self, forKey: $0) }
    }

    func date(_ name: String) -> Date? {
        guard case .date(let date)? = self.expiry(name) else { return nil }
        return date
    }

    func expiry(_ name: String) -> VaultExpiry? {
        self.read(name) { VaultExpiry(number: try self.container.decode(Double.self, forKey: $0)) }
            ?? self.string(name).flatMap { VaultExpiry(text: $0) }
    }

    private func read<Value>(_ name: String, _ decode: (Name) throws -> Value?) -> Value? {
        guard let name = self.names[name.lowercased()] else { return nil }
        return (try? decode(name)) ?? nil
    }
}
