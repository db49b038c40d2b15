import VaultAPI
import VaultCore

extension TokenAccess.Token {
    /// Its state, as the API shows it.
    var status: VaultTokenResource.Status {
        switch self.problem {
        case nil: .ok
        case .unauthenticated: .unauthenticated(expiredOn: self.expiredOn)
        case let problem?: VaultTokenResource.Status(problem)
        }
    }
}

extension VaultTokenResource.Status {
    init(_ problem: TokenProblem?) {
        self = problem.map { .error(code: $0.rawValue, message: $0.message) } ?? .ok
    }
}
