package import AppAuthentication
package import ProgramSupport

extension AzureServiceTokenProviderError: ProgramError {
    package var exitStatus: ExitStatus {
        switch self.code {
        case .credentialFailed, .noCredentialWorked: .failure
        case .invalidArgument: .usage
        default: .configuration
        }
    }
}
