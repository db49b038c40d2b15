/// Lines that wait to be written, up to a number of bytes; those that have no room are counted and dropped.
struct LogQueue {
    private let limit: Int
    private var lines: ArraySlice<String> = []
    private var bytes = 0
    private var dropped = 0

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { self.lines.isEmpty && self.dropped == 0 }

    /// Puts a line at the end, or counts it as dropped.
    ///
    /// After a line that was dropped, others are until the queue has been emptied: the lines around a gap are in order.
    mutating func append(_ line: String) {
        let size = line.utf8.count
        guard self.dropped == 0, self.lines.isEmpty || self.bytes + size <= self.limit else {
            self.dropped += 1
            return
        }
        self.lines.append(line)
        self.bytes += size
    }

    /// Takes the oldest line; behind the last, one that says how many are missing.
    mutating func next() -> String? {
        if let line = self.lines.popFirst() {
            self.bytes -= line.utf8.count
            return line
        }
        guard self.dropped > 0 else { return nil }
        defer { self.dropped = 0 }
        let lines = self.dropped == 1 ? "1 line of this log was" : "\(self.dropped) lines of this log were"
        return "\(lines) dropped, because nothing read standard error.\n"
    }
}
