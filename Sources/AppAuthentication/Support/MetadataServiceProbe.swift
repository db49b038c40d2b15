import Foundation
import Locking
import TokenTransport
import Waiting

/// Finds out quickly whether this machine has an Instance Metadata Service, which only machines in Azure have.
///
/// Elsewhere the address leads nowhere, and finding that out costs the whole timeout; so an absence is remembered for
/// a minute, for the whole process, and callers at the same time share one question.
package final class MetadataServiceProbe: Sendable {
    package static let shared = MetadataServiceProbe()

    /// How long an absence is believed.
    static let memory = Duration.seconds(60)

    package enum Answer: Sendable, Equatable {
        /// Something answers, with this status.
        case present(status: Int)
        /// No answer within the time.
        case silent
        /// The system could not even ask, in its words.
        case unreachable(String)

        var isPresent: Bool {
            if case .present = self { true } else { false }
        }
    }

    private struct Finding {
        var question: SharedResult<Answer>?
        var absence: Answer?
        var absentUntil = Duration.zero
    }

    private enum Step {
        case known(Answer)
        case join(SharedResult<Answer>)
        case ask(SharedResult<Answer>)
    }

    private let findings = Mutex<[URL: Finding]>([:])

    private let uptime: @Sendable () -> Duration

    package convenience init() {
        self.init(uptime: Uptime.now)
    }

    init(uptime: @escaping @Sendable () -> Duration) {
        self.uptime = uptime
    }

    /// Asks, unless an absence was found within the last minute or the same question is already under way.
    func answer(
        at url: URL,
        timeout: Duration,
        transport: any HTTPTransport
    ) async throws -> Answer {
        let time = self.uptime()
        let step: Step = self.findings.withLock { findings in
            var finding = findings[url] ?? Finding()
            if let question = finding.question { return .join(question) }
            if let absence = finding.absence, time < finding.absentUntil { return .known(absence) }
            let question = SharedResult<Answer>()
            finding.question = question
            findings[url] = finding
            return .ask(question)
        }
        switch step {
        case .known(let answer):
            return answer
        case .join(let question):
            return try await question.value
        case .ask(let question):
            Task {
                let outcome: Result<Answer, any Error>
                do {
                    outcome = .success(try await Self.ask(url, timeout: timeout, transport: transport))
                } catch {
                    outcome = .failure(error)
                }
                let absence = (try? outcome.get()).flatMap { $0.isPresent ? nil : $0 }
                let until = self.uptime() + Self.memory
                self.findings.withLock { findings in
                    findings[url] = Finding(question: nil, absence: absence, absentUntil: until)
                }
                question.complete(outcome)
            }
            return try await question.value
        }
    }

    /// Asks, whatever is remembered.
    static func ask(_ url: URL, timeout: Duration, transport: any HTTPTransport) async throws -> Answer {
        let request = TransportRequest(url: url, headers: [("Metadata", "true")], timeout: timeout)
        do {
            // Any status is an answer: only something that listens there can give one.
            return .present(status: try await transport.send(request).status)
        } catch let error as TransportError {
            return error.reason == .timeout ? .silent : .unreachable(error.description)
        }
    }
}
