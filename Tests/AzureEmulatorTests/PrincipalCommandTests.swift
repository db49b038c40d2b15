import ProgramSupport
import Testing

@testable import AzureEmulator

@Suite
struct PrincipalCommandTests {
    @Test
    func everyIdentityHasALine() throws {
        let lines = try PrincipalCommand.text(.builtIn, tenantID: "T", name: nil).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(
            lines.first
                == """
                system-assigned tid=T oid=c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de001 \
                appid=5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e001
                """
        )
    }

    @Test
    func oneIdentityIsShownWithoutItsName() throws {
        #expect(
            try PrincipalCommand.text(.builtIn, tenantID: "T", name: "application")
                == "tid=T oid=c7f2f7a0-6a43-4b8e-9d55-0a3b8f6de003 appid=5d1c0a52-7f0c-4f3e-8a6c-2b7a64c1e003"
        )
    }

    @Test
    func anUnknownNameIsAnsweredWithTheKnownOnes() {
        let error = #expect(throws: ConfigurationError.self) {
            try PrincipalCommand.text(.builtIn, tenantID: "T", name: "nobody")
        }
        #expect(error?.description.contains("system-assigned, user-assigned, application") == true)
    }
}
