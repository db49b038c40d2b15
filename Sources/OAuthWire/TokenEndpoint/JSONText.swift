/// A text in JSON, or a number, which some sources write where others write a text.
///
/// Anything else counts as absent: one field of another type than expected does not make the others unreadable.
package struct JSONText: Decodable, Sendable {
    package let text: String?

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let number = try? container.decode(Int64.self) {
            self.text = String(number)
        } else {
            self.text = (try? container.decode(Double.self)).map { String($0) }
        }
    }
}
