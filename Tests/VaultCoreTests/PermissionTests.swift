import Testing
import VaultTestSupport

@testable import VaultCore

struct PermissionTests {
    @Test(arguments: [
        ("Get", ["GetService", "GetToken"]),
        ("List", ["ListService", "ListToken"]),
        ("CreateOrUpdate", ["CreateOrUpdateService", "CreateOrUpdateToken"]),
        ("Delete", ["DeleteService", "DeleteToken"]),
        ("GetToken", ["GetToken"]),
        ("listidentityprovider", ["ListIdentityProvider"]),
        ("DELETESERVICE", ["DeleteService"]),
    ])
    func namesOfBothGenerationsAreKnown(name: String, names: [String]) throws {
        #expect(try #require(Permission(name: name)).names == names)
    }

    @Test(arguments: ["", "get ", "All", "*", "GetTokens"])
    func otherNamesAreNot(name: String) {
        #expect(Permission(name: name) == nil)
    }

    @Test func everyNameIsReadBack() {
        for name in Permission.allNames {
            #expect(Permission(name: name)?.names.isEmpty == false)
        }
        #expect(Permission.allNames.count == 17)
    }

    @Test(arguments: [("Get", true), ("GetToken", true), ("GetService", false), ("List,CreateOrUpdate,Delete", false)])
    func aPolicyAllowsWhatItNames(names: String, isAllowed: Bool) {
        let permissions = names.split(separator: ",").compactMap { Permission(name: String($0)) }
        let policy = AccessPolicy(name: "p", principal: .sample, permissions: Permission(permissions))
        #expect(policy.allows(.getToken) == isAllowed)
    }
}
