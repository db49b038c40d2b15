/// Access policies, and where browsers may go after a login.
package protocol PolicyStore: Sendable {
    /// What a principal may do with a resource, by its own policies and those that it inherits.
    func permissions(of principal: Principal, on resource: Resource) async throws -> Permission
    /// All policies of a principal.
    func policies(of principal: Principal) async throws -> [AccessPolicy]
    /// All policies, or those of one resource alone.
    func policies(on resource: Resource?) async throws -> [AccessPolicy]
    /// Makes or changes the policy of that name.
    ///
    /// - Returns: True when it is new; nil when there is no such resource.
    func putPolicy(_ policy: AccessPolicy) async throws -> Bool?
    /// Forgets a policy; false when there was none.
    func deletePolicy(_ name: String, on resource: Resource) async throws -> Bool
    /// Adds permissions to those that a principal has on a resource, and returns the policy as it is then; nil when there is
    /// no such resource.
    func grant(_ permissions: Permission, to principal: Principal, on resource: Resource) async throws -> AccessPolicy?
    /// Takes all permissions from a principal, on every resource or on one; false when it had none.
    func revoke(_ principal: Principal, on resource: Resource?) async throws -> Bool

    /// Where a browser may go after any login.
    func returnURLs() async throws -> [String]
    func setReturnURLs(_ urls: [String]) async throws
}
