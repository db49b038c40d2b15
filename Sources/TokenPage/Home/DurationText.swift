/// A duration as a person reads it: tenths of a millisecond below ten, whole ones below a second, then seconds.
enum DurationText {
    static func text(_ duration: Duration) -> String {
        var bytes: [UInt8] = []
        Self.append(duration, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func append(_ duration: Duration, to bytes: inout [UInt8]) {
        // What is longer than a year, or less than nothing, is no time that a page took.
        let milliseconds = min(max(duration.milliseconds, 0), 31_536_000_000)
        if milliseconds < 9.95 {
            Self.append(tenths: (milliseconds * 10).rounded(), to: &bytes)
            bytes.append(contentsOf: " ms".utf8)
        } else if milliseconds < 999.5 {
            Self.append(Int(milliseconds.rounded()), to: &bytes)
            bytes.append(contentsOf: " ms".utf8)
        } else {
            Self.append(tenths: (milliseconds / 100).rounded(), to: &bytes)
            bytes.append(contentsOf: " s".utf8)
        }
    }

    private static func append(tenths: Double, to bytes: inout [UInt8]) {
        let tenths = Int(tenths)
        Self.append(tenths / 10, to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(UInt8(ascii: "0") + UInt8(tenths % 10))
    }

    private static func append(_ number: Int, to bytes: inout [UInt8]) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
