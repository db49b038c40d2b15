import Foundation
import Testing
import VaultCore

struct ExportDecisionTests {
    private static func sealed(hasRefreshToken: Bool) -> SealedCredential {
        let value = SealedValue(nonce: Data(), ciphertext: Data())
        return SealedCredential(
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
            accessToken: value,
            refreshToken: hasRefreshToken ? value : nil,
            extraValues: nil,
            refreshDigest: nil,
            scopes: nil
        )
    }

    struct Case: Sendable {
        var problem: TokenProblem?
        var service = "hash"
        var hasRefreshToken = true
        var repeats = false
        var isRotating = true
        let decision: ExportDecision
    }

    @Test(arguments: [
        Case(decision: .moved(isRepeated: false)), Case(isRotating: false, decision: .shared),
        Case(hasRefreshToken: false, decision: .shared), Case(repeats: true, decision: .moved(isRepeated: false)),
        Case(problem: .uncertain, decision: .moved(isRepeated: false)),
        Case(problem: .serviceBroken, isRotating: false, decision: .shared),
        Case(problem: .exported, decision: .leftOut),
        Case(problem: .exported, repeats: true, decision: .moved(isRepeated: true)),
        // Of a provider that has changed its ways since, it is in the other store alone all the same.
        Case(problem: .exported, repeats: true, isRotating: false, decision: .moved(isRepeated: true)),
        Case(problem: .restored, repeats: true, decision: .leftOut), Case(problem: .revoked, decision: .leftOut),
        Case(problem: .lostRotation, isRotating: false, decision: .leftOut),
        Case(service: "other", decision: .leftOut),
        Case(problem: .exported, service: "other", repeats: true, decision: .leftOut),
    ])
    func whatBecomesOfATokenThatIsToGo(_ row: Case) {
        let standing = TokenStanding(problem: row.problem?.rawValue, credential: "hash", service: row.service)
        let decision = ExportDecision(
            standing,
            credential: Self.sealed(hasRefreshToken: row.hasRefreshToken),
            repeats: row.repeats,
            isRotating: row.isRotating
        )
        #expect(decision == row.decision)
    }

    @Test func whatNobodyHasLoggedInForStays() {
        let standing = TokenStanding(problem: nil, credential: "", service: "hash")
        #expect(ExportDecision(standing, credential: nil, repeats: true, isRotating: false) == .leftOut)
    }

    @Test(
        arguments: [
            (("dropbox", "hash"), nil, false, nil),
            (("dropbox", "hash"), .some(nil), false, "has a credential already"),
            (("dropbox", "hash"), .some(nil), true, nil), (("dropbox", "hash"), .exported, false, nil),
            (("dropbox", "hash"), .restored, false, "has a credential already"),
            (("dropbox", "other"), nil, true, "has another provider, client id or parameters"),
            (("google", "hash"), nil, true, "has another provider, client id or parameters"),
            (nil, nil, true, "There is no service dropbox, of the provider dropbox"),
        ] as [((String, String)?, TokenProblem??, Bool, String?)]
    )
    func whyATokenIsNotTakenIn(service: (String, String)?, present: TokenProblem??, replaces: Bool, reason: String?) {
        let token = ExportedToken(
            service: "dropbox",
            provider: "dropbox",
            name: "sample",
            displayName: "",
            returnURLs: [],
            account: nil,
            credential: Credential(accessToken: "a", configurationHash: "hash"),
            isMoved: true
        )
        let complaint = token.complaint(
            service: service.map { (provider: $0.0, configurationHash: $0.1) },
            present: present.map { problem in
                StoredToken(
                    service: "dropbox",
                    name: "sample",
                    displayName: "",
                    problem: problem,
                    createdOn: .distantPast,
                    credential: Self.sealed(hasRefreshToken: true)
                )
            },
            replaces: replaces
        )
        #expect(complaint?.contains(reason ?? "?") == (reason == nil ? nil : true))
    }
}
