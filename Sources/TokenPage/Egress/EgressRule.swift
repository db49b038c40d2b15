import Foundation
import HTTPTypes

/// What an application of this machine may do with a token that it never sees: one entry of the file of rules.
struct EgressRule: Sendable {
    /// The hosts that a rule is asked under unless it names others: none of them is a site's that a browser may have open.
    static let standardHosts = ["egress", "localhost", "127.0.0.1", "[::1]"]

    /// The full URL of the token in the vault.
    let tokenURL: URL
    /// Which methods may go to the API.
    let methods: Set<String>
    /// What a path has to begin with, in whole segments.
    let paths: [String]
    /// Under which names the local address is asked for.
    let hosts: Set<String>
    /// What is sent as `Authorization`, as the API wants it.
    let authorization: EgressAuthorization
    /// What a caller has to know where any user of the machine can reach the listener.
    let secret: SharedSecret?

    /// Why a request is refused; nil when it may go on.
    func refusal(of request: EgressRequest) -> EgressRefusal? {
        if !request.cameThroughUnixSocket {
            guard let secret else {
                return EgressRefusal(
                    .forbidden,
                    "This rule is for a unix socket; over TCP it takes a secret, which the rule's secretFile names."
                )
            }
            guard request.secret.map(secret.matches) == true else {
                return EgressRefusal(.forbidden, "The header X-Egress-Secret is missing or wrong.")
            }
        }
        guard !request.comesFromBrowser else {
            return EgressRefusal(.forbidden, "A page in a browser asks, and this is for programs.")
        }
        guard self.hosts.contains(request.host) else {
            return EgressRefusal(.forbidden, "The rule does not allow this host name.")
        }
        guard let path = request.canonicalPath else {
            return EgressRefusal(
                .badRequest,
                "The path is not in its canonical form: no empty or dot segments, and nothing encoded that need not be."
            )
        }
        guard self.methods.contains(request.method) else {
            return EgressRefusal(.methodNotAllowed, "The rule does not allow this method.")
        }
        guard self.paths.contains(where: { Self.path(path, isBelow: $0) }) else {
            return EgressRefusal(.forbidden, "The rule does not allow this path.")
        }
        return nil
    }

    private static func path(_ path: Substring, isBelow prefix: String) -> Bool {
        guard path.hasPrefix(prefix) else { return false }
        return prefix.hasSuffix("/") || path.utf8.count == prefix.utf8.count
            || path.dropFirst(prefix.count).first == "/"
    }
}
