import Foundation
import TestSupport
import Testing

@testable import FastCGI

/// Streams of records with faults in them, many and always the same ones.
@Suite struct FuzzTests {
    private static let streamsASeed = 1000

    @Test(arguments: 0..<8)
    func noiseNeverEndsTheServer(seed: UInt64) async throws {
        let gate = Gate()
        gate.openAll()
        try await withServer(gate: gate) { path, _ in
            let good = try await onThread {
                var noise = Noise(seed: seed)
                var good = 0
                for number in 1...Self.streamsASeed {
                    let peer = try FastCGIPeer(path: path)
                    peer.send(noise.stream())
                    // Some peers leave without reading what they are sent.
                    if number % 4 != 0 {
                        peer.finishSending()
                        _ = try peer.readToEnd()
                    }
                    peer.close()
                    guard number % 100 == 0 else { continue }
                    let judge = try FastCGIPeer(path: path)
                    judge.send(Wire.request())
                    if Answer(try judge.readToEnd()).body == "hello" { good += 1 }
                    judge.close()
                }
                return good
            }
            #expect(good == Self.streamsASeed / 100)
            // Each connection of a server bears the path of its socket; in the end only the listening one is left.
            let isAlone = try await eventually { Self.sockets(at: path) == 1 }
            #expect(isAlone)
        }
    }

    private static func sockets(at path: String) -> Int {
        // Foundation reads no more than one page of such a file where it is asked for the whole.
        let file = FileHandle(forReadingAtPath: "/proc/net/unix")
        let table = String(decoding: (try? file?.readToEnd()) ?? Data(), as: UTF8.self)
        return table.split(separator: "\n").count { $0.hasSuffix(" " + path) }
    }
}

/// Makes streams of records and damages them.
private struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// SplitMix64, which gives the same numbers on every machine.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    mutating func stream() -> [UInt8] {
        var records = (0..<Int.random(in: 1...3, using: &self)).flatMap { _ in self.exchange() }
        for _ in 0..<Int.random(in: 0...2, using: &self) {
            let index = Int.random(in: 0..<records.count, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: records.remove(at: index)
            case 1: records.insert(records[index], at: index)
            case 2: records.swapAt(index, Int.random(in: 0..<records.count, using: &self))
            default: records.insert(self.record(), at: index)
            }
            guard !records.isEmpty else { return [] }
        }
        var bytes = Array(records.joined())
        for _ in 0..<Int.random(in: 0...4, using: &self) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: bytes[index] = UInt8.random(in: .min ... .max, using: &self)
            case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 2: bytes.remove(at: index)
            case 3: bytes.insert(UInt8.random(in: .min ... .max, using: &self), at: index)
            default: bytes.removeLast(min(bytes.count - index, 64))
            }
        }
        return bytes
    }

    /// The records of something that a web server might send.
    private mutating func exchange() -> [[UInt8]] {
        let id = UInt16.random(in: 0...3, using: &self)
        let keep = Bool.random(using: &self)
        let uri = ["/", "/size/9000", "/size/100000", "/wait", "/fail", "/nowhere"].randomElement(using: &self) ?? "/"
        let pairs = Wire.pairs([("REQUEST_METHOD", "GET"), ("REQUEST_URI", uri), ("CONTENT_LENGTH", "3")])
        let body = [Wire.record(5, id: id, [97, 98, 99], padding: 5), Wire.record(5, id: id)]
        let begin = [Wire.begin(id: id, role: UInt8.random(in: 1...2, using: &self), keep: keep)]
        let end = uri == "/wait" || Int.random(in: 0..<4, using: &self) == 0 ? [Wire.record(2, id: id)] : []
        return begin + [Wire.record(4, id: id, pairs, padding: 3), Wire.record(4, id: id)] + body + end
    }

    /// A record of any kind, with any content.
    private mutating func record() -> [UInt8] {
        let count = Int.random(in: 0...40, using: &self)
        let content = (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
        return Wire.record(
            UInt8.random(in: 0...12, using: &self),
            id: UInt16.random(in: 0...3, using: &self),
            content,
            padding: Int.random(in: 0...9, using: &self)
        )
    }
}
