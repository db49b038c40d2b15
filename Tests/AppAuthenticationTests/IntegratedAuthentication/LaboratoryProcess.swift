import Foundation
import Logging
import TestSupport
import Testing
import TokenTransport

@testable import AppAuthentication

/// What a process in the realm of a ``KerberosLab`` is to try.
///
/// Kerberos takes its settings from the environment, which belongs to the whole process; so each try has one.
struct LaboratoryProcess: Codable, Sendable {
    var environment: [String: String]
    var authority: String
    var thumbprint: String
    var userName: String?
    var action = Action.signIn
    /// Whose process it is, where the test is root; nil for the user of the test.
    var user: UInt32?

    enum Action: String, Codable, Sendable {
        /// Signs in, and prints the principal or the reason of the failure.
        case signIn
        /// Signs in, then again without tickets, with what the first one left in memory.
        case signInTwice
        /// Sends the same token twice, and prints both statuses.
        case replay
        /// Flips a byte in the server's own proof.
        case tamper
        /// Signs in again and again with half a second for Kerberos, and prints what that cost.
        case impatience
        /// Prints the principal of the ticket.
        case ticket
    }

    /// Runs in a process of its own; what is printed is the outcome.
    func outcome() async throws -> String {
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [process = self as LaboratoryProcess] in
            for (name, value) in process.environment { setenv(name, value, 1) }
            if let user = process.user { try #require(setuid(user) == 0) }
            print("<\(await process.perform())>")
        }
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        return String(output.drop { $0 != "<" }.dropFirst().prefix { $0 != ">" })
    }

    private func perform() async -> String {
        do {
            switch self.action {
            case .signIn: return try await self.signIn(self.dependencies())
            case .signInTwice: return try await self.signInTwice()
            case .replay: return try await self.replay()
            case .tamper: return try await self.signIn(self.dependencies(transport: self.tampering))
            case .impatience: return try await self.impatience()
            case .ticket: return try await KerberosTickets().ticket(of: self.userName).principal
            }
        } catch {
            return "\(error)"
        }
    }

    private func signIn(_ dependencies: CredentialDependencies) async throws -> String {
        let credential = IntegratedAuthenticationCredential(userName: self.userName, dependencies: dependencies)
        let context = TokenRequestContext(resource: Sample.vault, azureADInstance: self.authority)
        do {
            return "\(try await credential.token(for: context).principal)"
        } catch let failure as CredentialFailure {
            let prefix = "\(CredentialMessage.integratedAuthenticationUsed) \(CredentialMessage.notAcquired) "
            return failure.reason.hasPrefix(prefix) ? String(failure.reason.dropFirst(prefix.count)) : failure.reason
        }
    }

    private func signInTwice() async throws -> String {
        var dependencies = self.dependencies()
        let first = try await self.signIn(dependencies)
        dependencies.tickets = FakeTickets(failure: .noLibrary)
        return "\(first) \(try await self.signIn(dependencies))"
    }

    private func replay() async throws -> String {
        let tickets = KerberosTickets()
        let ticket = try await tickets.ticket(of: nil)
        let negotiation = try await tickets.negotiation(withHost: "localhost", ticket: ticket)
        let port = self.environment["LAB_SECURE_PORT"] ?? ""
        let url = try #require(URL(string: "https://localhost:\(port)/adfs/services/trust/2005/windowstransport"))
        let header = (name: "Authorization", value: "Negotiate \(negotiation.token.base64EncodedString())")
        var statuses: [String] = []
        for headers in [[], [header], [header]] {
            let response = try await self.transport.send(
                TransportRequest(.post, url: url, headers: headers, body: Data("x".utf8))
            )
            statuses.append("\(response.status)")
            if statuses.count == 2, let answer = FederationService.negotiateToken(in: response) {
                try await negotiation.verify(answer)
                statuses.append("verified")
            }
        }
        return statuses.joined(separator: " ")
    }

    private func impatience() async throws -> String {
        let limit = Duration.milliseconds(500)
        var dependencies = self.dependencies()
        dependencies.tickets = KerberosTickets(limit: limit)
        let first = try await self.signIn(dependencies)
        let threads = Self.threads
        let start = ContinuousClock.now
        var reasons: Set<String> = []
        for _ in 0..<50 { reasons.insert(try await self.signIn(dependencies)) }
        // Fifty that wait would take fifty limits.
        let pace = ContinuousClock.now - start < limit * 25 ? "at once" : "late"
        // Those of Dispatch come and go; one for each of the fifty would show.
        let more = Self.threads - threads < 25 ? "few" : "many"
        return "\(first)\n\(pace): \(reasons.sorted().joined(separator: " "))\nmore threads: \(more)"
    }

    private static var threads: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count) ?? 0
    }

    private func dependencies(transport: (any HTTPTransport)? = nil) -> CredentialDependencies {
        var dependencies = CredentialDependencies.fake(
            environment: self.environment,
            transport: transport ?? self.transport
        )
        dependencies.tickets = KerberosTickets()
        return dependencies
    }

    /// Real TLS to an address with a certificate that no system knows, by its thumbprint; real HTTP to all others.
    private var transport: any HTTPTransport {
        FakeTransport { request in
            guard request.url.scheme == "https" else { return try await URLSessionTransport.shared.send(request) }
            return try await PinnedTransport(thumbprint: self.thumbprint).send(request)
        }
    }

    private var tampering: any HTTPTransport {
        FakeTransport { [transport] request in
            var response = try await transport.send(request)
            for index in response.headers.indices where response.headers[index].name.lowercased() == "www-authenticate"
            {
                var token = FederationService.negotiateToken(in: response) ?? Data()
                token[token.count - 1] ^= 1
                response.headers[index].value = "Negotiate \(token.base64EncodedString())"
            }
            return response
        }
    }
}

extension KerberosLab {
    /// A process in this realm.
    func process(
        tickets: String,
        userName: String? = nil,
        kdcPort: Int? = nil,
        clientKeytab: Bool = false,
        settings: String = "",
        action: LaboratoryProcess.Action = .signIn
    ) throws -> LaboratoryProcess {
        var environment = try self.environment(
            tickets: tickets,
            kdcPort: kdcPort,
            clientKeytab: clientKeytab,
            settings: settings
        )
        environment["LAB_SECURE_PORT"] = "\(self.federation.securePort)"
        return LaboratoryProcess(
            environment: environment,
            authority: self.federation.authority,
            thumbprint: self.thumbprint,
            userName: userName,
            action: action
        )
    }
}
