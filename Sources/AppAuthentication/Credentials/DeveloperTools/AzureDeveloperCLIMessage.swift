import Foundation

/// What an object in the output of `azd` says to people.
///
/// Its versions have three forms: a console message with the text further inside, an error with its message and a
/// suggestion beside it, and an error that is an object itself.
struct AzureDeveloperCLIMessage: Sendable {
    /// The message, then the suggestion.
    let sentences: [String]

    init(_ object: Data) {
        guard let fields = try? JSONSerialization.jsonObject(with: object) as? [String: Any] else {
            self.sentences = []
            return
        }
        let inner = fields["data"] as? [String: Any] ?? fields["error"] as? [String: Any]
        let message = fields["message"] ?? inner?["message"] ?? fields["error"]
        let suggestion = fields["suggestion"] ?? inner?["suggestion"]
        // The error names its kind in one word, and may repeat what the message says.
        var texts = [message, suggestion].compactMap { ($0 as? String)?.trimmed }.filter { !$0.isEmpty }
        if let code = (fields["error"] as? String ?? inner?["code"] as? String)?.trimmed, code.contains("AADSTS"),
            !texts.contains(where: { $0.contains("AADSTS") })
        {
            texts.insert(code, at: 0)
        }
        self.sentences = texts
    }
}
