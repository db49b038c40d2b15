import Testing
import VaultCore

struct TokenStandingTests {
    @Test(
        arguments: [
            (nil, "a", "a", nil), ("Revoked", "a", "a", .revoked), ("Uncertain", "a", "a", .uncertain),
            // A word of a newer version.
            ("Whatever", "a", "a", .unauthenticated),
            // Nobody knows what an imported credential was got with.
            (nil, "", "a", nil),
            (nil, "b", "a", .serviceChanged), ("Uncertain", "b", "a", .serviceChanged),
            ("ServiceBroken", "b", "a", .serviceChanged),
            // Worse than that.
            ("Revoked", "b", "a", .revoked), ("Exported", "b", "a", .exported), ("Restored", "b", "a", .restored),
        ] as [(String?, String, String, TokenProblem?)]
    )
    func whatIsShownIsTheWorst(problem: String?, credential: String, service: String, shown: TokenProblem?) {
        let standing = TokenStanding(problem: problem, credential: credential, service: service)
        #expect(standing.shown == shown)
        #expect(standing.isRepointed == (credential == "b"))
        #expect((standing.problem == nil) == (problem == nil))
    }
}
