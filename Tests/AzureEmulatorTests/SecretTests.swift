import Foundation
import Testing

@testable import AzureEmulator

@Suite
struct SecretTests {
    @Test
    func itMatchesItselfAlone() {
        let secret = Secret(value: "s3cret")
        #expect(secret.matches("s3cret"))
        for other in ["", "s3cre", "s3cret ", "S3cret"] {
            #expect(!secret.matches(other))
        }
    }

    @Test
    func itIsNotPrinted() throws {
        let secret = Secret(value: "s3cret")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(["nested": secret], to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("s3cret"))
        #expect(try String(decoding: JSONEncoder().encode([secret]), as: UTF8.self) == #"["s3cret"]"#)
    }

    @Test
    func twoRandomOnesDiffer() {
        #expect(Secret.random().value != Secret.random().value)
    }
}
