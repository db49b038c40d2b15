import Foundation
import TestSupport
import TokenTransport

@testable import AppAuthentication

/// A network and a machine that repeat whatever they are told, in every form, and do not keep to themselves what they know.
struct Echo: Sendable {
    /// What a question is answered with.
    enum Mood: String, Sendable, CaseIterable {
        /// What was asked for, and a copy of the question beside it.
        case gives
        case refuses
        case refusesInPlainText
        case isIll
        /// A token, in an answer that cannot be read to its end.
        case breaksOff
        /// A token that nobody could say the end of.
        case saysNoExpiry
        /// A token that is no JWT.
        case givesSomethingElse
        case isGone
    }

    /// What the tokens have in them; all that is handed out has one.
    static let tokens = ["access", "refresh", "other"].map { name in
        Sample.jwt(
            "{\"appid\":\"\(Sample.appID)\",\"tid\":\"\(Sample.tenantID)\",\"upn\":\"a@b.c\",\"exp\":4102444800,"
                + "\"use\":\"\(name)\"}"
        ).replacing(".c2ln", with: ".c2lnbmF0dXJlIG9m\(name)")
    }
    static let opaqueToken = "0paque-t0ken-of-the-vault"

    /// Everything that it was told in confidence.
    let confidences = Box<Set<String>>([])

    func answer(to request: TransportRequest, _ mood: Mood) throws -> TransportResponse {
        let body = request.body.map { String(decoding: $0, as: UTF8.self) } ?? ""
        let fields = body.split(separator: "&").compactMap { field in
            field.split(separator: "=", maxSplits: 1).last.flatMap { String($0).removingPercentEncoding }
        }
        let confidential = ["client_secret=", "client_assertion=", "Authorization", "secret", "x-identity-header"]
        for field in body.split(separator: "&") where confidential.prefix(2).contains(where: field.hasPrefix) {
            self.confide(field.split(separator: "=", maxSplits: 1).last.flatMap { String($0).removingPercentEncoding })
        }
        for header in request.headers
        where confidential.contains(where: { header.name.lowercased() == $0.lowercased() }) {
            self.confide(header.value.split(separator: " ").last.map(String.init))
            self.confide(header.value)
        }
        return try self.answer(([body] + fields + request.headers.map(\.value)).joined(separator: " "), mood)
    }

    private func confide(_ text: String?) {
        self.confidences.withLock { if let text { $0.insert(text) } }
    }

    /// An answer with the text in all its corners.
    func answer(_ text: String, _ mood: Mood) throws -> TransportResponse {
        let quoted = Self.json(text)
        let token = "\"access_token\":\"\(Self.tokens[0])\",\"refresh_token\":\"\(Self.tokens[1])\""
        let remarks = "\"token_type\":\"Bearer\",\"note\":\(quoted)"
        let error =
            "{\"error\":\"invalid_client\",\"error_description\":\(Self.json("AADSTS7000215: \(text)")),"
            + "\"message\":\(quoted),\(token),\"id_token\":\"\(Self.tokens[2])\",\"access_token\":\"\(Self.opaqueToken)\"}"
        switch mood {
        case .gives:
            return Sample.answer(200, "{\(token),\"expires_on\":\"4102444800\",\"expires_in\":3600,\(remarks)}")
        case .refuses: return Sample.answer(401, error)
        case .refusesInPlainText: return Sample.answer(403, "You said: \(text) and I know \(Self.tokens[2]).")
        case .isIll: return Sample.answer(503, error)
        case .breaksOff: return Sample.answer(200, "{\(token),\"note\":\(quoted)")
        case .saysNoExpiry: return Sample.answer(200, "{\(token),\(remarks)}")
        case .givesSomethingElse:
            return Sample.answer(200, "{\"access_token\":\"\(Self.opaqueToken)\",\"expires_on\":\"soon\",\(remarks)}")
        case .isGone: throw TransportError(.connection, "Connection refused")
        }
    }

    /// What a developer tool prints, and says besides.
    func result(of command: Command, _ mood: Mood) throws -> CommandResult {
        let token = Self.tokens[0]
        let output =
            switch command.name {
            case "az": "{\"accessToken\":\"\(token)\",\"expires_on\":4102444800,\"tokenType\":\"Bearer\"}"
            case "azd": "{\"token\":\"\(token)\",\"expiresOn\":\"2100-01-01T00:00:00Z\"}"
            default: "azsdk%\(token)%4102444800\n"
            }
        let talk =
            "DEBUG: \(output) \(command.environment) {\"token\":\"\(Self.opaqueToken)\",\"refreshToken\": "
            + "\"\(Self.opaqueToken)\"} Bearer \(Self.tokens[2])"
        switch mood {
        case .gives: return CommandResult(standardOutput: output, standardError: talk)
        case .refuses, .isIll: return CommandResult(exitCode: 1, standardOutput: output, standardError: talk)
        case .refusesInPlainText:
            return CommandResult(exitCode: 1, standardError: "{\"message\":\(Self.json(talk))}")
        case .breaksOff: return CommandResult(standardOutput: "\(output.dropLast(3))")
        case .saysNoExpiry, .givesSomethingElse:
            let other = output.replacing(token, with: Self.opaqueToken).replacing("4102444800", with: "soon")
            return CommandResult(standardOutput: other, standardError: talk)
        case .isGone: throw CommandError.timeout
        }
    }

    static func json(_ text: String) -> String {
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
