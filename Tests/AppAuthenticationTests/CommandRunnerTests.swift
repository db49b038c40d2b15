import TestSupport
import Testing

@testable import AppAuthentication

@Suite("Command")
struct CommandRunnerTests {
    @Test func neitherACommandNorItsResultPrintsASecret() {
        let command = Command("az", arguments: ["x"], environment: ["A": "s3cret"], timeout: .seconds(1))
        let result = CommandResult(exitCode: 2, standardOutput: "s3cret", standardError: "s3cret")
        let dependencies = CredentialDependencies.fake(environment: ["A": "s3cret"])
        var dumped = ""
        dump(command, to: &dumped)
        dump(result, to: &dumped)
        dump(dependencies, to: &dumped)
        let shown =
            "\(command) \(result) \(dependencies) \(String(reflecting: [command])) \(String(reflecting: [result]))"
        #expect(!(shown + dumped).contains("s3cret"))
        #expect(shown.contains("az x"))
        #expect(shown.contains("exitCode: 2"))
    }
}
