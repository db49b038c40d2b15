/// How many logins may be under way.
///
/// Anybody may begin one, so that there has to be an end to them, and nobody may reach it for others.
package struct LoginLimits: Sendable, Hashable {
    package var perToken: Int
    package var altogether: Int

    package init(perToken: Int = 50, altogether: Int = 10_000) {
        self.perToken = perToken
        self.altogether = altogether
    }
}
