import Foundation
import TestSupport
import Testing

@testable import AzureToken

/// `azure-token vault git-credential`, as git talks to it.
@Suite struct GitCredentialTests {
    private func run(
        _ input: String,
        _ options: [String] = ["--host", "git.example.com"],
        operation: String = "get",
        vault: FakeTransport = VaultGetCommandTests.vault(VaultGetCommandTests.token)
    ) async -> (run: Run, isVaultAsked: Bool) {
        let arguments = ["vault", "git-credential"] + options + [VaultGetCommandTests.url, operation]
        return (await Run(arguments, transport: vault, input: input), !vault.requests.isEmpty)
    }

    @Test(arguments: [
        ("protocol=https\nhost=git.example.com\n\n", [], "x-access-token"),
        ("protocol=https\nhost=GIT.example.com:443\npath=a/b.git\n", [], "x-access-token"),
        // What git 2.39 and later versions send beside it.
        (
            "capability[]=authtype\ncapability[]=state\nprotocol=https\nhost=git.example.com\nwwwauth[]=Basic realm=\"x\"\n"
                + "wwwauth[]=Bearer\r\nstate[]=x\nfuture=1\n\n", [], "x-access-token"
        ),
        ("protocol=https\nhost=git.example.com\nusername=me\n\n", [], "me"),
        ("protocol=https\nhost=git.example.com\n\n", ["--username", "oauth2"], "oauth2"),
        ("protocol=https\nhost=git.example.com\nusername=oauth2\n\n", ["--username", "oauth2"], "oauth2"),
        ("protocol=https\nhost=git.example.com\nhost=git.example.com\n\nhost=evil.example\n", [], "x-access-token"),
    ])
    func forItsHostGitGetsTheToken(input: String, options: [String], username: String) async throws {
        let (run, _) = await self.run(input, ["--host", "git.example.com"] + options)
        #expect(run.exitCode == 0)
        #expect(run.errors.isEmpty)
        let lines = run.output.split(separator: "\n")
        #expect(lines.prefix(2) == ["username=\(username)", "password=fresh-token"])
        let end = try #require(lines.dropFirst(2).first?.wholeMatch(of: /password_expiry_utc=(\d+)/)?.1)
        #expect(abs((Double(end) ?? 0) - Date().timeIntervalSince1970 - 3_600) < 60)
        #expect(lines.count == 3)
    }

    @Test(arguments: [
        "protocol=https\nhost=evil.example\n", "protocol=https\nhost=git.example.com.evil.example\n",
        "protocol=https\nhost=git.example.com:8443\n", "protocol=https\nhost=\n", "protocol=https\n", "",
        "host=git.example.com\n", "protocol=http\nhost=git.example.com\n", "protocol=ftp\nhost=git.example.com\n",
        "protocol=HTTPS \nhost=git.example.com\n", "protocol=https\nhost=git.example.com/x\n",
        // A line feed in a URL made two hosts of one, and a carriage return did where others took it for one.
        "protocol=https\nhost=evil.example\nhost=git.example.com\n",
        "protocol=https\nhost=git.example.com\nhost=evil.example\n",
        "protocol=http\nprotocol=https\nhost=git.example.com\n",
        "protocol=https\nhost=evil.example\r\nhost=git.example.com\n", "protocol=https\nhost=git.example.com\r\n",
        "protocol=https\nhost=evil.example\rhost=git.example.com\n", "protocol=https\nhost=git.example.com\u{0}\n",
        "protocol=https\nhost=git.example.com\nusername=a\u{0}b\n", "protocol=https\nhost=git.example.com\nnonsense\n",
        "protocol=https\nhost=git.example.com\n=x\n", "protocol=https\n\nhost=git.example.com\n",
    ])
    func forEverythingElseThereIsNoAnswer(input: String) async {
        let (run, isVaultAsked) = await self.run(input)
        #expect(run.exitCode == 0)
        #expect(run.output.isEmpty)
        #expect(!isVaultAsked)
    }

    @Test func anotherUserThanTheOneThatIsNamedGetsNoAnswer() async {
        let input = "protocol=https\nhost=git.example.com\nusername=me\n"
        let (run, isVaultAsked) = await self.run(input, ["--host", "git.example.com", "--username", "oauth2"])
        #expect(run.exitCode == 0)
        #expect(run.output.isEmpty)
        #expect(!isVaultAsked)
    }

    @Test(arguments: ["store", "erase", "capability", "future"])
    func thereIsNothingToKeepAndNothingToErase(operation: String) async {
        let input = "protocol=https\nhost=git.example.com\nusername=x\npassword=s3cret\n"
        let (run, isVaultAsked) = await self.run(input, operation: operation)
        #expect(run.exitCode == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.isEmpty)
        #expect(!isVaultAsked)
    }

    @Test(arguments: [
        VaultGetCommandTests.vault(status: 503, #"{"error":{"code":"Busy","message":"later"}}"#),
        VaultGetCommandTests.vault(#"{"value":{"accessToken":"a\nhost=evil.example"},"expiresIn":3600}"#),
    ])
    func withoutATokenGitIsToldToAskNobodyElse(vault: FakeTransport) async {
        let (run, _) = await self.run("protocol=https\nhost=git.example.com\n", vault: vault)
        #expect(run.exitCode == 1)
        #expect(run.output == "quit=1\n")
        #expect(run.errors.hasPrefix("azure-token: "))
    }

    @Test(arguments: ["https://git.example.com", "git.example.com/x", "", "me@git.example.com", "a b"])
    func aHostThatIsNoneIsAWrongCommandLine(host: String) async {
        let (run, _) = await self.run("protocol=https\nhost=\(host)\n", ["--host", host])
        #expect(run.exitCode == 64)
        #expect(run.output.isEmpty)
    }

    @Test func anyBytesAreTaken() {
        var generator = SeededGenerator(seed: 11)
        let valid = Array("protocol=https\nhost=git.example.com\nusername=me\n".utf8)
        for _ in 0..<2_000 {
            var bytes = valid
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let request = GitCredentialRequest(bytes), let host = request.host else { continue }
            #expect(host.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
        }
    }
}
