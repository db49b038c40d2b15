import AppAuthentication
import Foundation
import ProgramSupport

/// What every method came to; no token is in it.
struct DoctorReport: Encodable {
    struct Method: Encodable {
        let method: String
        let isSelected: Bool
        let works: Bool
        let seconds: Double
        let principal: ShownPrincipal?
        let expiresOn: Date?
        let reason: String?
        /// Where it is written what to do.
        let help: String?
    }

    let resource: String
    /// The method that programs with these settings use: the first that is selected and works.
    let used: String?
    let methods: [Method]
    private let sentences: [String]

    init(_ diagnostics: [CredentialDiagnostic], resource: String, guide: TroubleshootingGuide) {
        self.resource = resource
        self.methods = diagnostics.map { Method($0, guide: guide) }
        self.used = self.methods.first { $0.isSelected && $0.works }?.method
        self.sentences = diagnostics.map { diagnostic in
            switch diagnostic.outcome {
            case .success(let token): "\(token.principal), until \(token.expiresOn.formatted(.iso8601))"
            case .failure(let failure): failure.reason
            }
        }
    }

    var text: String {
        let widest = self.methods.map(\.method.count).max() ?? 0
        let blocks = zip(self.methods, self.sentences).map { method, sentence in
            let name = method.method.padding(toLength: widest, withPad: " ", startingAt: 0)
            let result = method.works ? "works   " : "no token"
            return FailureReport.block(
                "\(name)  \(result)  \(Self.shown(method.seconds))  \(self.role(of: method))",
                sentence: sentence,
                help: method.help
            )
        }
        let summary =
            self.used.map { "Used with these settings: \($0)." }
            ?? "No method that these settings select gives a token."
        return (["Tokens for \(TerminalText(self.resource))"] + blocks + [summary]).joined(separator: "\n\n")
    }

    private func role(of method: Method) -> String {
        if method.method == self.used { return "used" }
        return method.isSelected ? "selected" : "not selected by the settings"
    }

    private static func shown(_ seconds: Double) -> String {
        let text = String(format: "%.2f s", seconds)
        return String(repeating: " ", count: max(0, 7 - text.count)) + text
    }

    private enum CodingKeys: String, CodingKey {
        case resource
        case used
        case methods
    }
}

extension DoctorReport.Method {
    init(_ diagnostic: CredentialDiagnostic, guide: TroubleshootingGuide) {
        let token = try? diagnostic.outcome.get()
        self.method = diagnostic.credential
        self.isSelected = diagnostic.isSelected
        self.works = token != nil
        self.seconds = (diagnostic.duration / .milliseconds(1)).rounded() / 1_000
        self.principal = token.map { ShownPrincipal($0.principal) }
        self.expiresOn = token?.expiresOn
        self.help = token == nil ? guide.place(of: diagnostic.troubleshooting) : nil
        switch diagnostic.outcome {
        case .success: self.reason = nil
        case .failure(let failure): self.reason = failure.reason
        }
    }
}
