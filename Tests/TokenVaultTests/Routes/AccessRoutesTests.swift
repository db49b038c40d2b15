import Foundation
import HTTPTypes
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import TokenVault
@testable import VaultSQLite

/// Who may do what, over HTTP.
struct AccessRoutesTests {
    private static let all = "Get,List,CreateOrUpdate,Delete"
    private static let token = "/services/dropbox/tokens/sample"
    private static let policy = #"{"principal":{"tenantId":"T","objectId":"O"},"permissions":["GetToken"]}"#

    /// A request, what lets it pass, and its answer then.
    private static let requests: [(HTTPRequest.Method, String, String, String, Int)] = [
        (.get, "/services", "", "ListService", 200), (.get, "/services", "", "List", 200),
        (.get, "/services/dropbox", "", "GetService", 200), (.get, "/services/dropbox", "", "Get", 200),
        (.put, "/services/dropbox", "{}", "CreateOrUpdateService", 200),
        (.put, "/services/dropbox", "{}", "CreateOrUpdate", 200),
        (.delete, "/services/dropbox", "", "DeleteService", 200), (.delete, "/services/dropbox", "", "Delete", 200),
        (.get, "/services/dropbox/tokens", "", "ListToken", 200),
        (.get, "/services/dropbox/tokens", "", "List", 200),
        (.get, token, "", "GetToken", 200), (.post, token, "", "Get", 200),
        (.put, token, "", "CreateOrUpdateToken", 200), (.put, token, "", "CreateOrUpdate", 200),
        (.delete, token, "", "DeleteToken", 200), (.delete, token, "", "Delete", 200),
        (.get, "/accessPolicies", "", "ListAccessPolicy", 200),
        (.get, "/services/dropbox/accessPolicies", "", "ListAccessPolicy", 200),
        (.put, "\(token)/accessPolicies/p", policy, "CreateOrUpdateAccessPolicy", 201),
        (.get, "/accessPolicies/p", "", "GetAccessPolicy", 404),
        (.delete, "/accessPolicies/p", "", "DeleteAccessPolicy", 404),
    ]

    @Test(arguments: 0..<Self.requests.count)
    func eachRequestNeedsItsOwnPermission(index: Int) async throws {
        let (method, path, body, permission, status) = Self.requests[index]
        let granted = try #require(Permission(name: permission))
        let others = Permission.allNames.filter { Permission(name: $0).map { $0.isDisjoint(with: granted) } ?? false }
        let refused = try await VaultFixture(permissions: others.joined(separator: ","))
        try await refused.importToken("secret")
        let reply = try await refused.send(method, path, body: body)
        #expect(reply.status == 403)
        #expect(try await refused.audit().last?.hasSuffix(" forbidden") == true)
        let vault = try await VaultFixture(permissions: permission)
        try await vault.importToken("secret")
        #expect(try await vault.send(method, path, body: body).status == status)
        #expect(
            try await vault.audit().last?.hasSuffix(
                path == Self.token && method != .put && method != .delete ? " given" : " allowed"
            ) == true
        )
        #expect(try await vault.send(method, path).status == 401)
    }

    @Test(arguments: 0..<Self.requests.count)
    func whoHasNoRightCannotTellWhatIsThere(index: Int) async throws {
        let (method, path, body, _, _) = Self.requests[index]
        let vault = try await VaultFixture(permissions: "")
        try await vault.importToken("secret")
        let present = try await vault.send(method, path, body: body)
        for (name, other) in [("dropbox", "absent"), ("sample", "absent"), ("dropbox", "a%20b")] {
            let absent = try await vault.send(method, path.replacingOccurrences(of: name, with: other), body: body)
            #expect(absent.status == 403)
            #expect(absent.body == present.body)
            #expect(absent.headers == present.headers)
        }
    }

    @Test func aPolicyForOneTokenShowsThatTokenAlone() async throws {
        let vault = try await VaultFixture(permissions: "")
        try await vault.importToken("mine")
        try await vault.importToken("theirs", name: "other")
        let resource = Resource.token(service: "dropbox", token: "sample")
        _ = try await vault.store.grant([.getToken, .listToken], to: TestIssuer.principal, on: resource)
        #expect(try await vault.send(.post, Self.token, body: "").body.contains("mine"))
        #expect(try await vault.send(.post, "/services/dropbox/tokens/other", body: "").status == 403)
        #expect(try await vault.send(.get, "/services", body: "").status == 403)
        let list = try await vault.send(.get, "/services/dropbox/tokens", body: "")
        let names = try #require(JSONTree(body: Data(list.body.utf8))?["value"])
        guard case .array(let tokens) = names else { throw CancellationError() }
        #expect(tokens.compactMap { $0["name"]?.text } == ["sample"])
        #expect(!list.body.contains("mine"))
    }

    @Test func aPolicyForAServiceShowsThatServiceAlone() async throws {
        let vault = try await VaultFixture(permissions: "")
        _ = try await vault.store.createService("other", provider: "p")
        try await vault.importToken("secret")
        _ = try await vault.store.grant([.getToken, .listService], to: TestIssuer.principal, on: .service("dropbox"))
        #expect(try await vault.send(.post, Self.token, body: "").status == 200)
        let list = try await vault.send(.get, "/services", body: "")
        #expect(list.body.contains(#""name":"dropbox""#))
        #expect(!list.body.contains("other"))
    }

    @Test func policiesArePutReadListedAndDeleted() async throws {
        let permissions = "CreateOrUpdateAccessPolicy,GetAccessPolicy,ListAccessPolicy,DeleteAccessPolicy"
        let vault = try await VaultFixture(permissions: permissions)
        try await vault.importToken("secret")
        for prefix in ["", "/services/dropbox", Self.token] {
            let path = "\(prefix)/accessPolicies/policy1"
            let body = """
                {"properties":{"name":"x","principal":{"tenantId":"TENANT","objectId":"object"},
                "permissions":["Get","listToken"]}}
                """
            let put = try await vault.send(.put, path, body: body)
            #expect(put.status == 201)
            #expect(
                put.body == """
                    {"name":"policy1","permissions":["GetService","ListToken","GetToken"],\
                    "principal":{"objectId":"object","tenantId":"tenant"}}
                    """
            )
            #expect(try await vault.send(.get, path, body: "").body == put.body)
            #expect(try await vault.send(.put, path, body: Self.policy).status == 200)
            let list = try await vault.send(.get, "\(prefix)/accessPolicies", body: "")
            #expect(list.body.contains(#""permissions":["GetToken"]"#))
            #expect(try await vault.send(.delete, path, body: "").status == 200)
            #expect(try await vault.send(.delete, path, body: "").status == 404)
            #expect(try await vault.send(.get, path, body: "").status == 404)
        }
    }

    @Test(arguments: [
        (#"{"permissions":["Get"]}"#, "principal needs"), (#"{"principal":{"tenantId":"t"}}"#, "principal needs"),
        (#"{"principal":{"tenantId":"t","objectId":"o"}}"#, "permissions is not a list"),
        (
            #"{"principal":{"tenantId":"t","objectId":"o"},"permissions":["Fly"]}"#,
            "permissions has a name that is none"
        ),
        (#"{"principal":{"tenantId":"t x","objectId":"o"},"permissions":["Get"]}"#, "principal needs"),
    ])
    func aBadPolicyIsNoPolicy(body: String, message: String) async throws {
        let vault = try await VaultFixture(permissions: "CreateOrUpdateAccessPolicy")
        let reply = try await vault.send(.put, "/accessPolicies/p", body: body)
        #expect(reply.status == 400)
        #expect(reply.body.contains(message))
        #expect(try await vault.store.policies(on: .store).map(\.name) == ["policy-1"])
    }

    @Test func oldPermissionNamesDoNotReachPolicies() async throws {
        let vault = try await VaultFixture(permissions: Self.all)
        #expect(try await vault.send(.put, "/accessPolicies/p", body: Self.policy).status == 403)
        #expect(try await vault.send(.get, "/accessPolicies", body: "").status == 403)
    }
}
