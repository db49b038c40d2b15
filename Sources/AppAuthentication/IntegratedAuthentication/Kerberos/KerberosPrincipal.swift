/// A name as Kerberos writes it, taken apart.
struct KerberosPrincipal: Sendable, Hashable {
    /// The part before the realm, with its escapes.
    let name: String
    let realm: String
    private let unescapedName: String

    /// Reads a name such as `ann@EXAMPLE.COM`; nil when it has no realm.
    init?(_ text: String) {
        var name = "", unescaped = "", isEscaped = false
        var rest = Substring(text)
        while let character = rest.popFirst() {
            if !isEscaped && character == "@" {
                guard !name.isEmpty, !rest.isEmpty else { return nil }
                self.name = name
                self.realm = String(rest)
                self.unescapedName = unescaped
                return
            }
            name.append(character)
            isEscaped = !isEscaped && character == "\\"
            if !isEscaped { unescaped.append(character) }
        }
        return nil
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
        self.unescapedName.contains("@") ? self.unescapedName : "\(self.unescapedName)@\(self.realm.lowercased())"
    }
}
