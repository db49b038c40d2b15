/// Reads what a peer sends on one connection: answers the records that are not about a request, drops those that are
/// about no request of ours, and gathers the records of one request at a time.
///
/// libfcgi would block, lose a body or abort on some of the records that are dealt with here (FastCGI specification
/// sections 3.3, 4 and 5), so it sees only what this reader let through. The reader does no I/O.
struct RecordReader {
    enum Event: Equatable {
        /// Send this.
        case reply([UInt8])
        /// A whole request is there; nothing else comes before ``RecordReader/finishRequest()``.
        case request(ValidatedRequest)
        /// The peer gave up the request that is being answered: send this instead of the answer (section 5.4).
        case abort([UInt8])
        /// Send this, then close the connection.
        case farewell([UInt8])
    }

    /// What no answer is owed to: the connection is closed.
    enum Violation: Error, Equatable {
        case version(UInt8)
        case beginRequest
        case unexpected(kind: UInt8)
        /// More records without a request than a web server has reason to send.
        case flood
    }

    private enum Phase: Equatable {
        /// Between two requests.
        case idle
        case parameters
        case body
        /// A request was handed out and is not answered yet.
        case busy
        /// As busy, and the connection is lost for further requests.
        case discarding
    }

    /// Records that are answered or dropped between two requests; a web server sends none or a few.
    private static let strayLimit = 64
    /// No more is read while this many bytes wait behind a request that is being answered.
    private static let waitingLimit = 128 * 1024

    private let limits: ServerLimits
    private var buffer: [UInt8] = []
    private var offset = 0
    private var phase = Phase.idle
    private var strays = 0
    /// Which request is being read, or answered.
    private(set) var requestID: UInt16 = 0
    private var keepConnection = false
    private var validator: ParameterValidator
    /// How long the body of the request is, as far as it has come.
    private(set) var bodyBytes = 0
    /// What `CONTENT_LENGTH` says, -1 where it says nothing; nil until somebody has to know.
    private var announcedLength: Int?
    private var records: [UInt8] = []
    /// Where the last record of them begins, and what it is.
    private var lastRecord: (start: Int, kind: UInt8, length: Int)?

    init(limits: ServerLimits) {
        self.limits = limits
        self.validator = ParameterValidator(limit: limits.maxParameterBytes)
    }

    /// True when the request was handed out before its end was read: more of it may come, and is dropped.
    var isDiscarding: Bool { self.phase == .discarding }

    /// True when no request has begun, or the last one is over.
    var isBetweenRequests: Bool { self.phase == .idle }

    /// True when what has arrived has to wait for the answer to the request before it.
    var isFull: Bool { self.phase == .busy && self.buffer.count - self.offset >= Self.waitingLimit }

    /// True when nothing of a request has arrived yet.
    var isIdle: Bool { self.phase == .idle && self.buffer.count == self.offset }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard self.phase != .discarding else { return }
        // A peer may never stop in between two records, so waiting for the end of all would keep everything it ever sent.
        if self.offset * 2 >= self.buffer.count {
            self.buffer.removeFirst(self.offset)
            self.offset = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// The next thing to do, or nil when more bytes are needed.
    mutating func next() throws(Violation) -> Event? {
        while self.phase != .discarding, self.buffer.count - self.offset >= RecordHeader.size {
            let header = RecordHeader(self.buffer[self.offset...])
            guard header.version == RecordHeader.version else { throw .version(header.version) }
            if self.phase == .busy, header.kind == RecordHeader.Kind.beginRequest, header.requestID == self.requestID {
                // The next request on a kept connection waits for the answer to this one.
                return nil
            }
            let start = self.offset + RecordHeader.size
            guard self.buffer.count >= start + header.bodyLength else { return nil }
            self.offset = start + header.bodyLength
            if let event = try self.read(header, self.buffer[start..<start + header.contentLength]) {
                return event
            }
        }
        return self.hasAnnouncedBody() ? self.handOut(problem: nil, endsInput: false) : nil
    }

    /// True when all has arrived that `CONTENT_LENGTH` speaks of, which is where a script stops to read (RFC 3875 section 4.2), and
    /// nothing else waits.
    ///
    /// HAProxy 2.6 never ends the body of a POST that has none.
    private mutating func hasAnnouncedBody() -> Bool {
        guard self.phase == .body, self.offset == self.buffer.count else { return false }
        // Once for a request: the body may come in very many parts.
        let length = self.announcedLength ?? ParameterPairs.contentLength(inRecords: self.records) ?? -1
        self.announcedLength = length
        return length == self.bodyBytes
    }

    /// The peer will send nothing more: what can still be answered, if anything.
    mutating func endOfInput() -> Event? {
        guard self.phase == .body else { return nil }
        return self.handOut(problem: .bodyTruncated)
    }

    /// The request that was handed out is answered; the connection may carry another.
    mutating func finishRequest() {
        self.phase = .idle
        self.strays = 0
        self.records = []
        self.lastRecord = nil
    }

    private mutating func read(_ header: RecordHeader, _ content: ArraySlice<UInt8>) throws(Violation) -> Event? {
        if header.requestID == 0 {
            return try self.readManagement(header, content)
        }
        if self.phase == .idle || header.requestID != self.requestID {
            return try self.readOther(header, content)
        }
        switch (header.kind, self.phase) {
        case (RecordHeader.Kind.params, .parameters):
            return self.readParameters(header, content)
        case (RecordHeader.Kind.stdin, .body):
            return self.readBody(header, content)
        case (RecordHeader.Kind.abortRequest, .parameters), (RecordHeader.Kind.abortRequest, .body),
            (RecordHeader.Kind.abortRequest, .busy):
            let reply = ManagementReply.endRequest(
                self.requestID,
                status: ManagementReply.ProtocolStatus.requestComplete
            )
            if self.phase == .busy { return .abort(reply) }
            self.finishRequest()
            return self.keepConnection ? .reply(reply) : .farewell(reply)
        case (1...8, .parameters), (1...8, .body):
            // A stream out of its order: what follows cannot be trusted.
            throw .unexpected(kind: header.kind)
        default:
            try self.countStray()
            return nil
        }
    }

    /// Records about the connection, not about a request (section 4).
    private mutating func readManagement(
        _ header: RecordHeader,
        _ content: ArraySlice<UInt8>
    ) throws(Violation) -> Event? {
        guard header.kind != RecordHeader.Kind.beginRequest else { throw .beginRequest }
        try self.countStray()
        guard header.kind == RecordHeader.Kind.getValues else {
            return .reply(ManagementReply.unknownType(header.kind))
        }
        return .reply(
            ManagementReply.values(
                askedFor: content,
                maxConnections: self.limits.maxConnections,
                maxRequests: self.limits.maxInFlight
            )
        )
    }

    /// Records of a request that is not the one being read: a new one, or one that is over (section 3.3).
    private mutating func readOther(
        _ header: RecordHeader,
        _ content: ArraySlice<UInt8>
    ) throws(Violation) -> Event? {
        guard header.kind == RecordHeader.Kind.beginRequest else {
            try self.countStray()
            return nil
        }
        guard content.count == 8 else { throw .beginRequest }
        let role = UInt16(content[content.startIndex]) << 8 | UInt16(content[content.startIndex + 1])
        let keepConnection = content[content.startIndex + 2] & 1 != 0
        guard self.phase == .idle else {
            try self.countStray()
            return .reply(
                ManagementReply.endRequest(header.requestID, status: ManagementReply.ProtocolStatus.cannotMultiplex)
            )
        }
        guard role == 1 else {
            try self.countStray()
            let reply = ManagementReply.endRequest(
                header.requestID,
                status: ManagementReply.ProtocolStatus.unknownRole
            )
            return keepConnection ? .reply(reply) : .farewell(reply)
        }
        self.phase = .parameters
        self.requestID = header.requestID
        self.keepConnection = keepConnection
        self.validator = ParameterValidator(limit: self.limits.maxParameterBytes)
        self.bodyBytes = 0
        self.announcedLength = nil
        self.records.reserveCapacity(self.buffer.count)
        self.keep(kind: header.kind, content)
        return nil
    }

    private mutating func readParameters(_ header: RecordHeader, _ content: ArraySlice<UInt8>) -> Event? {
        guard !content.isEmpty else {
            guard self.validator.isComplete else { return self.handOut(problem: .malformedParameters) }
            if self.validator.hasUnusableName { self.removeUnusableNames() }
            self.keep(kind: header.kind, content)
            self.phase = .body
            return nil
        }
        do {
            try self.validator.feed(content)
        } catch {
            return self.handOut(problem: .parametersTooLarge)
        }
        self.keep(kind: header.kind, content)
        return nil
    }

    /// Writes the parameters again without the pairs that libfcgi would take for others.
    private mutating func removeUnusableNames() {
        var pairs = ParameterPairs.removingUnusableNames(ParameterPairs.stream(inRecords: self.records))[...]
        // What stands before them is the record that begins the request.
        self.records = Array(self.records.prefix(RecordHeader.size + RecordHeader(self.records[...]).bodyLength))
        self.lastRecord = nil
        while !pairs.isEmpty {
            self.keep(kind: RecordHeader.Kind.params, pairs.prefix(RecordHeader.maxContentLength))
            pairs = pairs.dropFirst(RecordHeader.maxContentLength)
        }
    }

    private mutating func readBody(_ header: RecordHeader, _ content: ArraySlice<UInt8>) -> Event? {
        self.bodyBytes += content.count
        if self.bodyBytes <= self.limits.maxBodyBytes {
            guard content.isEmpty else {
                self.keep(kind: header.kind, content)
                return nil
            }
            return self.handOut(problem: nil, endsInput: true)
        }
        // Too large: the rest is read and dropped, so that the peer comes to read the answer, but not for ever.
        if content.isEmpty || self.bodyBytes > 2 * self.limits.maxBodyBytes + 1024 * 1024 {
            return self.handOut(problem: .bodyTooLarge, endsInput: content.isEmpty)
        }
        return nil
    }

    /// Ends both streams and hands out what was gathered.
    private mutating func handOut(problem: ValidatedRequest.Problem?, endsInput: Bool = false) -> Event {
        switch problem {
        case .malformedParameters, .parametersTooLarge:
            // Nothing of a stream that did not pass may reach libfcgi.
            self.records.removeAll(keepingCapacity: true)
            self.lastRecord = nil
            self.keep(kind: RecordHeader.Kind.beginRequest, [0, 1, 0, 0, 0, 0, 0, 0])
            self.keep(kind: RecordHeader.Kind.params, [])
        case .bodyTooLarge, .bodyTruncated, nil:
            break
        }
        self.keep(kind: RecordHeader.Kind.stdin, [])
        // On a kept connection the end of a body that was not waited for belongs to no request when it comes.
        let isClean = endsInput || (problem == nil && self.keepConnection)
        self.phase = isClean ? .busy : .discarding
        return .request(
            ValidatedRequest(
                records: self.records,
                keepConnection: self.keepConnection && isClean,
                problem: problem
            )
        )
    }

    /// Keeps a record, or its content in the record before it: a peer that sends single bytes would have eight more of
    /// each kept.
    private mutating func keep(kind: UInt8, _ content: ArraySlice<UInt8>) {
        if let last = self.lastRecord, last.kind == kind, !content.isEmpty, last.length > 0,
            last.length + content.count <= RecordHeader.maxContentLength
        {
            let length = last.length + content.count
            self.records[last.start + 4] = UInt8(length >> 8)
            self.records[last.start + 5] = UInt8(length & 0xFF)
            self.records.append(contentsOf: content)
            self.lastRecord?.length = length
            return
        }
        self.lastRecord = (self.records.count, kind, content.count)
        let header = RecordHeader(kind: kind, requestID: self.requestID, contentLength: content.count)
        header.append(to: &self.records)
        self.records.append(contentsOf: content)
    }

    private mutating func countStray() throws(Violation) {
        self.strays += 1
        guard self.strays <= Self.strayLimit else { throw .flood }
    }
}
