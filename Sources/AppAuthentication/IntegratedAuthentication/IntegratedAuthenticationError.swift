import Foundation

/// Why integrated authentication gave no token: everything that can go wrong after the ticket was found.
///
/// The sentences begin as those of ADAL, which people search for; what follows says what to do.
enum IntegratedAuthenticationError: Error, Sendable, Hashable {
    /// The name in the settings is none to sign in with; the other one is what may be meant.
    case userNameWithoutDomain(userName: String, example: String)
    /// The ticket is that of a computer or a service.
    case notAUser(principal: String)
    case realmDiscoveryFailed(reason: String)
    case managedUser(userName: String)
    case unknownUserType(userName: String)
    case personalAccount(userName: String)
    case federationProtocol(String, userName: String)
    case metadataAddressMissing
    case metadataUnreachable(reason: String)
    case metadataUnreadable(reason: String)
    case noTrustEndpoint
    /// The federation service answered 401 to a ticket.
    case ticketRefused(url: String, reason: String?)
    /// The header with the ticket is longer than the federation service takes.
    case ticketTooLarge(url: String, status: String, size: Int)
    case serviceUnavailable(url: String, status: String)
    case serviceRefused(url: String, reason: String)
    case serviceUnreachable(url: String, reason: String)
    case responseUnreadable(reason: String)
    /// What the token endpoint said.
    case tokenRefused(reason: String, code: String?, claims: String?)
}

extension IntegratedAuthenticationError {
    /// The sentence for people, and the separate one of ADAL for what is behind it.
    var message: String {
        let inner = self.innerMessage.map { "Inner Exception : \($0)" } ?? ""
        return self.outerMessage + inner
    }

    private var outerMessage: String {
        switch self {
        case .userNameWithoutDomain(let userName, let example):
            "UserName=\(userName) is no sign-in name, because it has no domain: write it like \(example)."
        case .notAUser(let principal):
            "The Kerberos ticket is for \(principal), a computer or service account, not a user."
        case .realmDiscoveryFailed:
            "User realm discovery failed"
        case .managedUser(let userName):
            "Integrated Windows Auth is not supported for managed users. See https://aka.ms/adal-iwa for details. "
                + "(\(Self.domain(of: userName)) is not federated. If your sign-in name is not \(userName), set UserName "
                + "in the connection string.)"
        case .unknownUserType(let userName):
            "Unknown User Type. Azure AD does not know the domain \(Self.domain(of: userName)). If the Active Directory "
                + "realm differs from your sign-in domain, set UserName."
        case .personalAccount(let userName):
            "Unknown User Type. \(userName) is a personal account, and integrated authentication is for those of an "
                + "organization."
        case .federationProtocol(let name, let userName):
            "Unknown User Type. The domain \(Self.domain(of: userName)) is federated by \(name), and integrated "
                + "authentication needs WSTrust."
        case .metadataAddressMissing:
            "Federation Metadata Url is missing for federated user. This user type is unsupported."
        case .metadataUnreachable:
            "Accessing WS metadata exchange failed"
        case .metadataUnreadable:
            "Parsing WS metadata exchange failed"
        case .noTrustEndpoint:
            "WS-Trust endpoint not found in metadata document. (An administrator must enable "
                + "/adfs/services/trust/2005/windowstransport or /13/windowstransport.)"
        case .ticketTooLarge(let url, let status, let size):
            "Federated service at \(url) returned error: \(status). It does not take a header as long as the Kerberos "
                + "ticket, which has \(size) bytes because its owner is in many groups. Raise MaxFieldLength and "
                + "MaxRequestBytes of HTTP.sys there, or the limit of the proxy in front of it."
        case .ticketRefused(let url, let reason?):
            "Federated service at \(url) returned error: 401 Unauthorized. It did not accept the Kerberos ticket, and "
                + "Kerberos says why: \(reason)."
        case .ticketRefused(let url, nil):
            "Federated service at \(url) returned error: 401 Unauthorized. It did not accept the Kerberos ticket: SPN "
                + "mismatch, Extended Protection required, or you are outside the corporate network."
        case .serviceUnavailable(let url, let status):
            "Federated service at \(url) returned error: \(status). The windowstransport endpoint is disabled or not "
                + "reachable from this network."
        case .serviceRefused(let url, let reason):
            "Federated service at \(url) returned error: \(reason)"
        case .serviceUnreachable(let url, _):
            "Federated service at \(url) could not be reached."
        case .responseUnreadable:
            "Parsing WS-Trust response failed"
        case .tokenRefused(let reason, _, let claims):
            reason + Self.advice(for: reason) + (claims.map { " Claims: \($0)" } ?? "")
        }
    }

    private var innerMessage: String? {
        switch self {
        case .realmDiscoveryFailed(let reason), .metadataUnreachable(let reason), .metadataUnreadable(let reason),
            .serviceUnreachable(_, let reason), .responseUnreadable(let reason):
            reason
        default:
            nil
        }
    }

    private static func domain(of userName: String) -> String {
        userName.split(separator: "@").last.map(String.init) ?? userName
    }

    private static func advice(for reason: String) -> String {
        let codes = ["AADSTS50076", "AADSTS50079", "AADSTS53003"]
        guard codes.contains(where: reason.contains) else { return "" }
        return " This method cannot answer multi-factor or conditional access."
    }
}
