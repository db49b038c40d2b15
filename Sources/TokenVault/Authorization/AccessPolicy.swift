/// What one principal may do.
///
/// Policies hold for the whole store and are inherited by its services and tokens.
struct AccessPolicy: Sendable, Hashable {
    let principal: Principal
    let permissions: Permission

    func allows(_ permission: Permission) -> Bool {
        self.permissions.isSuperset(of: permission)
    }
}
