import ArgumentParser
import Foundation
import ProgramSupport
import VaultCore
import VaultSQLite

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Look after access policies: which principals may do what.",
        subcommands: [PolicyGrantCommand.self, PolicyListCommand.self, PolicyRevokeCommand.self]
    )
}

/// A principal, as the commands take it.
struct PrincipalOptions: ParsableArguments {
    @Option(help: "Tenant id of the principal (tid).")
    var tenant: String

    @Option(help: "Object id of the principal (oid).")
    var object: String

    @Flag(name: .customLong("other-ids"), help: "The issuer is not Entra, and its ids are no GUIDs.")
    var otherIDs = false

    func principal() throws -> Principal {
        for (option, value) in [("--tenant", self.tenant), ("--object", self.object)] {
            guard UUID(uuidString: value) != nil || self.otherIDs else {
                throw ConfigurationError(
                    "\(option) \(value.prefix(64)) is not an id: give the GUID that Entra shows, or add --other-ids "
                        + "for an issuer that is not Entra."
                )
            }
            // Other issuers have other ids, but none with spaces, and none this long.
            guard (1...128).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw ConfigurationError("\(option) is not an id: it has 1 to 128 visible characters.")
            }
        }
        return Principal(tenantID: self.tenant, objectID: self.object)
    }
}

struct PolicyGrantCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant",
        abstract: "Let a principal do something, beside what it may do already.",
        discussion: "Whoever may get tokens may get every token of the store."
    )

    @OptionGroup var principal: PrincipalOptions

    @Option(help: "Permissions, separated by commas: \(Permission.allNames.joined(separator: ", ")).")
    var permissions: String

    func run(in context: CommandContext) async throws {
        let principal = try self.principal.principal()
        let permissions = try self.parsedPermissions()
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        if let policy = try await store.grant(permissions, to: principal, on: .store) {
            try context.write("Granted; \(policy.line).")
        }
    }

    private func parsedPermissions() throws -> Permission {
        var permissions: Permission = []
        for name in self.permissions.split(separator: ",") {
            let name = name.filter { $0 != " " }
            guard let permission = Permission(name: name) else {
                throw ConfigurationError(
                    "\"\(name)\" is not a permission: use \(Permission.allNames.joined(separator: ", "))."
                )
            }
            permissions.formUnion(permission)
        }
        guard !permissions.isEmpty else {
            throw ConfigurationError("--permissions is empty: use \(Permission.allNames.joined(separator: ", ")).")
        }
        return permissions
    }
}

struct PolicyListCommand: VaultCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Print the policies, one a line.")

    func run(in context: CommandContext) async throws {
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let policies = try await store.policies(on: nil)
        for policy in policies {
            try context.write(policy.line)
        }
        if policies.isEmpty {
            try context.write("There are no policies; `token-vault policy grant` makes one.")
        }
    }
}

struct PolicyRevokeCommand: VaultCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take all permissions from a principal."
    )

    @OptionGroup var principal: PrincipalOptions

    func run(in context: CommandContext) async throws {
        let principal = try self.principal.principal()
        let store = try await SQLiteStore.open(at: StoreSettings(environment: context.environment).database)
        let name = "tenant \(principal.tenantID) object \(principal.objectID)"
        guard try await store.revoke(principal, on: nil) else {
            throw NothingToDo("There is no policy for \(name): `token-vault policy list` shows those that there are.")
        }
        try context.write("Revoked; \(name) has no permission.")
    }
}

extension AccessPolicy {
    fileprivate var line: String {
        "tenant \(self.principal.tenantID) object \(self.principal.objectID) may "
            + self.permissions.names.joined(separator: ",")
            + (self.resource == .store ? "" : " on /\(self.resource.path)")
    }
}
