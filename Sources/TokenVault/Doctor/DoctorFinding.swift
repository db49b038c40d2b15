/// One thing that the doctor looked at.
struct DoctorFinding: Encodable, Equatable {
    enum State: String, Encodable {
        case works
        /// Nothing is broken, and an administrator should know it.
        case note
        case broken
    }

    /// What was looked at, such as `key`, `service dropbox` or `token dropbox/sample`.
    let about: String
    let state: State
    let finding: String
    /// What to do; nil when there is nothing to do.
    let remedy: String?

    static func works(_ about: String, _ finding: String) -> Self {
        Self(about: about, state: .works, finding: finding, remedy: nil)
    }

    static func note(_ about: String, _ finding: String, do remedy: String? = nil) -> Self {
        Self(about: about, state: .note, finding: finding, remedy: remedy)
    }

    static func broken(_ about: String, _ finding: String, do remedy: String? = nil) -> Self {
        Self(about: about, state: .broken, finding: finding, remedy: remedy)
    }
}
