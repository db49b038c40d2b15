@testable import FastCGI

/// The cases, in the order of the FastCGI specification: streams, pairs, records, roles, management, abort, order.
extension ConformanceTests {
    private static let begin = Wire.begin()
    private static let beginKept = Wire.begin(keep: true)
    private static let parameters = Wire.record(4, Wire.getParameters)
    private static let endParameters = Wire.record(4)
    private static let endInput = Wire.record(5)
    private static let abort = Wire.record(2)
    private static let abc = Wire.record(5, [97, 98, 99])
    private static let kept = Wire.request(keep: true)
    private static let hello = ["1: 200 hello", "1: complete"]
    private static let truncated = ["1: 400 The request's body is incomplete.", "1: complete"]
    private static let malformed = ["1: 400 The request's parameters are malformed.", "1: complete"]
    private static let tooLarge = ["1: 431 The request's header fields are too large.", "1: complete"]

    /// A request for the page that says where it came from, with more pairs behind its own.
    private static func who(_ pairs: [UInt8]...) -> [[UInt8]] {
        [Wire.request(parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/who")]) + pairs.joined())]
    }

    private static func who(is answer: String) -> [String] { ["1: 200 \(answer)", "1: complete"] }

    private static func address(_ value: [UInt8], isLong: Bool = false) -> [UInt8] {
        Wire.pair("REMOTE_ADDR", value, isLong: isLong)
    }

    /// A request whose responder waits until it is cancelled.
    private static func waiting(keep: Bool) -> [UInt8] {
        Wire.request(keep: keep, parameters: Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/wait")]))
    }

    /// A POST before its STDIN stream.
    private static func post(keep: Bool = true, length: Int) -> [UInt8] {
        let pairs = [("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/echo"), ("CONTENT_LENGTH", String(length))]
        return Wire.begin(keep: keep) + Wire.record(4, Wire.pairs(pairs)) + self.endParameters
    }

    /// The GET request, with its parameters cut into two records.
    private static func cut(behind count: Int) -> [[UInt8]] {
        [
            self.begin, Wire.record(4, Array(Wire.getParameters[..<count])),
            Wire.record(4, Array(Wire.getParameters[count...])), self.endParameters, self.endInput,
        ]
    }

    private static func values(_ names: String...) -> [UInt8] {
        Wire.record(9, id: 0, Wire.pairs(names.map { ($0, "") }))
    }

    static let streams = [
        Case("a request", [Wire.request()], hello, .closed),
        Case("a request on a kept connection", [kept], hello, .open),
        Case("two requests, one after the other", [kept, Wire.request()], hello + hello, .closed),
        Case("parameters cut behind a name's length", cut(behind: 1), hello, .closed),
        Case("parameters cut inside a name", cut(behind: 5), hello, .closed),
        Case("parameters cut inside a value", cut(behind: 18), hello, .closed),
        Case(
            "padding in PARAMS",
            [begin, Wire.record(4, Wire.getParameters, padding: 3), Wire.record(4, padding: 255), endInput],
            hello,
            .closed
        ),
        Case(
            "padding in STDIN",
            [post(length: 255)] + (1...255).map { Wire.record(5, [97], padding: $0) } + [endInput],
            ["1: 200 255 bytes", "1: complete"],
            .open
        ),
        Case(
            "padding behind the end of STDIN",
            [post(length: 3), abc, Wire.record(5, padding: 255)],
            ["1: 200 abc", "1: complete"],
            .open
        ),
        Case(
            "a megabyte in records of 65535 bytes",
            [Wire.post(keep: true, body: [UInt8](repeating: 97, count: 1_048_560))],
            ["1: 200 1048560 bytes", "1: complete"],
            .open
        ),
        Case(
            "a body over the limit",
            [Wire.post(keep: true, body: [UInt8](repeating: 97, count: 1_100_000))],
            ["1: 413 The request's body is too large.", "1: complete"],
            .open
        ),
        Case(
            "a body that is longer than CONTENT_LENGTH",
            [post(length: 2), abc, endInput],
            ["1: 200 ab", "1: complete"],
            .open
        ),
        Case(
            "a body that is shorter than CONTENT_LENGTH",
            [post(length: 4), abc, endInput],
            ["1: 400 Bad request: the body is shorter than CONTENT_LENGTH.", "1: complete"],
            .open
        ),
        Case(
            "a body that nobody reads and that holds a request",
            [Wire.post(keep: true, body: Wire.request(), uri: "/nowhere")],
            ["1: 404", "1: complete"],
            .open
        ),
        Case(
            "a request of 8200 bytes",
            [Wire.request(keep: true, parameters: Wire.getParameters + Self.filling(to: 8160))],
            hello,
            .open
        ),
        Case("sending ends inside PARAMS", [begin, parameters], [], .halfClosed),
        Case("sending ends before STDIN", [begin, parameters, endParameters], truncated, .halfClosed),
        Case("sending ends inside STDIN", [post(length: 9), abc], truncated, .halfClosed),
        Case("sending ends behind two requests", [kept, kept], hello + hello, .halfClosed),
        Case("sending ends inside the second request", [kept, beginKept], hello, .halfClosed),
        Case("sending ends inside the second body", [kept, post(length: 9), abc], hello + truncated, .halfClosed),
        Case("nothing is sent", [], [], .halfClosed),
    ]

    /// A pair that brings the parameters to a length; 40 bytes of records stand around them.
    private static func filling(to count: Int) -> [UInt8] {
        Wire.pair("A", [UInt8](repeating: 97, count: count - Wire.getParameters.count - 6))
    }

    static let pairs = [
        Case("lengths of four bytes for short strings", who(address([97], isLong: true)), who(is: "a false"), .closed),
        Case("a value of 128 bytes", who(address([UInt8](repeating: 97, count: 128))), who(is: "134 bytes"), .closed),
        Case(
            "a value over several records",
            who(address([UInt8](repeating: 97, count: 70_000))),
            who(is: "70006 bytes"),
            .closed
        ),
        Case("an empty name and value", who(Wire.pair("", []), address([97])), who(is: "a false"), .closed),
        Case("an empty value", who(address([])), who(is: "false"), .closed),
        Case("a name twice", who(address([97]), address([98])), who(is: "b false"), .closed),
        Case("a parameter FCGI_ROLE", who(Wire.pair("FCGI_ROLE", [57])), who(is: "nobody false"), .closed),
        Case("a zero in a value", who(address([97, 0, 98])), who(is: "a false"), .closed),
        Case("bytes that are not UTF-8", who(address([0xFF, 0xC3])), who(is: "\u{FFFD}\u{FFFD} false"), .closed),
        Case(
            "no parameters",
            [Wire.request(keep: true, parameters: [])],
            ["1: 400 Bad request: REQUEST_METHOD is missing.", "1: complete"],
            .open
        ),
        Case("a value that ends too early", [Wire.request(parameters: [1, 9, 97, 98])], malformed, .closed),
        Case("a length that ends too early", [Wire.request(parameters: [0x80, 0])], malformed, .closed),
        Case(
            "two lengths of 2147483647",
            [begin, Wire.record(4, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF])],
            tooLarge,
            .closed
        ),
        Case(
            "two lengths of 2147483646",
            [begin, Wire.record(4, [0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFE])],
            tooLarge,
            .closed
        ),
        Case(
            "a value of 2 GB that never comes",
            [begin, Wire.record(4, [1, 0xFF, 0xFF, 0xFF, 0xFF, 97, 98, 99]), endParameters, endInput],
            tooLarge,
            .closed
        ),
    ]

    static let violations = [
        Case("version 0", [[0, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]], [], .closed),
        Case("version 2", [[2, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]], [], .closed),
        Case("HTTP", [Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)], [], .closed),
        Case("BEGIN_REQUEST for request 0", [Wire.begin(id: 0)], [], .closed),
        Case("BEGIN_REQUEST of 4 bytes", [Wire.record(1, [0, 1, 0, 0])], [], .closed),
        Case("BEGIN_REQUEST of 16 bytes", [Wire.record(1, [UInt8](repeating: 1, count: 16))], [], .closed),
        Case("BEGIN_REQUEST twice in PARAMS", [begin, begin], [], .closed),
        Case("BEGIN_REQUEST twice in STDIN", [post(length: 3), begin], [], .closed),
        Case("STDIN before the end of PARAMS", [begin, parameters, endInput], [], .closed),
        Case("PARAMS behind their end", [begin, endParameters, parameters], [], .closed),
        Case("FCGI_DATA to a responder", [begin, Wire.record(8, [1])], [], .closed),
        Case("a record that only a responder sends", [begin, Wire.record(6, [1])], [], .closed),
        Case("a flood of records of no request", (0..<65).map { _ in Wire.record(5, id: 9) }, [], .closed),
    ]

    static let roles = [UInt8(0), 2, 3, 9].flatMap { role in
        [
            Case("role \(role)", [Wire.begin(role: role)], ["1: unknown role"], .closed),
            Case(
                "role \(role) with its streams on a kept connection",
                [
                    Wire.begin(role: role, keep: true), parameters, endParameters, abc, endInput, Wire.record(8, [1]),
                    Wire.record(8),
                ],
                ["1: unknown role"],
                .open
            ),
        ]
    }

    static let management = [
        Case(
            "an unknown type inside a request",
            [begin, Wire.record(42), parameters, Wire.record(42, [1]), endParameters, Wire.record(42), endInput],
            hello,
            .closed
        ),
        Case("an unknown type", [Wire.record(42, id: 0), kept], ["0: unknown type 42"] + hello, .open),
        Case(
            "an unknown type with a body",
            [Wire.record(42, id: 0, [1, 2, 3, 4, 5, 6, 7, 8], padding: 7), kept],
            ["0: unknown type 42"] + hello,
            .open
        ),
        Case(
            "values before a request",
            [values("FCGI_MAX_CONNS", "FCGI_MAX_REQS", "FCGI_MPXS_CONNS"), kept],
            ["0: values MAX_CONNS MAX_REQS MPXS_CONNS"] + hello,
            .open
        ),
        Case(
            "values inside a request",
            [beginKept, values("FCGI_MAX_CONNS"), parameters, endParameters, endInput],
            ["0: values MAX_CONNS"] + hello,
            .open
        ),
        Case("values alone", [values("FCGI_MPXS_CONNS")], ["0: values MPXS_CONNS"], .open),
        Case("values that nobody knows", [values("NONSENSE")], ["0: values"], .open),
        Case("no values", [values()], ["0: values"], .open),
        Case(
            "a value twelve times",
            [Wire.record(9, id: 0, (0..<12).flatMap { _ in Wire.pair("FCGI_MPXS_CONNS", []) })],
            ["0: values MPXS_CONNS"],
            .open
        ),
    ]

    static let aborts = [
        Case("abort before PARAMS", [beginKept, abort], ["1: complete"], .open),
        Case("abort in PARAMS", [beginKept, parameters, abort], ["1: complete"], .open),
        Case("abort in PARAMS, not kept", [begin, parameters, abort], ["1: complete"], .closed),
        Case("abort in STDIN", [post(length: 6), abc, abort, abc, endInput], ["1: complete"], .open),
        Case("abort in STDIN, not kept", [post(keep: false, length: 6), abc, abort], ["1: complete"], .closed),
        Case("abort of a running request", [waiting(keep: true), abort], ["1: complete"], .open),
        Case("abort of a running request, not kept", [waiting(keep: false), abort], ["1: complete"], .closed),
        Case("abort twice", [waiting(keep: true), abort, abort], ["1: complete"], .open),
        Case("abort, then the same number", [waiting(keep: true), abort, kept], ["1: complete"] + hello, .open),
        Case(
            "abort, then another number",
            [waiting(keep: true), abort, Wire.request(id: 2, keep: true)],
            ["1: complete", "2: 200 hello", "2: complete"],
            .open
        ),
        Case("abort of no request", [Wire.record(2, id: 5), kept], hello, .open),
        Case("abort of another request", [waiting(keep: true), Wire.record(2, id: 5), abort], ["1: complete"], .open),
    ]

    static let order = [
        Case(
            "a second request inside the first",
            [begin, Wire.begin(id: 2), parameters, endParameters, endInput],
            ["2: no multiplexing"] + hello,
            .closed
        ),
        Case(
            "a second request while the first runs",
            [waiting(keep: true), Wire.request(id: 2, keep: true), abort],
            ["2: no multiplexing", "1: complete"],
            .open
        ),
        Case(
            "a second request's records before the first's body",
            [post(length: 3), Wire.begin(id: 2), Wire.record(4, id: 2), Wire.record(5, id: 2), abc, endInput],
            ["2: no multiplexing", "1: 200 abc", "1: complete"],
            .open
        ),
        Case(
            "an empty record of no request before the body",
            [post(length: 3), Wire.record(5, id: 7), abc, endInput],
            ["1: 200 abc", "1: complete"],
            .open
        ),
        Case("an empty STDIN before the first request", [Wire.record(5, id: 9), kept], hello, .open),
        Case(
            "the largest number of a request",
            [Wire.request(id: 65_535, keep: true)],
            ["65535: 200 hello", "65535: complete"],
            .open
        ),
    ]
}
