import Foundation
import Glibc
import GuardedFiles
import OAuthWire
import TokenTransport

/// The file that the agent of Azure Arc names in its challenge: who can read it may have a token.
///
/// Whoever answers in the place of the agent could name any file and have its content sent, so only a file that the agent
/// itself can have written is read.
struct AzureArcKeyFile: Sendable, Hashable {
    static let directory = "/var/opt/azcmagent/tokens"
    private static let sizeLimit = 4096

    let path: String

    /// Reads the challenge.
    ///
    /// - Throws: ``ManagedIdentityError`` when there is none, or when it names a file that is none of the agent's.
    init(challenge: TransportResponse, directory: String = Self.directory) throws(ManagedIdentityError) {
        let scheme = "Basic realm="
        guard let header = challenge.header("WWW-Authenticate"),
            header.lowercased().hasPrefix(scheme.lowercased())
        else {
            throw ManagedIdentityError(
                "The agent of Azure Arc sent no challenge of the form \(scheme)FILE, so it is not known which key it wants."
            )
        }
        let path = String(header.dropFirst(scheme.count)).trimmed
        let name = path.hasPrefix("\(directory)/") ? path.dropFirst(directory.count + 1) : ""
        guard name.hasSuffix(".key"), name.count > ".key".count, !name.contains("/"), !name.contains("\0") else {
            throw ManagedIdentityError(
                "The agent of Azure Arc named a key file that is not read, because it is not a file .key in \(directory)."
            )
        }
        self.path = path
    }

    static func remedy(_ problem: GuardedFileError.Problem) -> String {
        switch problem {
        case .unreadable(EACCES), .unreadable(EPERM):
            "Only root and the members of the group himds may read the keys of Azure Arc: add the user with "
                + "usermod -aG himds USER, or write SupplementaryGroups=himds into the unit."
        case .unreadable(ENOENT), .unreadable(ENOTDIR):
            "The agent of Azure Arc has put it there, but this process does not see the folder \(Self.directory): a container "
                + "has to mount it, and a unit must not hide it with InaccessiblePaths= or TemporaryFileSystem=."
        default:
            "Only the agent of Azure Arc may write there; look at it with azcmagent show."
        }
    }

    /// The key, as it stands in the file.
    ///
    /// - Throws: ``ManagedIdentityError`` when the file is not a plain small one, or holds what no header can.
    func key() async throws -> Secret {
        let text: String
        do {
            text = try await GuardedFile(path: self.path, privacy: .none, links: .refused, sizeLimit: Self.sizeLimit)
                .text()
        } catch let error as GuardedFileError {
            throw ManagedIdentityError("\(error) \(Self.remedy(error.problem))")
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw ManagedIdentityError("The key file \(self.path) does not hold a key.")
        }
        return Secret(text)
    }
}
