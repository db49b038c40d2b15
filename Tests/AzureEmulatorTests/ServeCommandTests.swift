import ArgumentParser
import FastCGI
import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct ServeCommandTests {
    @Test
    func thePlanSaysWhatWouldHappenAndMakesNothing() throws {
        let parent = try TemporaryDirectory()
        let settings = try Settings(environment: ["AZURE_EMULATOR_STATE": "\(parent.path)/state"])
        let plan = try ServeCommand.plan(settings, .tcp(host: "127.0.0.1", port: 9001))
        #expect(plan.contains("127.0.0.1:9001"))
        #expect(plan.contains("clients on this machine only"))
        #expect(plan.contains("\(parent.path)/state, which would be made"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).isEmpty)
    }

    @Test
    func thePlanFindsAKeyThatOthersCanRead() throws {
        let state = try TemporaryDirectory()
        try state.write("key", to: "signing-key.pem", mode: 0o644)
        let settings = try Settings(environment: ["AZURE_EMULATOR_STATE": state.path])
        #expect(throws: ConfigurationError.self) {
            try ServeCommand.plan(settings, .unixSocket(path: "/run/emulator.sock"))
        }
    }

    @Test
    func theHelpSaysWhatTheTokensAreWorth() {
        let help = EmulatorCommand.helpMessage(columns: 500)
        #expect(help.contains("worthless"))
        #expect(help.contains("loopback addresses only"))
    }
}
