import Testing
import VaultCore

struct AuditHeadTests {
    private static let code = "000102030405060708090a0b0c0d0e0f"

    @Test func whatIsPrintedIsReadBack() throws {
        let mac = try #require(AuditMAC(hexadecimal: Self.code))
        #expect(mac.hexadecimal == Self.code)
        let head = AuditHead(ends: [
            AuditLink.Place(chain: 2, sequence: 7, mac: mac), AuditLink.Place(chain: 1, sequence: 3, mac: mac),
            AuditLink.Place(chain: 3, sequence: 0, mac: .start),
        ])
        #expect(head.description == "audit-1:1-3-\(Self.code),2-7-\(Self.code)")
        #expect(AuditHead(head.description) == head)
        #expect(AuditHead("audit-1:") == AuditHead(ends: []))
    }

    @Test(arguments: [
        "", "audit-1", "audit-2:", "audit-1:1-2", "audit-1:1-2-\(code)-", "audit-1:0-2-\(code)", "audit-1:1-0-\(code)",
        "audit-1:1-2-\(code.dropLast())", "audit-1:1-2-\(code.dropLast())g", "audit-1:2-2-\(code),1-2-\(code)",
        "audit-1:1--2-\(code)", "audit-1:99999999999999999999-2-\(code)", "audit-1:1-2-+\(code.dropLast())",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(AuditHead(text) == nil)
    }

    @Test func aKeyIsNotPrinted() {
        #expect("\(AuditKey())" == "<redacted>")
        #expect(String(reflecting: AuditKey()) == "<redacted>")
    }

    @Test func aFingerprintIsOfOneTokenAndOneKey() {
        let key = AuditKey()
        #expect(key.fingerprint(of: "a") == key.fingerprint(of: "a"))
        #expect(key.fingerprint(of: "a") != key.fingerprint(of: "b"))
        #expect(key.fingerprint(of: "a") != AuditKey().fingerprint(of: "a"))
        #expect(key.fingerprint(of: "a").count == 16)
    }
}
