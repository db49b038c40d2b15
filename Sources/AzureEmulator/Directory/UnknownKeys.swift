import ProgramSupport

/// Finds the mistyped keys of a JSON object, which a decoder ignores in silence.
enum UnknownKeys {
    private struct AnyKey: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    static func refuse(in decoder: any Decoder, known: [String]) throws {
        let keys = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        if let unknown = keys.filter({ !known.contains($0) }).min() {
            throw ConfigurationError("\"\(unknown)\" is unknown; known are \(known.joined(separator: ", ")).")
        }
    }
}
