/// Lines for a person: columns under headings, as wide as what is in them.
struct TextTable {
    let lines: [String]

    /// Each row has a cell for every heading; what others chose cannot add a line or turn its direction.
    init(_ headings: [String], _ rows: [[String]]) {
        let rows = [headings] + rows.map { $0.map(Self.cell) }
        let widths = headings.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        self.lines = rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard row[(column + 1)...].contains(where: { !$0.isEmpty }) else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            return line
        }
    }

    static func cell(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: scalars.append("\u{fffd}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }
}
