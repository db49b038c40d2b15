import Foundation
import TestSupport
import Testing
import TokenTransport

@testable import TokenPage

/// Who the page is to a vault that does not let it in, and what would.
struct CallerTests {
    private static let tenantID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    private static let objectID = "6f2d4a1e-0000-4000-8000-00000000000a"
    private static let command =
        "token-vault policy grant --tenant \(tenantID) --object \(objectID) --permissions GetToken"

    /// A managed identity whose token says which object it is, or does not.
    private func visit(
        objectID: String? = Self.objectID,
        environment: [String: String] = [:],
        vault: @escaping FakeTransport.Answer
    ) throws -> PageVisit {
        let oid = objectID.map { "\"oid\":\"\($0)\"," } ?? ""
        let token = SampleJWT.text("{\(oid)\"tid\":\"\(Self.tenantID)\",\"appid\":\"app-1\"}")
        return try PageVisit(environment: environment, identity: { _ in .identity(token: token) }, vault: vault)
    }

    private func page(_ visit: PageVisit) async throws -> [String: Any] {
        let body = try await visit.get(accept: "application/json").body
        return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
    }

    @Test func aRefusedPageSaysInBothFormsWhatWouldLetItIn() async throws {
        let refusal = TransportResponse.text(
            403,
            #"{"error":{"code":"Forbidden","message":"No policy <i>allows</i> it. \#(Self.command)"}}"#
        )
        let visit = try self.visit { _ in refusal }
        let html = try await visit.get()
        #expect(html.status == 502)
        #expect(html.text.contains(Self.command))
        #expect(html.body.contains("&lt;i&gt;allows"))
        let page = try await self.page(visit)
        #expect(page["caller"] as? [String: String] == ["tenantId": Self.tenantID, "objectId": Self.objectID])
        #expect(page["grant"] as? String == Self.command)
        let login = try await self.page(try self.visit(environment: ["TOKEN_PAGE_LOGIN": "true"]) { _ in refusal })
        #expect(login["grant"] as? String == Self.command + ",CreateOrUpdateToken,DeleteToken")
    }

    @Test func whereThereIsNothingToGrantNothingIsNamed() async throws {
        let page = try await self.page(try self.visit { _ in .vault(token: "t") })
        #expect(page["caller"] as? [String: String] == ["tenantId": Self.tenantID, "objectId": Self.objectID])
        #expect(page["grant"] is NSNull)
        // A token that only its resource can read.
        let opaque = try await self.page(try self.visit(objectID: nil) { _ in .text(403, "{}") })
        #expect(opaque["caller"] is NSNull && opaque["grant"] is NSNull)
    }
}
