import Crypto
import Foundation

/// How records lie in the file of an ``AnswerJournal``: each begins at a block of its own, so that a damaged one hides no
/// other.
enum JournalLayout {
    static let blockSize = 4096

    /// A record as it lies in the file.
    struct Record: Sendable, Hashable {
        let block: Int
        let digest: Data
        let payload: Data

        var blockCount: Int { JournalLayout.blockCount(ofPayload: self.payload.count) }
    }

    struct Contents: Sendable {
        var records: [Record] = []
        /// Blocks in which a record begins that is not as it was written.
        var damaged: [Int] = []
        var free: [Range<Int>] = []
    }

    private static let magic = Data("TVANSWR1".utf8)
    private static let digestSize = 32
    private static let headerSize = magic.count + 4 + digestSize

    static func blockCount(ofPayload count: Int) -> Int {
        (self.headerSize + count + self.blockSize - 1) / self.blockSize
    }

    /// A record, filled up to whole blocks.
    static func encode(_ payload: Data) -> Data {
        var bytes = self.magic
        bytes.append(self.length(payload.count))
        bytes.append(self.digest(of: payload))
        bytes.append(payload)
        bytes.append(Data(count: self.blockCount(ofPayload: payload.count) * self.blockSize - bytes.count))
        return bytes
    }

    static func read(_ file: Data) -> Contents {
        var contents = Contents()
        let count = file.count / self.blockSize
        var block = 0
        while block < count {
            let rest = file.dropFirst(block * self.blockSize)
            guard rest.starts(with: self.magic) else {
                if let last = contents.free.last, last.upperBound == block {
                    contents.free[contents.free.count - 1] = last.lowerBound..<block + 1
                } else {
                    contents.free.append(block..<block + 1)
                }
                block += 1
                continue
            }
            if let record = self.record(rest, block: block) {
                contents.records.append(record)
                block += record.blockCount
            } else {
                contents.damaged.append(block)
                block += 1
            }
        }
        return contents
    }

    private static func record(_ bytes: Data, block: Int) -> Record? {
        let header = bytes.prefix(self.headerSize)
        guard header.count == self.headerSize else { return nil }
        let length = header.dropFirst(self.magic.count).prefix(4).reduce(0) { $0 << 8 | Int($1) }
        let payload = Data(bytes.dropFirst(self.headerSize).prefix(length))
        let digest = Data(header.suffix(self.digestSize))
        guard payload.count == length, self.digest(of: payload) == digest else { return nil }
        return Record(block: block, digest: digest, payload: payload)
    }

    private static func length(_ count: Int) -> Data {
        withUnsafeBytes(of: UInt32(truncatingIfNeeded: count).bigEndian) { Data($0) }
    }

    private static func digest(of payload: Data) -> Data {
        var hash = SHA256()
        hash.update(data: self.length(payload.count))
        hash.update(data: payload)
        return Data(hash.finalize())
    }
}
