import Foundation
import HTTPTypes
import OAuthWire
import VaultCore

/// What a PUT of a service asks for.
struct ServiceBody: Sendable {
    let configuration: ServiceConfiguration
    let clientSecret: String?

    /// Reads what clients of the service sent; where it says nothing, what was there before stays.
    ///
    /// - Throws: ``VaultProblem``.
    init(properties: JSONTree, present: ServiceConfiguration?) throws {
        let authentication = properties["authentication"]
        let given = authentication?["managedIdentityProvider"]?["name"]?.text
        guard let provider = given?.lowercased() ?? present?.provider, !provider.isEmpty else {
            throw VaultProblem.invalid("authentication.managedIdentityProvider.name is missing: it names the provider.")
        }
        var parameters = try Self.parameters(authentication?["parameters"])
        self.clientSecret = parameters.removeValue(forKey: "clientsecret").flatMap { $0.isEmpty ? nil : $0 }
        // Nothing of another provider's parameters holds for this one.
        let base = present.flatMap { $0.provider == provider ? $0 : nil }
        let clientID = parameters.removeValue(forKey: "clientid")
        let scopes = parameters.removeValue(forKey: "scopes").map(Self.scopes)
        let isComplete = authentication?["parameters"] != nil
        self.configuration = ServiceConfiguration(
            provider: provider,
            displayName: properties["displayName"]?.text ?? present?.displayName ?? "",
            clientID: clientID ?? base?.clientID ?? "",
            scopes: scopes ?? base?.scopes ?? [],
            parameters: isComplete ? parameters : base?.parameters ?? [:],
            tokenParameters: try properties["tokenParameters"].map {
                String(decoding: try JSONBody.encode($0), as: UTF8.self)
            } ?? present?.tokenParameters ?? "{}",
            returnURLs: try RequestBody.returnURLs(in: properties) ?? present?.returnURLs ?? []
        )
    }

    /// By their names in lower case: `clientid` and `ClientId` were both deployed.
    private static func parameters(_ tree: JSONTree?) throws -> [String: String] {
        guard let tree else {
            return [:]
        }
        guard let members = tree.members else {
            throw VaultProblem.invalid("authentication.parameters is not an object.")
        }
        var parameters: [String: String] = [:]
        for (name, value) in members where value != .null {
            guard let text = value.text ?? value.texts?.joined(separator: " ") else {
                throw VaultProblem.invalid("authentication.parameters.\(name) is not a string.")
            }
            guard parameters.updateValue(text, forKey: name.lowercased()) == nil else {
                throw VaultProblem.invalid("authentication.parameters has \(name.lowercased()) twice.")
            }
        }
        return parameters
    }

    private static func scopes(_ text: String) -> [String] {
        text.split { $0 == " " || $0 == "," || $0.isNewline }.map(String.init)
    }
}

extension ServiceBody {
    /// Refuses what nobody could log in with, while the one who set it up is there to see it.
    ///
    /// - Throws: ``VaultProblem``.
    func check(with providers: ProviderCatalog, hasSecrets: Bool) throws {
        guard let provider = providers[self.configuration.provider] else {
            throw VaultProblem(
                status: .badRequest,
                code: "UnsupportedIdentityProvider",
                message:
                    "There is no identity provider of that name; GET /identityProviders lists those that there are."
            )
        }
        var parameters = self.configuration.parameters
        parameters["clientid"] = self.configuration.clientID
        if !self.configuration.scopes.isEmpty {
            parameters["scopes"] = self.configuration.scopes.joined(separator: " ")
        }
        parameters["clientsecret"] = self.clientSecret
        do {
            // Which secret is there already does not matter here.
            let secrets = hasSecrets ? [Secret("-")] : []
            _ = try OAuthClient(provider: provider, parameters: parameters, secrets: secrets)
        } catch {
            throw VaultProblem.invalid("authentication.parameters: \(error.description)")
        }
    }
}
