import Foundation
import Testing

@testable import TokenVaultHummingbird

struct SessionTests {
    private let key = SessionKey()
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func aSessionComesBackAsItWent() throws {
        var session = Session()
        _ = session.beginLogin(now: self.now)
        _ = session.beginLogin(now: self.now)
        let text = session.text(name: "cookie", key: self.key)
        #expect(Session(text, name: "cookie", key: self.key) == session)
        #expect(text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ";") })
        #expect(!"\(session)".contains(session.visitor))
    }

    @Test func anotherNameOrKeyMakesItNone() {
        let text = Session().text(name: "cookie", key: self.key)
        #expect(Session(text, name: "other", key: self.key) == nil)
        #expect(Session(text, name: "cookie", key: SessionKey()) == nil)
        #expect(Session(text.uppercased(), name: "cookie", key: self.key) == nil)
    }

    @Test func fieldsCannotBeMovedFromOneIntoTheNext() {
        #expect(self.key.code(for: .form, ["ab", "c"]) != self.key.code(for: .form, ["a", "bc"]))
        #expect(self.key.code(for: .form, ["a"]) != self.key.code(for: .callback, ["a"]))
        #expect(self.key.isCode(self.key.code(for: .form, ["a"]), for: .form, ["a"]))
        #expect(!self.key.isCode("", for: .form, ["a"]))
        #expect(!self.key.isCode(String(self.key.code(for: .form, ["a"]).dropLast(2)), for: .form, ["a"]))
    }

    @Test func noMoreLoginsAreKeptThanFitAndTheOldestGoFirst() {
        var session = Session()
        let logins = (0..<6).map { _ in session.beginLogin(now: self.now) }
        #expect(session.logins == Array(logins.suffix(4)))
        session.endLogin(logins[5].nonce)
        #expect(session.logins.count == 3)
        let later = session.beginLogin(now: self.now + Session.loginLifetime)
        #expect(session.logins == [later])
    }
}
