public import Foundation

/// Why no access token was obtained, or why the settings are refused.
///
/// The `description` has the words of AppAuthentication for .NET, so that what people know to search for still finds
/// an answer. No secret is in it: the values of `AppKey` and of keys that look like one read `<<Redacted>>`.
public struct AzureServiceTokenProviderError: Error, Sendable {
    /// What kind of failure it is.
    ///
    /// More codes may be added.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private let rawValue: String

        private init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        /// The name of the code.
        public var description: String { self.rawValue }

        /// The connection string cannot be read or asks for something that does not exist.
        public static let invalidConnectionString = Code("invalidConnectionString")
        /// The address of Microsoft Entra ID is neither https nor a loopback address.
        public static let invalidInstance = Code("invalidInstance")
        /// The environment variable `AZURE_TOKEN_CREDENTIALS` names a credential that does not exist.
        public static let invalidChoice = Code("invalidChoice")
        /// An argument of the call is empty or has characters that it cannot have.
        public static let invalidArgument = Code("invalidArgument")
        /// The one credential that was to be used gave no token.
        public static let credentialFailed = Code("credentialFailed")
        /// Every credential of the chain was tried, and none gave a token.
        public static let noCredentialWorked = Code("noCredentialWorked")
    }

    /// One way to a token that was tried, and why it led nowhere.
    public struct Attempt: Sendable, Hashable {
        /// The name of the credential for people, such as `Managed identity`.
        public let credential: String

        /// Why it gave no token, in the words of AppAuthentication for .NET.
        public let reason: String

        /// The anchor of the heading in TROUBLESHOOTING.md that says what to do, such as `managed-identity`.
        public let troubleshooting: String

        /// The authority that was asked, where the credential chose it itself.
        let authority: String?

        /// Describes an attempt, for tests and for credentials of your own.
        ///
        /// - Parameters:
        ///   - credential: The name of the credential.
        ///   - reason: Why it gave no token.
        ///   - troubleshooting: The anchor of the heading that helps; empty where there is none.
        public init(credential: String, reason: String, troubleshooting: String = "") {
            self.init(credential: credential, reason: reason, troubleshooting: troubleshooting, authority: nil)
        }

        init(credential: String, reason: String, troubleshooting: String, authority: String?) {
            self.authority = authority
            self.credential = credential
            self.reason = reason
            self.troubleshooting = troubleshooting
        }
    }

    /// What kind of failure it is.
    public let code: Code

    /// Everything that was tried, in order, each with its reason.
    ///
    /// Bad settings are one entry.
    public let attempts: [Attempt]

    private let text: String

    /// Makes an error, for tests of code that has to cope with one.
    ///
    /// - Parameters:
    ///   - code: What kind of failure it is.
    ///   - attempts: What was tried.
    public init(code: Code, attempts: [Attempt]) {
        self.init(
            code: code,
            attempts: attempts,
            text: attempts.map { "\($0.credential): \($0.reason)" }.joined(separator: "\n")
        )
    }

    init(code: Code, attempts: [Attempt], text: String) {
        self.code = code
        self.attempts = attempts
        self.text = text
    }
}

extension AzureServiceTokenProviderError.Code {
    /// Whether credentials were tried, and not only settings looked at.
    var isAboutCredentials: Bool { self == .credentialFailed || self == .noCredentialWorked }
}

extension AzureServiceTokenProviderError: LocalizedError {
    /// The description.
    public var errorDescription: String? { self.text }
}

extension AzureServiceTokenProviderError: CustomStringConvertible {
    /// The whole story in one text.
    ///
    /// It ends with a line break when several credentials were tried.
    public var description: String { self.text }
}

extension AzureServiceTokenProviderError {
    static func invalidConnectionString(_ message: String) -> Self {
        .refusedSetting(.invalidConnectionString, "Connection string", message, "connection-string")
    }

    static func invalidInstance(_ message: String) -> Self {
        .refusedSetting(.invalidInstance, "Azure AD instance", message, "azure-ad-instance")
    }

    static func invalidChoice(_ message: String) -> Self {
        .refusedSetting(.invalidChoice, DefaultChain.variable, message, "choice-of-identity")
    }

    static func invalidArgument(_ message: String) -> Self {
        .refusedSetting(.invalidArgument, "Arguments", message, "arguments")
    }

    /// The failure of the only credential that was to be used.
    static func credentialFailed(
        _ attempt: Attempt,
        connectionString: String?,
        context: TokenRequestContext
    ) -> Self {
        let text = Self.envelope(attempt, connectionString: connectionString, context: context)
        return Self(code: .credentialFailed, attempts: [attempt], text: text)
    }

    /// The failure of every credential of the chain, which only a missing connection string selects.
    static func noCredentialWorked(_ attempts: [Attempt], context: TokenRequestContext) -> Self {
        var message = "Tried the following \(attempts.count) methods to get an access token, but none of them worked.\n"
        for attempt in attempts {
            message += Self.envelope(attempt, connectionString: nil, context: context) + "\n"
        }
        let text = Self.envelope(
            message,
            connectionString: nil,
            resource: context.resource,
            authority: context.authority
        )
        return Self(code: .noCredentialWorked, attempts: attempts, text: text)
    }

    private static func refusedSetting(
        _ code: Code,
        _ setting: String,
        _ message: String,
        _ anchor: String
    ) -> Self {
        let attempt = Attempt(credential: setting, reason: message, troubleshooting: anchor)
        return Self(code: code, attempts: [attempt], text: message)
    }

    private static func envelope(
        _ attempt: Attempt,
        connectionString: String?,
        context: TokenRequestContext
    ) -> String {
        Self.envelope(
            attempt.reason,
            connectionString: connectionString,
            resource: context.resource,
            authority: attempt.authority ?? context.authority
        )
    }

    /// The frame that AppAuthentication for .NET puts around every message.
    private static func envelope(
        _ message: String,
        connectionString: String?,
        resource: String,
        authority: String
    ) -> String {
        "Parameters: Connection String: \(connectionString ?? "[No connection string specified]"), "
            + "Resource: \(resource), Authority: \(authority). Exception Message: \(message)"
    }
}
