package import VaultAPI

/// What a principal asked for and no policy allows: the caller's own, and nothing of what there is.
package struct MissingPermission: Sendable, Hashable {
    package let permission: Permission
    package let principal: Principal

    package init(_ permission: Permission, of principal: Principal) {
        self.permission = permission
        self.principal = principal
    }

    /// The grant that would allow it.
    package var grant: PolicyGrant {
        PolicyGrant(
            tenantID: self.principal.tenantID,
            objectID: self.principal.objectID,
            permissions: self.permission.names
        )
    }
}
