/// A name as Kerberos writes it, taken apart.
struct KerberosPrincipal: Sendable, Hashable {
    /// The part before the realm, with its escapes.
    let name: String
    let realm: String

    /// Reads a name such as `ann@EXAMPLE.COM`; nil when it has no realm.
    init?(_ text: String) {
        // A backslash takes the meaning of the character behind it (RFC 1964 section 2.1.1).
        guard let parts = text.wholeMatch(of: /((?:\\.|[^\\@])+)@(.+)/)?.output else { return nil }
        self.name = String(parts.1)
        self.realm = String(parts.2)
    }

    /// Whether it is a computer (`HOST$@REALM`) or a service (`HTTP/host@REALM`).
    var isMachineOrService: Bool {
        self.name.hasSuffix("$") || self.name.replacing(/\\./, with: "").contains("/")
    }

    /// The sign-in name that goes with it.
    ///
    /// Realms are written in capitals, the names of domains are not. A name of the enterprise kind (`kinit -E`), which shows
    /// as `ann\@contoso.com@CONTOSO.COM`, has the sign-in name inside.
    var userPrincipalName: String {
        let name = self.name.replacing(/\\(.)/) { $0.output.1 }
        return name.contains("@") ? name : "\(name)@\(self.realm.lowercased())"
    }
}
