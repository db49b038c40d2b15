/// The books of a provider that a test asks afterwards: each grant, every token it gave, and what was done with each.
struct GrantLedger: Sendable {
    /// What becomes of a refresh token that is used, as real providers differ in it.
    enum Kind: String, Sendable, CaseIterable, CustomStringConvertible {
        case none
        case grace
        case previousUntilUsed = "previous-until-used"
        case strict

        var description: String { self.rawValue }
    }

    /// What one person gave at one login.
    struct Grant: Sendable {
        fileprivate(set) var current: String
        fileprivate var previous: String?
        /// The oldest first.
        fileprivate(set) var accessTokens: [String] = []
        /// How often each refresh token was presented.
        fileprivate(set) var requests: [String: Int] = [:]
        /// When the login gave it, and when somebody wanted more.
        fileprivate(set) var begin = ContinuousClock.now
        fileprivate(set) var asked: [ContinuousClock.Instant] = []
        fileprivate(set) var rotations = 0
        /// How often one came again that was replaced.
        fileprivate(set) var reuses = 0
        fileprivate(set) var isDead = false
        fileprivate var rotatedAt: ContinuousClock.Instant?

        var requestCount: Int { self.requests.values.reduce(0, +) }
    }

    struct Tokens: Sendable {
        let accessToken: String
        let refreshToken: String?
        let lifetime: Int
    }

    private static let grace: Duration = .seconds(30)

    let kind: Kind
    /// Seconds that access tokens live, the next one's first; those that come after live for an hour.
    var lifetimes: [Int] = []
    private(set) var grants: [String: Grant] = [:]
    private(set) var exchanges: [String: Int] = [:]
    private var names: [String: String] = [:]

    init(kind: Kind) {
        self.kind = kind
    }

    /// The codes of a grant's logins are its name, a dot, and anything: each works once.
    mutating func redeem(code: String) -> Tokens? {
        self.exchanges[code, default: 0] += 1
        guard self.exchanges[code] == 1, let name = code.split(separator: ".").first.map(String.init) else {
            return nil
        }
        let refreshToken = Self.newToken("rt", name)
        self.names[refreshToken] = name
        self.grants[name] = Grant(current: refreshToken)
        return self.issue(for: name, refreshToken: refreshToken)
    }

    mutating func refresh(_ refreshToken: String, now: ContinuousClock.Instant = .now) -> Tokens? {
        guard let name = self.names[refreshToken], var grant = self.grants[name] else { return nil }
        grant.requests[refreshToken, default: 0] += 1
        grant.asked.append(now)
        defer { self.grants[name] = grant }
        let (isCurrent, isPrevious) = (refreshToken == grant.current, refreshToken == grant.previous)
        if !isCurrent { grant.reuses += 1 }
        guard !grant.isDead else { return nil }
        switch self.kind {
        case .none: return self.issue(for: name, refreshToken: nil, in: &grant)
        case .grace where isPrevious && grant.rotatedAt.map { now < $0 + Self.grace } == true:
            return self.issue(for: name, refreshToken: grant.current, in: &grant)
        case .previousUntilUsed where isPrevious: break
        case .previousUntilUsed where !isCurrent: return nil
        case .grace where !isCurrent, .strict where !isCurrent:
            grant.isDead = true
            return nil
        case .grace, .previousUntilUsed, .strict: break
        }
        grant.previous = refreshToken
        grant.current = Self.newToken("rt", name)
        grant.rotatedAt = now
        grant.rotations += 1
        self.names[grant.current] = name
        return self.issue(for: name, refreshToken: grant.current, in: &grant)
    }

    private mutating func issue(for name: String, refreshToken: String?) -> Tokens? {
        guard var grant = self.grants[name] else { return nil }
        defer { self.grants[name] = grant }
        return self.issue(for: name, refreshToken: refreshToken, in: &grant)
    }

    private mutating func issue(for name: String, refreshToken: String?, in grant: inout Grant) -> Tokens {
        let accessToken = Self.newToken("at", name)
        grant.accessTokens.append(accessToken)
        let lifetime = self.lifetimes.isEmpty ? 3600 : self.lifetimes.removeFirst()
        return Tokens(accessToken: accessToken, refreshToken: refreshToken, lifetime: lifetime)
    }

    private static func newToken(_ kind: String, _ name: String) -> String {
        "\(kind)-\(name)-\(UInt64.random(in: 0 ... .max))"
    }
}
