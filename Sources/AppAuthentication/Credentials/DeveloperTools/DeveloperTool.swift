import Foundation
import OAuthWire

/// A program on this machine that a developer is signed in to: how it is run, and how its failures are told.
struct DeveloperTool: Sendable {
    /// How long a tool may take.
    static let timeout: Duration = .seconds(20)

    let program: String
    /// What begins every failure: the sentence which says what was tried.
    let message: String
    /// Folders to look for the program in before all others.
    var folders: String?
    /// What the program's environment has besides that of this process.
    let variables: [String: String]
    /// What to say when there is no such program.
    var missing: String?
    let dependencies: CredentialDependencies

    /// Refuses a resource that has other characters than resources have.
    ///
    /// The rule is from a time when the arguments went through a shell.
    func checkResource(_ resource: String) throws(CredentialFailure) {
        let isAllowed = resource.unicodeScalars.allSatisfy {
            $0.isASCIIAlphanumeric || "-.:/".unicodeScalars.contains($0)
        }
        guard !resource.hasPrefix("-") else {
            throw self.failure(
                "Resource \(resource) is not in expected format. It begins like an option of \(self.program)."
            )
        }
        guard isAllowed, !resource.isEmpty else {
            throw self.failure(
                "Resource \(resource) is not in expected format. Only alphanumeric characters, "
                    + "[dot], [colon], [hyphen], and [forward slash] are allowed."
            )
        }
    }

    /// Refuses an account that could be taken for something else than an argument.
    func checkAccount(tenantID: String?, subscription: String? = nil) throws(CredentialFailure) {
        if let tenantID, !AllowedTenants.isTenantID(tenantID) {
            throw self.failure(
                "Tenant \(tenantID) is not in expected format. It has letters, digits, '.' and '-', and begins with no '-'."
            )
        }
        if let subscription, !DeveloperAccount.isSubscription(subscription) {
            throw self.failure(
                "Subscription \(subscription) is not in expected format. It has letters, digits, spaces, '_', '.' and '-', "
                    + "and begins with no '-'. Use the id of the subscription where its name has others."
            )
        }
    }

    /// What the program prints.
    ///
    /// - Parameters:
    ///   - arguments: Its arguments.
    ///   - reason: Why it failed, where its own words are not the best; else they are what the failure says.
    /// - Returns: All of its standard output.
    /// - Throws: ``CredentialFailure`` when it did not end well, `CancellationError`.
    func output(
        arguments: [String],
        reason: @Sendable (CommandResult) -> String? = { _ in nil }
    ) async throws -> String {
        let path = self.path
        let command = Command(
            self.program,
            arguments: arguments,
            environment: ToolEnvironment.variables(of: self.dependencies.environment)
                .merging(self.variables.merging(["PATH": path]) { $1 }) { $1 },
            timeout: Self.timeout
        )
        let tool = ToolCooldown.Tool(program: self.program, path: path)
        guard !self.dependencies.toolCooldown.includes(tool) else {
            throw self.failure("\(CredentialMessage.tookTooLong) \(CredentialMessage.notStartedAgain)")
        }
        do {
            let result = try await self.dependencies.commandRunner.run(command)
            guard result.exitCode == 0 else {
                let text = reason(result) ?? ToolWords(result.standardError).summary
                throw self.failure(
                    text.isEmpty
                        ? "\(self.program) ended with exit code \(result.exitCode)."
                        : Redaction.removingTokens(from: text)
                )
            }
            return result.standardOutput
        } catch let error as CommandError {
            switch error {
            case .notFound: throw self.failure(self.missing ?? "\(self.program): command not found")
            case .timeout:
                self.dependencies.toolCooldown.add(tool)
                throw self.failure(CredentialMessage.tookTooLong)
            case .outputTooLarge(let limit): throw self.failure("\(self.program) printed more than \(limit) bytes.")
            case .notRun(let reason): throw self.failure(reason)
            }
        }
    }

    func failure(_ reason: String) -> CredentialFailure {
        CredentialFailure("\(self.message) \(CredentialMessage.notAcquired) \(reason)")
    }

    /// The directories where the program is searched for.
    private var path: String {
        let directories = [self.folders, "/usr/bin:/usr/local/bin", self.dependencies.environment["PATH"]]
        // An empty element of a search path means the current directory, where anyone may have put a program.
        return directories.compactMap { $0 }.flatMap { $0.split(separator: ":") }.joined(separator: ":")
    }
}

extension Unicode.Scalar {
    var isASCIIAlphanumeric: Bool {
        switch self {
        case "0"..."9", "a"..."z", "A"..."Z": true
        default: false
        }
    }
}
