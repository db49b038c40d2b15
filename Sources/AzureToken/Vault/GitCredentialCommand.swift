import ArgumentParser
import Foundation
import ProgramSupport
import TokenVaultClient

/// A credential helper of git (gitcredentials(7)) whose password is a token of a vault.
struct GitCredentialCommand: SurroundedCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-credential",
        abstract: "Be a credential helper of git for one host, with a token of a vault.",
        discussion: """
            git config --global credential.https://git.example.com.helper "$(command -v azure-token) vault git-credential \
            --host git.example.com --resource api://APP-ID https://vault.example.com/services/github/tokens/ci"

            git adds the operation. For another host, and for a URL that is not https, there is no answer. When the vault \
            gives no token, git is told to ask nobody else.
            """
    )

    @Option(help: "The only host that is answered for, with its port when that is not 443.")
    var host: String

    @Option(help: "The name beside the token; without it that of git's URL, or else x-access-token.")
    var username: String?

    @OptionGroup var token: VaultTokenOptions

    @Argument(help: "What git wants: get. The others, such as store and erase, do nothing: the vault has the token.")
    var operation: String

    func validate() throws {
        guard GitHost(self.host) != nil else {
            throw ValidationError("--host has to be a host as in a URL: git.example.com or git.example.com:8443.")
        }
        guard self.username?.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) != false else {
            throw ValidationError("--username must not have control characters.")
        }
    }

    func run(in context: CommandContext) async throws {
        // Read also where it does not matter, since git writes it in any case.
        let input = try await context.readInput()
        guard self.operation == "get" else { return }
        guard let request = GitCredentialRequest(input) else {
            context.complain("azure-token: git's request is not of the form of git-credential(1): there is no answer.")
            return
        }
        // Other helpers may know other hosts and users.
        guard let host = request.host.flatMap(GitHost.init), host == GitHost(self.host),
            self.username == nil || request.username == nil || request.username == self.username
        else { return }
        guard request.scheme == "https" else {
            context.complain("azure-token: the URL is not https, over which alone a token is sent: there is no answer.")
            return
        }
        do {
            let token = try await self.token.token(in: context)
            let username = self.username ?? request.username ?? GitCredentialAnswer.standardUsername
            try context.say(GitCredentialAnswer(username: username, token: token).text)
        } catch let error as OutputError {
            throw error
        } catch {
            try context.say(GitCredentialAnswer.quit)
            throw error
        }
    }
}
