/// What one principal may do.
///
/// Policies hold for the whole store and are inherited by its services and tokens.
package struct AccessPolicy: Sendable, Hashable {
    package let principal: Principal
    package let permissions: Permission

    package init(principal: Principal, permissions: Permission) {
        self.principal = principal
        self.permissions = permissions
    }

    package func allows(_ permission: Permission) -> Bool {
        self.permissions.isSuperset(of: permission)
    }
}
