/// Decides what callers may do besides reading tokens, and writes down every attempt.
///
/// Policies are looked at before what they are for: who has no right learns nothing of what there is.
package struct AccessControl: Sendable {
    /// What of a list a caller may see.
    package enum Visibility: Sendable, Hashable {
        case all
        /// Those of these names, in order, some of which may not be there.
        case some([String])
    }

    private let store: any PolicyStore
    private let audit: AuditLog
    private let limits: RateLimits

    package init(store: any PolicyStore, audit: AuditLog, limits: RateLimits = .none) {
        self.limits = limits
        self.store = store
        self.audit = audit
    }

    /// Lets a principal do something with a resource.
    ///
    /// - Throws: ``AccessDenial``; and what the store throws, in which case nothing may be done.
    package func authorize(
        _ principal: Principal,
        to permission: Permission,
        on resource: Resource,
        as action: AuditEntry.Action
    ) async throws {
        try await self.admit(principal, to: action, on: resource)
        let isAllowed = try await self.store.permissions(of: principal, on: resource).isSuperset(of: permission)
        try await self.record(action, with: permission, on: resource, by: principal, isAllowed: isAllowed)
    }

    /// Lets a principal list what lies in a resource: all of it, or what it has policies of its own for.
    ///
    /// - Throws: ``AccessDenial``; and what the store throws, in which case nothing may be shown.
    package func visibility(
        for principal: Principal,
        with permission: Permission,
        in resource: Resource,
        as action: AuditEntry.Action
    ) async throws -> Visibility {
        try await self.admit(principal, to: action, on: resource)
        if try await self.store.permissions(of: principal, on: resource).isSuperset(of: permission) {
            try await self.record(action, with: permission, on: resource, by: principal, isAllowed: true)
            return .all
        }
        let names = try await self.store.policies(of: principal).filter { $0.allows(permission) }.compactMap {
            resource.child($0.resource)
        }
        try await self.record(action, with: permission, on: resource, by: principal, isAllowed: !names.isEmpty)
        return .some(Set(names).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    private func record(
        _ action: AuditEntry.Action,
        with permission: Permission,
        on resource: Resource,
        by principal: Principal,
        isAllowed: Bool
    ) async throws {
        let (service, token) = resource.names
        try await self.audit.append(
            AuditEntry(
                principal: principal,
                action: action,
                service: service,
                token: token,
                outcome: isAllowed ? .allowed : .forbidden
            )
        )
        guard isAllowed else {
            throw AccessDenial.forbidden(MissingPermission(permission, of: principal))
        }
    }

    private func admit(_ principal: Principal, to action: AuditEntry.Action, on resource: Resource) async throws {
        do {
            try self.limits.admit(principal)
        } catch {
            let (service, token) = resource.names
            try await self.audit.append(
                AuditEntry(
                    principal: principal,
                    action: action,
                    service: service,
                    token: token,
                    outcome: .throttled
                )
            )
            throw error
        }
    }
}
