import AppAuthentication

/// The exit codes of this program; from 64 on they are those of sysexits.h.
enum ExitStatus {
    static let done: Int32 = 0
    static let noToken: Int32 = 1
    static let usage: Int32 = 64
    static let output: Int32 = 74
    static let settings: Int32 = 78

    static func code(of error: AzureServiceTokenProviderError) -> Int32 {
        switch error.code {
        case .credentialFailed, .noCredentialWorked: Self.noToken
        case .invalidArgument: Self.usage
        default: Self.settings
        }
    }
}

/// A setting that cannot be used: one sentence that says what is wrong and what to do.
struct SettingsError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
