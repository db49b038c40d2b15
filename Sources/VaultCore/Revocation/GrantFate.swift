/// What becomes of what a person gave at a provider, when its token is deleted here.
package enum GrantFate: Sendable {
    /// There was nothing yet.
    case nothing
    /// The provider is told to end it.
    case ending(GrantRevocation)
    /// It stays, since another store may use it, or has it by now.
    case shared
    /// It stays, since the provider cannot be told: why, for a person.
    case left(reason: String)

    /// What the audit and a caller hear of it; nil where there was nothing.
    package var title: String? {
        switch self {
        case .nothing: nil
        case .ending: "ending"
        case .shared: "shared"
        case .left: "left"
        }
    }

    /// Why it stays, for a person; nil where it does not.
    package var reason: String? {
        switch self {
        case .nothing, .ending: nil
        case .shared: "another store may use it"
        case .left(let reason): reason
        }
    }

    package var revocation: GrantRevocation? {
        if case .ending(let revocation) = self { revocation } else { nil }
    }
}

extension Sequence<GrantFate> {
    /// How many have which, such as `ending=6, left=1`; nil where there was nothing.
    package var counts: String? {
        let counts = ["ending", "shared", "left"].compactMap { title in
            let count = self.count { $0.title == title }
            return count > 0 ? "\(title)=\(count)" : nil
        }
        return counts.isEmpty ? nil : counts.joined(separator: ", ")
    }

    /// How many are to be ended, and how many stay, for the audit of a command, which has what came of it in another entry.
    package var intent: String {
        let ending = self.count { $0.revocation != nil }
        return [ending > 0 ? "grants to end: \(ending)" : "", self.summary].filter { !$0.isEmpty }
            .joined(separator: "; ")
    }

    /// How many stay, and why, for the audit; empty where none does.
    package var summary: String {
        let shared = self.count { $0.title == "shared" }
        let left = self.count { $0.title == "left" }
        var parts: [String] = []
        if shared > 0 { parts.append("\(shared) shared") }
        if left > 0 { parts.append("\(left) left") }
        return parts.isEmpty ? "" : "grants not ended: \(parts.joined(separator: ", "))"
    }
}
