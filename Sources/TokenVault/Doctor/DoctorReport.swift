import Foundation

/// What the doctor found; no secret is in it.
struct DoctorReport: Encodable {
    let works: Bool
    let findings: [DoctorFinding]

    init(_ findings: [DoctorFinding]) {
        self.findings = findings
        self.works = !findings.contains { $0.state == .broken }
    }

    var text: String {
        let widest = self.findings.map(\.about.count).max() ?? 0
        let blocks = self.findings.map { finding in
            let name = finding.about.padding(toLength: widest, withPad: " ", startingAt: 0)
            var lines = ["\(name)  \(finding.state.rawValue)"]
            lines.append("    \(TextTable.cell(finding.finding))")
            if let remedy = finding.remedy { lines.append("    To do: \(TextTable.cell(remedy))") }
            return lines.joined(separator: "\n")
        }
        let broken = self.findings.filter { $0.state == .broken }.map(\.about)
        let summary = broken.isEmpty ? "Nothing is broken." : "Broken: \(broken.joined(separator: ", "))."
        return (blocks + [summary]).joined(separator: "\n\n")
    }
}
