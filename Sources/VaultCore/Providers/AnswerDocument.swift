import Foundation
import OAuthWire
import TokenTransport

/// The body of an answer: JSON, or a form, whatever its `Content-Type` says.
struct AnswerDocument: Sendable {
    let value: JSONValue

    /// Nil for a body that is neither, such as a page of HTML or nothing at all.
    init?(_ response: TransportResponse) {
        if let value = JSONValue(response.body), value.object != nil {
            self.value = value
        } else if let fields = Self.form(response.body) {
            self.value = .object(fields.mapValues(JSONValue.text))
        } else {
            return nil
        }
    }

    private static func form(_ body: Data) -> [String: String]? {
        guard body.count <= 262_144, let text = String(data: body, encoding: .utf8), text.contains("=") else {
            return nil
        }
        let fields = FormFields(text.trimmingCharacters(in: .whitespacesAndNewlines))
        // A page of HTML has equal signs too.
        guard fields.all.allSatisfy({ $0.name.wholeMatch(of: /[A-Za-z0-9_.\-\[\]]+/) != nil }) else { return nil }
        return Dictionary(fields.all.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }
}
