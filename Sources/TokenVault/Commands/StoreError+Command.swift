import ProgramSupport
import VaultCore

extension StoreError {
    /// The error that ends a program with the exit code that fits.
    var commandError: any Error {
        switch self.code {
        case .full, .unavailable: UnavailableError(self.description)
        case .unusable: ConfigurationError(self.description)
        case .failed: self
        }
    }
}
