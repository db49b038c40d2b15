package import FastCGI
package import ProgramSupport

extension FastCGIServerError: ProgramError {
    package var exitStatus: ExitStatus {
        self.code == .invalidAddress ? .configuration : .unavailable
    }
}
