/// What a principal may do in the store, in the names of the service's second generation.
///
/// Policies may be written in the names of either generation. The first had four, meant for services and tokens alike;
/// each stands for its two successors.
package struct Permission: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16

    package static let listIdentityProvider = Permission(rawValue: 1 << 0)
    package static let listService = Permission(rawValue: 1 << 1)
    package static let getService = Permission(rawValue: 1 << 2)
    package static let createOrUpdateService = Permission(rawValue: 1 << 3)
    package static let deleteService = Permission(rawValue: 1 << 4)
    package static let listToken = Permission(rawValue: 1 << 5)
    package static let getToken = Permission(rawValue: 1 << 6)
    package static let createOrUpdateToken = Permission(rawValue: 1 << 7)
    package static let deleteToken = Permission(rawValue: 1 << 8)
    // Ours: the service had policies in its management plane alone. No name of the first generation stands for them.
    package static let listAccessPolicy = Permission(rawValue: 1 << 9)
    package static let getAccessPolicy = Permission(rawValue: 1 << 10)
    package static let createOrUpdateAccessPolicy = Permission(rawValue: 1 << 11)
    package static let deleteAccessPolicy = Permission(rawValue: 1 << 12)

    private static let currentNames: [(name: String, permission: Permission)] = [
        ("ListIdentityProvider", .listIdentityProvider),
        ("ListService", .listService),
        ("GetService", .getService),
        ("CreateOrUpdateService", .createOrUpdateService),
        ("DeleteService", .deleteService),
        ("ListToken", .listToken),
        ("GetToken", .getToken),
        ("CreateOrUpdateToken", .createOrUpdateToken),
        ("DeleteToken", .deleteToken),
        ("ListAccessPolicy", .listAccessPolicy),
        ("GetAccessPolicy", .getAccessPolicy),
        ("CreateOrUpdateAccessPolicy", .createOrUpdateAccessPolicy),
        ("DeleteAccessPolicy", .deleteAccessPolicy),
    ]

    private static let firstGenerationNames: [(name: String, permission: Permission)] = [
        ("Get", [.getService, .getToken]),
        ("List", [.listService, .listToken]),
        ("CreateOrUpdate", [.createOrUpdateService, .createOrUpdateToken]),
        ("Delete", [.deleteService, .deleteToken]),
    ]

    private static let known = Self.firstGenerationNames + Self.currentNames
    package static let allNames = Self.known.map(\.name)
    /// As they are written here and in every store.
    private static let exactly = Dictionary(Self.known.map { ($0.name, $0.permission) }) { first, _ in first }

    /// The names of the second generation, in a fixed order.
    package var names: [String] {
        Self.currentNames.filter { self.contains($0.permission) }.map(\.name)
    }

    /// Reads one name of either generation, in any case; nil when it is neither.
    package init?(name: String) {
        let match = Self.exactly[name] ?? Self.known.first { $0.name.lowercased() == name.lowercased() }?.permission
        guard let match else {
            return nil
        }
        self = match
    }

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
