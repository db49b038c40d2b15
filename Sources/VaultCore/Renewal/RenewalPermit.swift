/// Leave to send one request with the refresh token of one version of a credential.
package struct RenewalPermit: Sendable, Hashable {
    package let epoch: Int64
    package let version: Int64
    /// When the lease ends.
    package let until: LeaseTime
    /// Whether the refresh token was presented before this.
    package let wasPresented: Bool

    package init(epoch: Int64, version: Int64, until: LeaseTime, wasPresented: Bool) {
        self.epoch = epoch
        self.version = version
        self.until = until
        self.wasPresented = wasPresented
    }

    /// Whether there is time for a whole request before somebody else may take the lease.
    package func outlasts(_ deadline: Duration, from now: LeaseTime) -> Bool {
        now.duration(to: self.until).map { $0 >= deadline } ?? false
    }
}
