import FastCGI
import Foundation
import ProgramSupport
import ServerCommand
import TokenTransport

/// The token vault: a FastCGI responder, and the commands that look after its store.
package enum App {
    static let name = "token-vault"

    package static func main() {
        ProgramStart.prepare()
        // At a limit on the size of files, an error of writing, which is reported, and not the end of the process.
        signal(SIGXFSZ, SIG_IGN)
        ProxyExemption.apply()
        // Before the command line is looked at: in CGI mode a browser may have written it (RFC 3875 section 4.4).
        guard HostingEnvironment.process.mode == .cgi else { ServerRunner.run(TokenVaultCommand.self) }
        ProgramStart.run(program: self.name) {
            throw ConfigurationError(
                "token-vault cannot be run as a CGI program, since it has work that outlives a request: run `token-vault "
                    + "serve`, and have the web server ask it over FastCGI."
            )
        }
    }
}
