import Foundation
import Testing

@testable import FastCGI

/// The records of a connection, in and out, without a socket.
@Suite struct RecordReaderTests {
    private static let limits = ServerLimits(maxParameterBytes: 70_000, maxBodyBytes: 100_000)

    /// All events, with the request answered at once, as often as one comes.
    private static func events(_ bytes: [UInt8], chunk: Int = .max) throws -> [RecordReader.Event] {
        var reader = RecordReader(limits: Self.limits)
        var events: [RecordReader.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(chunk))
            rest = rest.dropFirst(part.count)
            part.withUnsafeBytes { reader.append($0) }
            while let event = try reader.next() {
                events.append(event)
                if case .request = event { reader.finishRequest() }
            }
        }
        return events
    }

    private static func canonical(_ parameters: [UInt8] = Wire.getParameters, body: [UInt8] = []) -> [UInt8] {
        var bytes = Wire.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + Wire.record(4, parameters) + Wire.record(4)
        if !body.isEmpty { bytes += Wire.record(5, body) }
        return bytes + Wire.record(5)
    }

    private static let plainRequest = RecordReader.Event.request(
        ValidatedRequest(records: Self.canonical(), keepConnection: false, problem: nil)
    )

    @Test(arguments: [1, 2, 3, 7, 8, 9, 64, 10_000])
    func aRequestIsWholeHoweverItsBytesArrive(chunk: Int) throws {
        #expect(try Self.events(Wire.request(), chunk: chunk) == [Self.plainRequest])
    }

    @Test(arguments: [0, 1, 3, 255])
    func paddingIsDropped(padding: Int) throws {
        let bytes =
            Wire.begin() + Wire.record(4, Wire.getParameters, padding: padding) + Wire.record(4, padding: padding)
            + Wire.record(5, padding: padding)
        #expect(try Self.events(bytes) == [Self.plainRequest])
    }

    @Test(arguments: 1..<Wire.getParameters.count)
    func parametersMayBeSplitAnywhere(at cut: Int) throws {
        let bytes =
            Wire.begin() + Wire.record(4, Array(Wire.getParameters[..<cut]))
            + Wire.record(4, Array(Wire.getParameters[cut...])) + Wire.record(4) + Wire.record(5)
        guard case .request(let request) = try Self.events(bytes).first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == nil)
        #expect(request.records == Self.canonical())
    }

    @Test func keepConnectionIsReported() throws {
        let events = try Self.events(Wire.request(keep: true) + Wire.request(id: 2, keep: true))
        #expect(events.count == 2)
        for case .request(let request) in events {
            #expect(request.keepConnection)
        }
    }

    @Test(arguments: [
        (Wire.pair("", []), true),
        (Wire.pair("A", Array("b".utf8), isLong: true), true),
        (Wire.pair("A", [UInt8](repeating: 65, count: 200)), true),
        (Wire.pair("A", [UInt8](repeating: 65, count: 66_000)), true),
        ([5, 5, 65], false),
        ([0x80], false),
        ([0x80, 0, 0], false),
        ([1, 0x80, 0, 0, 9, 65], false),
        ([3], false),
    ])
    func parametersThatEndInsideAPairAreMalformed(parameters: [UInt8], isSound: Bool) throws {
        let events = try Self.events(Wire.request(parameters: parameters))
        guard case .request(let request) = events.first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == (isSound ? nil : .malformedParameters))
        if !isSound { #expect(!request.keepConnection) }
    }

    @Test(arguments: [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] as [UInt8],
        [0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFE],
        [1, 0xFF, 0xFF, 0xFF, 0xFF, 65, 66, 67],
    ])
    func lengthsThatLieAreRefusedBeforeLibfcgiAllocatesThem(parameters: [UInt8]) throws {
        let bytes = Wire.begin() + Wire.record(4, parameters)
        guard case .request(let request) = try Self.events(bytes).first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == .parametersTooLarge)
        #expect(request.records == Wire.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + Wire.record(4) + Wire.record(5))
    }

    @Test func tooManyParametersAreRefused() throws {
        let parameters = Wire.pair("A", [UInt8](repeating: 65, count: 60_000))
        let events = try Self.events(Wire.request(parameters: parameters + parameters))
        guard case .request(let request) = events.first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == .parametersTooLarge)
    }

    /// Each name is looked for among those before it, so that the number of them is the work of a request.
    @Test(arguments: [
        (0, 509, true), (0, 510, false), (2, 509, true), (2, 510, false), (0, 12_000, false), (2, 12_000, false),
    ])
    func aRequestOfVeryManyTinyParametersIsRefused(valueLength: Int, count: Int, isSound: Bool) throws {
        let value = [UInt8](repeating: 65, count: valueLength)
        let tiny = (0..<count).flatMap { Wire.pair("A\($0)", value) }
        var reader = RecordReader(limits: ServerLimits(maxParameterBytes: 128 * 1024, maxBodyBytes: 100_000))
        Wire.request(parameters: Wire.getParameters + tiny).withUnsafeBytes { reader.append($0) }
        guard case .request(let request) = try reader.next() else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == (isSound ? nil : .parametersTooLarge))
    }

    @Test func aBodyOverTheLimitIsReadToItsEndButNotKept() throws {
        let events = try Self.events(Wire.request(keep: true, body: [UInt8](repeating: 66, count: 150_000)))
        guard case .request(let request) = events.first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == .bodyTooLarge)
        #expect(request.keepConnection)
        #expect(request.records.count < 100_000)
    }

    @Test func anEndlessBodyIsAnsweredBeforeItsEnd() throws {
        let block = Wire.record(5, [UInt8](repeating: 66, count: 65_535))
        var bytes = Wire.begin(keep: true) + Wire.record(4, Wire.getParameters) + Wire.record(4)
        for _ in 0..<40 { bytes += block }
        guard case .request(let request) = try Self.events(bytes).first else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == .bodyTooLarge)
        #expect(!request.keepConnection)
    }

    @Test func aBodyThatBreaksOffCanBeAnswered() throws {
        var reader = RecordReader(limits: Self.limits)
        let bytes = Wire.begin() + Wire.record(4, Wire.getParameters) + Wire.record(4) + Wire.record(5, [1, 2, 3])
        bytes.withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == nil)
        guard case .request(let request) = reader.endOfInput() else {
            Issue.record("no request")
            return
        }
        #expect(request.problem == .bodyTruncated)
    }

    /// What the length says, the body that has arrived, whether the request is whole without the record that ends the body.
    @Test(arguments: [
        (["0"], 0, true), (["3"], 3, true), (["3"], 2, false), (["2"], 3, false), (["3"], 0, false), ([""], 0, false),
        ([], 0, false), (["x"], 0, false), (["-1"], 0, false), (["99999999999999999999"], 0, false),
        (["3", "0"], 0, true), (["0", "3"], 0, false),
    ])
    func aBodyOfTheAnnouncedLengthIsWholeWithoutItsEnd(lengths: [String], count: Int, isWhole: Bool) throws {
        let pairs = [("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/")] + lengths.map { ("CONTENT_LENGTH", $0) }
        let body = [UInt8](repeating: 66, count: count)
        for isKept in [false, true] {
            let bytes =
                Wire.begin(keep: isKept) + Wire.record(4, Wire.pairs(pairs)) + Wire.record(4)
                + (body.isEmpty ? [] : Wire.record(5, body))
            var reader = RecordReader(limits: Self.limits)
            bytes.withUnsafeBytes { reader.append($0) }
            let expected = RecordReader.Event.request(
                ValidatedRequest(records: bytes + Wire.record(5), keepConnection: isKept, problem: nil)
            )
            #expect(try reader.next() == (isWhole ? expected : nil))
            guard isWhole else { continue }
            // A connection that ends waits for what the peer may still send; one that is kept takes it for nothing.
            #expect(reader.isDiscarding == !isKept)
            reader.finishRequest()
            (Wire.record(5) + Wire.request()).withUnsafeBytes { reader.append($0) }
            #expect(try reader.next() == Self.plainRequest)
        }
    }

    @Test func whatFollowsTheAnnouncedLengthIsNotPartOfTheNextRequest() throws {
        let parameters = Wire.pairs([("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("CONTENT_LENGTH", "0")])
        var reader = RecordReader(limits: Self.limits)
        (Wire.begin(keep: true) + Wire.record(4, parameters) + Wire.record(4)).withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() != nil)
        let forged = Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/forged")]))
        (Wire.record(5, forged) + Wire.record(5)).withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == nil)
        reader.finishRequest()
        Wire.request().withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == Self.plainRequest)
    }

    @Test func parametersThatBreakOffAreDropped() throws {
        var reader = RecordReader(limits: Self.limits)
        (Wire.begin() + Wire.record(4, Wire.getParameters)).withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == nil)
        #expect(reader.endOfInput() == nil)
    }

    @Test(arguments: [
        (Wire.record(9, id: 0, Wire.pairs([("FCGI_MPXS_CONNS", "")])), ["FCGI_MPXS_CONNS"]),
        (
            Wire.record(
                9,
                id: 0,
                Wire.pairs([("FCGI_MAX_CONNS", ""), ("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", "")])
            ),
            ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"]
        ),
        (Wire.record(9, id: 0, (0..<12).flatMap { _ in Wire.pairs([("FCGI_MPXS_CONNS", "")]) }), ["FCGI_MPXS_CONNS"]),
        (Wire.record(9, id: 0, Wire.pairs([("NONSENSE", "")])), []),
        (Wire.record(9, id: 0, [200, 1]), []),
        (Wire.record(9, id: 0), []),
    ])
    func valuesAreGivenOnceEachAndAtOnce(record: [UInt8], names: [String]) throws {
        let events = try Self.events(record)
        guard case .reply(let bytes) = events.first, events.count == 1 else {
            Issue.record("no reply")
            return
        }
        let answer = Answer(bytes)
        #expect(answer.records.map(\.kind) == [10])
        let text = String(decoding: answer.records[0].content, as: UTF8.self)
        for name in ["FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"] {
            #expect(text.components(separatedBy: name).count - 1 == (names.contains(name) ? 1 : 0))
        }
    }

    @Test(arguments: [[] as [UInt8], [1, 2, 3, 4, 5, 6, 7, 8]])
    func anUnknownManagementRecordIsAnsweredAndTheRequestServed(content: [UInt8]) throws {
        let events = try Self.events(Wire.record(42, id: 0, content) + Wire.request())
        #expect(events == [.reply(Wire.record(11, id: 0, [42, 0, 0, 0, 0, 0, 0, 0])), Self.plainRequest])
    }

    @Test(arguments: [UInt8(0), 2, 3, 9])
    func otherRolesAreRefusedInTheProtocolsWords(role: UInt8) throws {
        let end = Wire.record(3, [0, 0, 0, 0, 3, 0, 0, 0])
        #expect(try Self.events(Wire.begin(role: role)) == [.farewell(end)])
        let kept = Wire.begin(role: role, keep: true) + Wire.record(4) + Wire.record(5) + Wire.request(id: 1)
        #expect(try Self.events(kept) == [.reply(end), Self.plainRequest])
    }

    @Test func aSecondRequestOnABusyConnectionIsRefusedAndTheFirstServedWhole() throws {
        let bytes =
            Wire.begin() + Wire.begin(id: 2) + Wire.record(4, id: 2) + Wire.record(5, id: 2)
            + Wire.record(4, Wire.getParameters) + Wire.record(4) + Wire.record(5, id: 7)
            + Wire.record(5, [1, 2, 3]) + Wire.record(5)
        let request = ValidatedRequest(records: Self.canonical(body: [1, 2, 3]), keepConnection: false, problem: nil)
        #expect(
            try Self.events(bytes) == [.reply(Wire.record(3, id: 2, [0, 0, 0, 0, 1, 0, 0, 0])), .request(request)]
        )
    }

    @Test func recordsOfNoRequestAreIgnored() throws {
        let strays = Wire.record(5, id: 9) + Wire.record(4, id: 3, [1]) + Wire.record(2, id: 8) + Wire.record(42, id: 1)
        #expect(try Self.events(strays + Wire.request()) == [Self.plainRequest])
    }

    @Test func anAbortDuringTheRequestEndsIt() throws {
        let end = Wire.record(3, [0, 0, 0, 0, 0, 0, 0, 0])
        let inParameters = Wire.begin() + Wire.record(4, Wire.getParameters) + Wire.record(2)
        #expect(try Self.events(inParameters) == [.farewell(end)])
        let inBody =
            Wire.begin(keep: true) + Wire.record(4, Wire.getParameters) + Wire.record(4) + Wire.record(5, [1])
            + Wire.record(2) + Wire.record(5) + Wire.request(id: 2)
        let events = try Self.events(inBody)
        #expect(events.count == 2)
        #expect(events.first == .reply(end))
    }

    @Test func anAbortWhileTheResponderWorksIsReported() throws {
        var reader = RecordReader(limits: Self.limits)
        (Wire.request() + Wire.record(2)).withUnsafeBytes { reader.append($0) }
        #expect(try reader.next() == Self.plainRequest)
        #expect(try reader.next() == .abort(Wire.record(3, [0, 0, 0, 0, 0, 0, 0, 0])))
    }

    @Test func theNextRequestWaitsForTheAnswer() throws {
        var reader = RecordReader(limits: Self.limits)
        (Wire.request(keep: true) + Wire.request()).withUnsafeBytes { reader.append($0) }
        guard case .request(let first) = try reader.next() else {
            Issue.record("no request")
            return
        }
        #expect(first.keepConnection)
        #expect(try reader.next() == nil)
        #expect(!reader.isIdle)
        reader.finishRequest()
        #expect(try reader.next() == Self.plainRequest)
    }

    @Test(
        arguments: [
            [0, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0] as [UInt8],
            [2, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
            Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            Wire.begin(id: 0),
            Wire.record(1, [0, 1, 0, 0]),
            Wire.record(1, [UInt8](repeating: 0, count: 16)),
            Wire.begin() + Wire.begin(),
            Wire.begin() + Wire.record(5),
            Wire.begin() + Wire.record(4) + Wire.record(4, [1]),
            Wire.begin() + Wire.record(8),
            (0..<100).flatMap { _ in Wire.record(9, id: 0) } as [UInt8],
            (0..<100).flatMap { _ in Wire.record(5, id: 9) } as [UInt8],
        ] as [[UInt8]]
    )
    func whatNoWebServerSendsIsAViolation(bytes: [UInt8]) {
        #expect(throws: RecordReader.Violation.self) { try Self.events(bytes) }
    }

    @Test func singleBytesAreNotKeptWithARecordEach() throws {
        let body = (0..<10_000).map { UInt8(truncatingIfNeeded: $0) }
        let bytes =
            Wire.begin() + Wire.getParameters.flatMap { Wire.record(4, [$0]) } + Wire.record(4)
            + body.flatMap { Wire.record(5, [$0]) } + Wire.record(5)
        guard case .request(let request) = try Self.events(bytes).first else {
            Issue.record("no request")
            return
        }
        #expect(request.records == Self.canonical(body: body))
    }

    @Test func recordsAreJoinedUpToWhatOneCanHold() throws {
        let body = [UInt8](repeating: 7, count: 90_000)
        let bytes =
            Wire.begin() + Wire.record(4, Wire.getParameters) + Wire.record(4) + Wire.record(5, Array(body[..<60_000]))
            + Wire.record(5, Array(body[60_000...])) + Wire.record(5)
        guard case .request(let request) = try Self.events(bytes).first else {
            Issue.record("no request")
            return
        }
        #expect(request.records.count == Self.canonical().count + 90_000 + 2 * 8)
    }

    @Test(arguments: [1, 3, 10_000], ["A=B", "REQUEST_METHOD=", "A\0B", "=", "\0", "REMOTE_USER=admin"])
    func aNameThatWouldBecomeAnotherIsDropped(chunk: Int, name: String) throws {
        let long = String(repeating: "v", count: 300)
        let good = [("REQUEST_METHOD", "GET"), ("EMPTY", ""), ("", ""), ("LONG", long), ("REQUEST_URI", "/?a=b")]
        var mixed = good
        mixed.insert((name, "evil"), at: 0)
        mixed.insert((name, ""), at: 3)
        mixed.append((name, long))
        let bytes = Wire.begin() + Wire.record(4, Wire.pairs(mixed)) + Wire.record(4) + Wire.record(5)
        let expected = RecordReader.Event.request(
            ValidatedRequest(records: Self.canonical(Wire.pairs(good)), keepConnection: false, problem: nil)
        )
        #expect(try Self.events(bytes, chunk: chunk) == [expected])
    }
}
