/// The figures of a run.
struct KillReport: Sendable {
    var results: [KillResult] = []
    /// Kills that would have missed their point, and were not done.
    var missed = 0

    var complaints: [String] {
        self.results.flatMap { result in result.complaints.map { "\(result.point), \(result.kind): \($0)" } }
    }

    /// A table for people: kills, and grants that need a new login, by point and kind.
    var text: String {
        var lines = ["kills (grants that need a new login)"]
        lines.append(Self.line(["point"] + GrantLedger.Kind.allCases.map(\.rawValue) + ["all"]))
        for point in KillPoint.allCases {
            let ofPoint = self.results.filter { $0.point == point }
            let cells = GrantLedger.Kind.allCases.map { kind in Self.cell(ofPoint.filter { $0.kind == kind }) }
            lines.append(Self.line([point.rawValue] + cells + [Self.cell(ofPoint)]))
        }
        let cells = GrantLedger.Kind.allCases.map { kind in Self.cell(self.results.filter { $0.kind == kind }) }
        lines.append(Self.line(["all"] + cells + [Self.cell(self.results)]))
        let sum = { (value: (KillResult) -> Int) in self.results.map(value).reduce(0, +) }
        let slowest = self.results.map(\.labelledAfter).max() ?? .zero
        lines.append(
            "\(sum(\.grants)) grants, \(sum(\.requests)) requests for new tokens in \(sum(\.arms)) leases; "
                + "\(sum(\.uncertain)) were shown as Uncertain and served, the last \(slowest) after the restart; "
                + "\(self.missed) kills not done because the vault was too fast; \(self.complaints.count) complaints"
        )
        return lines.joined(separator: "\n")
    }

    private static func cell(_ results: [KillResult]) -> String {
        "\(results.count) (\(results.map(\.lost).reduce(0, +)))"
    }

    private static func line(_ cells: [String]) -> String {
        let widths = [26, 12, 12, 22, 12, 12]
        return zip(cells, widths)
            .map { cell, width in cell + String(repeating: " ", count: max(0, width - cell.count)) }
            .joined()
    }
}
