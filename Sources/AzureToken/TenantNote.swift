import AppAuthentication
import Foundation
import ProgramSupport

/// Says so when a token is of another tenant than the one that was asked for.
struct TenantNote {
    let text: String

    /// Nil when the tenant was heeded, or when it has a name whose id is not known.
    init?(wanted: String?, token: AccessToken, method: String?) {
        guard let wanted, let actual = token.principal.tenantID, actual.lowercased() != wanted.lowercased() else {
            return nil
        }
        let isManagedIdentity = method == "Managed identity"
        guard isManagedIdentity || (UUID(uuidString: wanted) != nil && UUID(uuidString: actual) != nil) else {
            return nil
        }
        let reason = isManagedIdentity ? " A managed identity has one tenant only." : ""
        self.text =
            "azure-token: --tenant \(TerminalText(wanted)) could not be heeded; the token is of the tenant "
            + "\(TerminalText(actual)).\(reason)"
    }
}
