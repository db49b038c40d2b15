import Testing
import VaultCore

struct OriginEvidenceTests {
    enum Verdict: Sendable {
        case same, unmarked, copy, undecided

        init(_ origin: StoreOrigin) {
            switch origin {
            case .same: self = .same
            case .unmarked: self = .unmarked
            case .copy: self = .copy
            case .undecided: self = .undecided
            }
        }
    }

    private static func marker(_ name: String, armed: Int64 = 5) -> StoreMarker {
        StoreMarker(name: name, armed: armed, inode: 7)
    }

    private static func file(isMarked: Bool = true) -> OriginEvidence.Place {
        .file(isMarked: isMarked, marker: "/data/vault.sqlite-marker")
    }

    @Test(
        arguments: [
            (Self.marker("a"), "a", 5, Self.file(), .same),
            // A kill between the two: the database is ahead.
            (Self.marker("a"), "a", 6, Self.file(), .same),
            (Self.marker("a"), nil, 5, Self.file(), .unmarked), (nil, nil, 0, Self.file(isMarked: false), .unmarked),
            (nil, "a", 5, Self.file(isMarked: false), .copy), (Self.marker("b"), "a", 5, Self.file(), .copy),
            (Self.marker("a", armed: 6), "a", 5, Self.file(), .copy),
            (Self.marker("a"), "a", 5, Self.file(isMarked: false), .copy),
        ] as [(StoreMarker?, String?, Int64, OriginEvidence.Place, Verdict)]
    )
    func whatAFileIs(
        marker: StoreMarker?,
        name: String?,
        armed: Int64,
        place: OriginEvidence.Place,
        verdict: Verdict
    ) {
        let evidence = OriginEvidence(marker: marker, name: name, armed: armed, place: place)
        #expect(Verdict(evidence.origin) == verdict)
    }

    @Test(
        arguments: [
            (Self.marker("a"), "a", .server(isMarked: true, .same), .same),
            (Self.marker("a"), nil, .server(isMarked: true, .same), .unmarked),
            (Self.marker("a", armed: 6), "a", .server(isMarked: true, .same), .copy),
            (Self.marker("stranger"), "a", .server(isMarked: true, .same), .copy),
            // Another machine has judged it since; what this one counted was of the store of before.
            (Self.marker("former", armed: 9), "a", .server(isMarked: true, .same), .same),
            // A machine that never served it joins, but for what only others can tell.
            (nil, "a", .server(isMarked: true, .same), .same), (nil, "a", .server(isMarked: true, .unnoted), .same),
            (nil, "a", .server(isMarked: true, .other), .undecided),
            (Self.marker("a"), "a", .server(isMarked: true, .other), .same),
            // Wherever a dump was restored, everybody sees it.
            (Self.marker("a"), "a", .server(isMarked: false, .same), .copy),
            (nil, "a", .server(isMarked: false, .other), .copy),
        ] as [(StoreMarker?, String?, OriginEvidence.Place, Verdict)]
    )
    func whatADatabaseOfAServerIs(
        marker: StoreMarker?,
        name: String?,
        place: OriginEvidence.Place,
        verdict: Verdict
    ) {
        let evidence = OriginEvidence(marker: marker, name: name, formerNames: ["former"], armed: 5, place: place)
        #expect(Verdict(evidence.origin) == verdict)
    }

    @Test func theReasonSaysHowManyRequestsItIsBehind() {
        let evidence = OriginEvidence(marker: Self.marker("a", armed: 8), name: "a", armed: 5, place: Self.file())
        #expect(
            evidence.origin == .copy(reason: "refresh tokens were sent or exported 3 times since it was as it is")
        )
    }
}
