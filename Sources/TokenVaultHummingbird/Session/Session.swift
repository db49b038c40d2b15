import Foundation

/// What the application knows of a browser, which the browser itself keeps, signed, in a cookie.
struct Session: Sendable, Hashable {
    /// A login that this browser has begun, and that has not come back.
    struct Login: Sendable, Hashable {
        /// Random; it comes back in the address, and works once.
        let nonce: String
        /// In seconds since 1970.
        let expiresOn: Int64

        func isExpired(at now: Date) -> Bool { now.timeIntervalSince1970 >= TimeInterval(self.expiresOn) }
    }

    /// As long as the vault keeps one.
    static let loginLifetime: TimeInterval = 600
    /// So many windows may be on their way at once.
    private static let maxLogins = 4
    private static let version = "1"

    /// Which browser it is, by a random number that is as good as the browser, and stands nowhere but in the cookie.
    let visitor: String
    private(set) var logins: [Login]

    /// Of a browser that has none yet.
    init() {
        self.visitor = Hexadecimal.random()
        self.logins = []
    }

    /// Begins a login; the oldest of too many is forgotten.
    mutating func beginLogin(now: Date) -> Login {
        let login = Login(
            nonce: Hexadecimal.random(),
            expiresOn: Int64(now.timeIntervalSince1970 + Self.loginLifetime)
        )
        self.logins = (self.logins.filter { !$0.isExpired(at: now) } + [login]).suffix(Self.maxLogins)
        return login
    }

    /// Ends a login: nobody can come back from it again.
    mutating func endLogin(_ nonce: String) {
        self.logins.removeAll { $0.nonce == nonce }
    }

    // MARK: In the cookie

    /// Reads the value of a cookie of that name; nil for what this application has not made, and for the value of another cookie.
    init?(_ text: some StringProtocol, name: String, key: SessionKey) {
        guard text.utf8.count <= 1_024 else { return nil }
        var fields: [String] = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        guard fields.count >= 3, let code = fields.popLast() else { return nil }
        guard key.isCode(code, for: .cookie, [name] + fields), fields[0] == Self.version else { return nil }
        self.visitor = fields[1]
        self.logins = stride(from: 2, to: fields.count - 1, by: 2).compactMap { index in
            Int64(fields[index + 1]).map { Login(nonce: fields[index], expiresOn: $0) }
        }
    }

    func text(name: String, key: SessionKey) -> String {
        let fields = [Self.version, self.visitor] + self.logins.flatMap { [$0.nonce, "\($0.expiresOn)"] }
        return (fields + [key.code(for: .cookie, [name] + fields)]).joined(separator: ".")
    }
}

extension Session: CustomStringConvertible, CustomReflectable {
    var description: String { "Session(<redacted>)" }
    var customMirror: Mirror { Mirror(self, children: ["visitor": "<redacted>"]) }
}
