import Foundation
import OAuthWire
import TokenTransport

/// A federation service (AD FS) that gives an assertion for a Kerberos ticket.
struct FederationService: Sendable {
    /// How much of an answer that is no fault goes into a message.
    private static let shownLength = 500

    let endpoint: TrustEndpoint
    let audience: String
    let ticket: KerberosTicket
    let dependencies: CredentialDependencies

    /// Finds the service in the metadata that the realm of the user names.
    ///
    /// - Throws: ``IntegratedAuthenticationError``, `CancellationError`.
    static func find(
        _ realm: UserRealm,
        for ticket: KerberosTicket,
        dependencies: CredentialDependencies
    ) async throws -> Self {
        let response: TransportResponse
        switch try await dependencies.sendTwice(TransportRequest(url: realm.metadataURL)) {
        case .success(let answer): response = answer
        case .failure(let error):
            throw IntegratedAuthenticationError.metadataUnreachable(reason: error.description)
        }
        guard response.status == 200 else {
            throw IntegratedAuthenticationError.metadataUnreachable(
                reason: "\(realm.metadataURL.absoluteString) answered with the status \(response.status)."
            )
        }
        let metadata: FederationMetadata
        do {
            metadata = try FederationMetadata(Array(response.body))
        } catch {
            throw IntegratedAuthenticationError.metadataUnreadable(reason: error.message)
        }
        guard let endpoint = metadata.endpoint else { throw IntegratedAuthenticationError.noTrustEndpoint }
        return Self(
            endpoint: endpoint,
            audience: realm.audience,
            ticket: ticket,
            dependencies: dependencies
        )
    }

    /// Signs the user in.
    ///
    /// - Throws: ``IntegratedAuthenticationError``, ``KerberosError``, `CancellationError`.
    func assertion() async throws -> SAMLAssertion {
        let first = try await self.attempt()
        guard case .retry = first else { return try self.assertion(first) }
        try await self.dependencies.clock.sleep(for: CredentialDependencies.signInRetryWait)
        return try self.assertion(try await self.attempt())
    }

    private enum Answer {
        case assertion(SAMLAssertion)
        case failure(IntegratedAuthenticationError)
        /// The service is in trouble, and says no more than that.
        case retry(IntegratedAuthenticationError)
    }

    private func assertion(_ answer: Answer) throws -> SAMLAssertion {
        switch answer {
        case .assertion(let assertion): assertion
        case .failure(let error), .retry(let error): throw error
        }
    }

    /// Sends the request once, with a token of its own: the service takes none twice.
    private func attempt() async throws -> Answer {
        let negotiation = try await self.dependencies.tickets
            .negotiation(withHost: self.endpoint.host, ticket: self.ticket)
        let token = Secret(negotiation.token.base64EncodedString())
        var request = SecurityTokenRequest(endpoint: self.endpoint, audience: self.audience)
            .request(negotiateToken: token)
        request.timeout = CredentialDependencies.signInTimeout
        let response: TransportResponse
        do {
            try BearerPolicy.check(request)
            response = try await self.dependencies.transport.send(request)
        } catch let error as TransportError {
            try Task.checkCancellation()
            return .failure(.serviceUnreachable(url: self.endpoint.address, reason: error.description))
        }
        let answer = Self.negotiateToken(in: response)
        if response.status == 401 {
            return .failure(try await self.refusal(answer, negotiation))
        }
        if let answer { try await negotiation.verify(answer) }
        return self.answer(response, token: token)
    }

    /// What the service has against a ticket, in the words of Kerberos where its answer has some.
    private func refusal(
        _ answer: Data?,
        _ negotiation: any Negotiation
    ) async throws -> IntegratedAuthenticationError {
        var reason: String?
        if let answer { reason = try await negotiation.reason(inRefusal: answer) }
        if let reason, KerberosError.isClockSkew(reason) {
            throw KerberosError.serverClockSkew(host: self.endpoint.host)
        }
        return .ticketRefused(url: self.endpoint.address, reason: reason)
    }

    private func answer(_ response: TransportResponse, token: Secret) -> Answer {
        let url = self.endpoint.address
        let body = Array(response.body)
        switch response.status {
        case 200:
            do {
                let answer = try SecurityTokenResponse(body, version: self.endpoint.version)
                return .assertion(answer.assertion)
            } catch {
                // Some proxies turn the status of a fault into 200.
                if let fault = SOAPFault(body) {
                    return .failure(.serviceRefused(url: url, reason: Self.shown(fault.text, without: token)))
                }
                return .failure(.responseUnreadable(reason: error.message))
            }
        case 404:
            return .failure(.serviceUnavailable(url: url, status: "404 Not Found"))
        case 503:
            return .retry(.serviceUnavailable(url: url, status: "503 Service Unavailable"))
        default:
            if let fault = SOAPFault(body) {
                return .failure(.serviceRefused(url: url, reason: Self.shown(fault.text, without: token)))
            }
            let page = (try? XMLEncoding.utf8(body)) ?? body
            let text = Self.shown(String(decoding: page.prefix(XMLReader.sizeLimit), as: UTF8.self), without: token)
            let status = "\(response.status) \(HTTPStatusName.name(of: response.status))"
            if Self.isTooLarge(response.status, text) {
                return .failure(.ticketTooLarge(url: url, status: status, size: token.value.utf8.count))
            }
            let error = IntegratedAuthenticationError.serviceRefused(url: url, reason: text.isEmpty ? status : text)
            return (500...599).contains(response.status) ? .retry(error) : .failure(error)
        }
    }

    /// Whether a server refused for the length of a header; few say so with the status for it.
    private static func isTooLarge(_ status: Int, _ text: String) -> Bool {
        if status == 413 || status == 431 { return true }
        let words = ["request too long", "header field", "header or cookie too large", "headers is too long"]
        return status == 400 && words.contains { text.lowercased().contains($0) }
    }

    /// A page of a server as one line, without tags and without what must not be shown.
    ///
    /// No expression here goes over the same text twice, whatever a server puts into its page.
    private static func shown(_ text: String, without token: Secret) -> String {
        let plain =
            text
            .replacing(/(?s)<(?:style|script)\b.*?(?:<\/(?:style|script)>|\z)/.ignoresCase(), with: " ")
            .replacing(/<[^<>]*>/, with: " ")
            .replacing(/\s+/, with: " ").trimmed
        // The token may be longer than what is shown, so it is looked for in all of it; and a server may have cut it.
        let start = Redaction.removing(token.value, from: plain).prefix(Self.shownLength * 4)
        let shown = Redaction.removingTokens(from: Redaction.removingParts(of: token.value, from: String(start)))
        return shown.count > Self.shownLength ? "\(shown.prefix(Self.shownLength))…" : shown
    }

    /// The token with which the service proves that it is the one that the ticket is for.
    static func negotiateToken(in response: TransportResponse) -> Data? {
        for header in response.headers where header.name.lowercased() == "www-authenticate" {
            // Several headers of a name may arrive as one (RFC 9110 section 5.3).
            for challenge in header.value.split(separator: ",") {
                let words = challenge.split(separator: " ")
                if words.count == 2, words[0].lowercased() == "negotiate" {
                    return Data(base64Encoded: String(words[1]))
                }
            }
        }
        return nil
    }
}
