/// Why a unit gets no token.
struct UnitRefusal: Error, Sendable, Equatable {
    /// One sentence, without a secret.
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
