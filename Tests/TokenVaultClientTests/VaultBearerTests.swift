import TestSupport
import Testing
import TokenVaultClient

@Suite(.timeLimit(.minutes(5))) struct VaultBearerTests {
    private struct NoIdentity: Error {}

    private static let refusal = VaultError(refusal: .init(status: 401, code: "Unauthorized", message: ""), "refused")

    @Test func aTokenThatTheVaultRefusesIsRenewedOnce() async throws {
        let acquired = Box<[Bool]>([])
        let bearer = VaultBearer { renewing in
            acquired.withLock { $0.append(renewing) }
            return renewing ? "new" : "old"
        }
        let calls = Box<[String]>([])
        let value = try await bearer.call { token in
            calls.withLock { $0.append(token) }
            if token == "old" { throw Self.refusal }
            return "done"
        }
        #expect(value == "done")
        #expect(calls.value == ["old", "new"])
        #expect(acquired.value.filter { $0 }.count == 1)
        // A vault that refuses all of them leads to no renewal for each call.
        for _ in 0..<5 {
            await #expect(throws: VaultError.self) { try await bearer.call { _ in throw Self.refusal } }
        }
        #expect(acquired.value.filter { $0 }.count == 1)
    }

    @Test func whatIsNoRefusalOfTheTokenIsNotTriedAgain() async throws {
        let calls = Box(0)
        let bearer = VaultBearer { _ in "token" }
        await #expect(throws: VaultError.self) {
            try await bearer.call { _ in
                calls.withLock { $0 += 1 }
                throw VaultError(refusal: .init(status: 403, code: "Forbidden", message: ""), "forbidden")
            }
        }
        #expect(calls.value == 1)
    }

    @Test func aRenewalThatFailsLeavesItAtTheRefusal() async throws {
        let bearer = VaultBearer { renewing in
            if renewing { throw NoIdentity() }
            return "old"
        }
        let error = await #expect(throws: VaultError.self) { try await bearer.call { _ in throw Self.refusal } }
        #expect(error == Self.refusal)
        let none = VaultBearer { _ in throw NoIdentity() }
        await #expect(throws: NoIdentity.self) { try await none.call { _ in } }
    }

    @Test func anAcquisitionThatHangsIsCutOff() async throws {
        let bearer = VaultBearer(timeout: .milliseconds(20)) { _ in
            try await Task.sleep(for: .seconds(3_600))
            return "never"
        }
        let error = await #expect(throws: VaultError.self) { try await bearer.call { _ in } }
        #expect(error?.code == .timedOut)
        #expect(error?.description.contains("The vault was not asked") == true)
    }

    @Test(arguments: [
        (404, "NotFound", true), (400, "Unauthenticated", true), (200, "Unauthenticated", true), (400, "Revoked", true),
        (400, "Uncertain", false), (400, "ServiceBroken", false), (403, "Unauthenticated", false),
        (503, "Revoked", false),
    ])
    func aVaultSaysWhetherALoginHelps(status: Int, code: String, needsLogin: Bool) {
        let error = VaultError(refusal: .init(status: status, code: code, message: ""), "refused")
        #expect(error.needsLogin == needsLogin)
        #expect(!VaultError(.unreachable, "away").needsLogin)
    }
}
