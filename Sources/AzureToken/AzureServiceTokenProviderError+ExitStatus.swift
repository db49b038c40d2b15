import AppAuthentication
import ProgramSupport

extension AzureServiceTokenProviderError: ProgramError {
    var exitStatus: ExitStatus {
        switch self.code {
        case .credentialFailed, .noCredentialWorked: .failure
        case .invalidArgument: .usage
        default: .configuration
        }
    }
}
