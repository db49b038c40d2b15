/// Where the chains of an audit end.
///
/// Kept in another place, it shows later whether the end of the audit was cut off: nothing in the store itself can.
package struct AuditHead: Sendable, Hashable, CustomStringConvertible {
    /// The last entries, one of each chain that has any, in the order of the chains.
    package let ends: [AuditLink.Place]

    package init(ends: [AuditLink.Place]) {
        self.ends = ends.filter { $0.sequence > 0 }.sorted { $0.chain < $1.chain }
    }

    /// Reads what ``description`` wrote; nil when it is something else.
    package init?(_ text: String) {
        let words = text.split(separator: ":", omittingEmptySubsequences: false)
        guard words.count == 2, words[0] == "audit-1" else { return nil }
        var ends: [AuditLink.Place] = []
        for part in words[1].split(separator: ",") {
            let fields = part.split(separator: "-", omittingEmptySubsequences: false)
            guard
                fields.count == 3, let chain = Int64(fields[0]), let sequence = Int64(fields[1]),
                chain > ends.last?.chain ?? 0, sequence > 0, let mac = AuditMAC(hexadecimal: fields[2])
            else { return nil }
            ends.append(AuditLink.Place(chain: chain, sequence: sequence, mac: mac))
        }
        self.ends = ends
    }

    package var description: String {
        "audit-1:" + self.ends.map { "\($0.chain)-\($0.sequence)-\($0.mac.hexadecimal)" }.joined(separator: ",")
    }
}
