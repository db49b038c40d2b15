import Foundation
import TokenTransport
import VaultAPI

extension VaultError {
    /// There was no answer.
    init(_ error: TransportError) {
        let code: Code =
            switch error.reason {
            case .timeout: .timedOut
            case .insecureBearer: .insecure
            case .connection, .tls: .unreachable
            default: .unreadable
            }
        self.init(code, code == .insecure ? error.description : "The vault gave no token: \(error.description)")
    }

    /// The answer is a status other than 2xx, with whatever body.
    init(refusal response: TransportResponse, bearer: String) {
        let body = String(decoding: response.body, as: UTF8.self)
        let answer = try? JSONDecoder().decode(VaultAnswer.self, from: Data(body.utf8))
        self.init(
            status: response.status,
            answer?.problem ?? VaultAnswer.Problem(code: nil, message: body),
            details: answer?.details,
            bearer: bearer
        )
    }

    /// The answer says what is wrong.
    init(status: Int, _ problem: VaultAnswer.Problem, details: VaultTokenDetails? = nil, bearer: String) {
        let code = problem.code.map { VaultMessage($0, without: bearer).text }
        let message = VaultMessage(problem.message ?? "", without: bearer).text
        let words = [code, message].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: ": ")
        self.init(
            refusal: Refusal(status: status, code: code, message: message, details: details),
            "The vault refused with status \(status)" + (words.isEmpty ? "." : ": \(words)")
        )
    }
}
