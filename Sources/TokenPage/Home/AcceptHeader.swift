/// Which of the page's two forms a browser or a program asked for (RFC 9110 section 12.5.1).
enum AcceptHeader {
    enum Form: Sendable {
        case html
        case json
    }

    /// HTML unless JSON is wanted more.
    ///
    /// Where both weigh the same, the one that was named more exactly wins: `application/json, */*` wants JSON. A header
    /// that accepts neither gets the page too, which serves a person better than a 406.
    static func preferredForm(_ values: [String]) -> Form {
        guard !Self.isOfABrowser(values) else { return .html }
        var html = Match()
        var json = Match()
        for range in values.joined(separator: ",").prefix(4_096).split(separator: ",") {
            let parts = range.split(separator: ";").map { Self.trimmed($0).lowercased() }
            guard let type = parts.first else { continue }
            let weight = Self.weight(parts.dropFirst())
            html.consider(type, weight: weight, exact: "text/html", family: "text/*")
            json.consider(type, weight: weight, exact: "application/json", family: "application/*")
        }
        if json.weight == html.weight {
            return json.weight > 0 && json.precision > html.precision ? .json : .html
        }
        return json.weight > html.weight ? .json : .html
    }

    /// Nearly every request: HTML comes first and at full weight, and JSON is not named.
    private static func isOfABrowser(_ values: [String]) -> Bool {
        guard var value = values.first else { return true }
        return values.count == 1 && value.withUTF8(Self.isOfABrowser)
    }

    static func isOfABrowser(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        guard value.starts(with: "text/html,".utf8) else { return false }
        // Of the names that begin so, nearly all are of XML.
        let family = Array("application/".utf8)
        for start in value.indices where value[start] == UInt8(ascii: "a") {
            let rest = value[start...]
            guard rest.starts(with: family) else { continue }
            let name = rest.dropFirst(family.count)
            if name.starts(with: "json".utf8) || name.first == UInt8(ascii: "*") { return false }
        }
        return true
    }

    /// How much a media type is wanted, from the most exact range that names it.
    private struct Match {
        var weight = 0.0
        var precision = 0

        mutating func consider(_ type: String, weight: Double, exact: String, family: String) {
            let precision =
                switch type {
                case exact: 3
                case family: 2
                case "*/*": 1
                default: 0
                }
            guard precision > self.precision else { return }
            self.precision = precision
            self.weight = weight
        }
    }

    private static func weight(_ parameters: ArraySlice<String>) -> Double {
        for parameter in parameters {
            let pair = parameter.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard pair.count == 2, pair[0] == "q" else { continue }
            guard let weight = Double(pair[1]), weight.isFinite else { return 0 }
            return min(max(weight, 0), 1)
        }
        return 1
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
