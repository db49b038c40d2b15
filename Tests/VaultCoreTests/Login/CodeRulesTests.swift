import Foundation
import Testing
import VaultCore

struct CodeRulesTests {
    private static let ann = Account(subject: "1", label: "ann@example.com")
    private static let bob = Account(subject: "2", label: "bob@example.com")

    private static func rules(
        present: Account?,
        new: Account?,
        problem: TokenProblem? = nil,
        hasCredential: Bool = true
    ) -> CodeRules {
        let sealed = SealedCredential(
            place: SealedCredential.Place(
                service: "dropbox",
                token: "sample",
                version: 1,
                expiresOn: nil,
                refreshExpiresOn: nil,
                configurationHash: "hash",
                binding: .counted
            ),
            keyID: "1",
            accessToken: SealedValue(nonce: Data(), ciphertext: Data()),
            refreshToken: nil,
            extraValues: nil,
            refreshDigest: nil,
            scopes: nil
        )
        let token = StoredToken(
            service: "dropbox",
            name: "sample",
            displayName: "sample",
            problem: problem,
            account: present,
            createdOn: .distantPast,
            credential: hasCredential ? sealed : nil
        )
        return CodeRules(token: token, account: new)
    }

    @Test(
        arguments: [
            (nil, nil, false, nil), (nil, Self.ann, false, nil), (Self.ann, Self.ann, false, nil),
            // Another name of the same account.
            (Self.ann, Account(subject: "1", label: "new@example.com"), false, nil),
            (Self.ann, Self.bob, false, .otherAccount(present: Self.ann, new: Self.bob)),
            (Self.ann, nil, false, .otherAccount(present: Self.ann, new: nil)),
            (Self.ann, Self.bob, true, nil), (Self.ann, nil, true, nil),
        ] as [(Account?, Account?, Bool, CodeRedemption?)]
    )
    func aCodeForAnotherAccountStaysWhereItIs(
        present: Account?,
        new: Account?,
        allowsAccountChange: Bool,
        refusal: CodeRedemption?
    ) {
        let rules = Self.rules(present: present, new: new)
        #expect(rules.refusal(allowsAccountChange: allowsAccountChange) == refusal)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var present: Account? = CodeRulesTests.ann
        var new: Account? = CodeRulesTests.ann
        var problem: TokenProblem?
        var hasCredential = true
        var old: Credential? = Credential(accessToken: "old", refreshToken: "old r", configurationHash: "hash")
        var brought: String?
        var serviceHash: String? = "hash"
        /// The refresh token in the end; nil where the code is refused.
        let refreshToken: String??
    }

    @Test(arguments: [
        Case(testDescription: "a refresh token that came", brought: "new r", refreshToken: .some("new r")),
        Case(testDescription: "none came, the old one goes on", refreshToken: .some("old r")),
        Case(testDescription: "after an error that is no copy's", problem: .revoked, refreshToken: .some("old r")),
        Case(testDescription: "of a copy", problem: .restored, refreshToken: .some(nil)),
        Case(testDescription: "of a token that was moved", problem: .exported, refreshToken: .some(nil)),
        Case(testDescription: "of another account", new: CodeRulesTests.bob, refreshToken: .some(nil)),
        Case(testDescription: "of nobody known", present: nil, new: nil, refreshToken: .some(nil)),
        Case(testDescription: "of a first login", hasCredential: false, refreshToken: .some(nil)),
        Case(testDescription: "the old one does not open", old: nil, refreshToken: .some(nil)),
        Case(
            testDescription: "the old one is of another client",
            old: Credential(accessToken: "old", refreshToken: "old r", configurationHash: "other"),
            refreshToken: .some(nil)
        ),
        Case(testDescription: "repointed", brought: "new r", serviceHash: "other", refreshToken: nil),
        Case(testDescription: "the service is gone", brought: "new r", serviceHash: nil, refreshToken: nil),
    ])
    func whatATokenHasThen(_ row: Case) {
        let rules = Self.rules(
            present: row.present,
            new: row.new,
            problem: row.problem,
            hasCredential: row.hasCredential
        )
        let new = Credential(accessToken: "new", refreshToken: row.brought, configurationHash: "hash")
        let credential = rules.credential(from: new, configurationHash: row.serviceHash) { _ in row.old }
        #expect(credential?.accessToken == (row.refreshToken == nil ? nil : "new"))
        #expect(credential.map(\.refreshToken) == row.refreshToken)
    }

    @Test(
        arguments: [
            (true, .saved(2), true), (false, .saved(2), false), (true, .unknownCode, false),
            (true, .serviceChanged, false), (true, .otherAccount(present: Self.ann, new: nil), false),
        ] as [(Bool, CodeRedemption, Bool)]
    )
    func onlyALoginAgainIsNews(hadCredential: Bool, redemption: CodeRedemption, isNews: Bool) {
        let rules = Self.rules(present: nil, new: nil, hasCredential: hadCredential)
        #expect((rules.event(of: redemption)?.kind == .reauthenticated) == isNews)
    }
}
