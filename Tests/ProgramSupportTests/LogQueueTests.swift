import Testing

@testable import ProgramSupport

struct LogQueueTests {
    private static func drain(_ queue: inout LogQueue) -> [String] {
        var lines: [String] = []
        while let line = queue.next() { lines.append(line) }
        return lines
    }

    @Test func linesComeOutInTheirOrder() {
        var queue = LogQueue(limit: 100)
        for line in ["a\n", "b\n", "c\n"] { queue.append(line) }
        #expect(Self.drain(&queue) == ["a\n", "b\n", "c\n"])
        #expect(queue.isEmpty)
    }

    @Test(arguments: [
        (1, "1 line of this log was dropped, because nothing read standard error.\n"),
        (3, "3 lines of this log were dropped, because nothing read standard error.\n"),
    ])
    func whatHasNoRoomIsCounted(dropped: Int, notice: String) {
        var queue = LogQueue(limit: 4)
        queue.append("aa\n")
        for _ in 0..<dropped { queue.append("bb\n") }
        #expect(Self.drain(&queue) == ["aa\n", notice])
        queue.append("cc\n")
        #expect(Self.drain(&queue) == ["cc\n"])
    }

    @Test func aLineThatIsLongerThanTheQueueIsWrittenWhenNothingElseWaits() {
        var queue = LogQueue(limit: 4)
        let line = String(repeating: "x", count: 100) + "\n"
        queue.append(line)
        #expect(Self.drain(&queue) == [line])
    }

    @Test func aShortLineDoesNotOvertakeALongOneThatWasDropped() {
        var queue = LogQueue(limit: 8)
        queue.append("first\n")
        queue.append("much too long\n")
        queue.append("b\n")
        #expect(
            Self.drain(&queue) == [
                "first\n", "2 lines of this log were dropped, because nothing read standard error.\n",
            ]
        )
    }
}
