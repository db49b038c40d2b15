/// What one principal may do with one resource, and with what lies below it.
package struct AccessPolicy: Sendable, Hashable {
    /// Unique among the policies of the resource.
    package let name: String
    package let resource: Resource
    package let principal: Principal
    package let permissions: Permission

    package init(name: String, resource: Resource = .store, principal: Principal, permissions: Permission) {
        self.name = name
        self.resource = resource
        self.principal = principal
        self.permissions = permissions
    }

    package func allows(_ permission: Permission) -> Bool {
        self.permissions.isSuperset(of: permission)
    }
}
