import Foundation
import VaultAPI

extension VaultTokenResource.Status {
    /// Why there is no access token: nobody logged in, or what was stored has expired.
    static func unauthenticated(expiredOn: Date?) -> Self {
        guard let expiredOn, case .error(let code, _) = Self.unauthenticated else {
            return .unauthenticated
        }
        return .error(code: code, message: "The stored access token expired at \(expiredOn.formatted(.iso8601)).")
    }
}
