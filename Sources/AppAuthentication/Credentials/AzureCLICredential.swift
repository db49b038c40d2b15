import Foundation
import Logging

/// The person who is signed in to the Azure CLI on this machine.
struct AzureCLICredential: TokenCredential {
    let name = "Azure CLI"
    let troubleshooting = "azure-cli"

    /// How long `az` may take.
    static let timeout: Duration = .seconds(20)

    let outside: Outside

    func token(for context: TokenRequestContext) async throws -> AccessToken {
        guard Self.isAllowed(context.resource) else {
            throw self.failure(
                "Resource \(context.resource) is not in expected format. Only alphanumeric characters, "
                    + "[dot], [colon], [hyphen], and [forward slash] are allowed."
            )
        }
        var arguments = ["account", "get-access-token", "-o", "json", "--resource", context.resource]
        if let tenantID = context.tenantID { arguments += ["--tenant", tenantID] }
        let output = try await self.output(
            of: Command("az", arguments: arguments, environment: self.childEnvironment, timeout: Self.timeout)
        )
        do {
            let response = try TokenResponse(Data(output.utf8))
            let claims = try TokenClaims(token: response.accessTokenCamelCase?.value)
            let principal = Principal(kind: .user, tenantID: claims.tenantID, userPrincipalName: claims.userName)
            return try response.accessToken(principal: principal, now: self.outside.now())
        } catch {
            throw self.failure(error.message)
        }
    }

    private func output(of command: Command) async throws -> String {
        do {
            let result = try await self.outside.commandRunner.run(command)
            guard result.exitCode == 0 else {
                let text = Self.withoutEmptyLines(Redaction.removingTokens(from: result.standardError))
                throw self.failure(text.isEmpty ? "az ended with exit code \(result.exitCode)." : text)
            }
            return result.standardOutput
        } catch let error as CommandError {
            switch error {
            case .notFound: throw self.failure("az: command not found")
            case .timeout: throw self.failure(CredentialMessage.tookTooLong)
            case .outputTooLarge(let limit): throw self.failure("az printed more than \(limit) bytes.")
            case .notRun(let reason): throw self.failure(reason)
            }
        }
    }

    /// The environment of this process, with the directories where `az` is searched for.
    ///
    /// The connection string stays here, as it may hold a secret that is none of the child's business.
    private var childEnvironment: [String: String] {
        let directories = [
            self.outside.environment["AzureCLIPath"], "/usr/bin:/usr/local/bin", self.outside.environment["PATH"],
        ]
        // An empty element of a search path means the current directory, where anyone may have put an az.
        let path = directories.compactMap { $0 }.flatMap { $0.split(separator: ":") }.joined(separator: ":")
        var environment = self.outside.environment
        environment["AzureServicesAuthConnectionString"] = nil
        environment["PATH"] = path
        environment["AZURE_CORE_NO_COLOR"] = "true"
        return environment
    }

    /// What may stand in an argument.
    ///
    /// The rule is from a time when the arguments went through a shell.
    private static func isAllowed(_ resource: String) -> Bool {
        !resource.isEmpty
            && resource.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"),
                    UInt8(ascii: "/"):
                    true
                default:
                    false
                }
            }
    }

    private static func withoutEmptyLines(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0 + "\n" }.joined()
    }

    private func failure(_ reason: String) -> CredentialFailure {
        CredentialFailure("\(CredentialMessage.azureCLIUsed) \(CredentialMessage.notAcquired) \(reason)")
    }
}
