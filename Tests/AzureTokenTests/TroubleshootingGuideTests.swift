import Foundation
import Testing

@testable import AzureToken

@Suite("TroubleshootingGuide")
struct TroubleshootingGuideTests {
    @Test(
        arguments: [
            ("/usr/local/bin/azure-token", "/usr/local/share/doc/token-page/TROUBLESHOOTING.md"),
            ("/home/x/src/.build/debug/azure-token", "/home/x/src/TROUBLESHOOTING.md"),
            ("/opt/azure-token", nil), ("", nil), ("azure-token", nil),
        ] as [(String, String?)]
    )
    func itIsFoundWhereItIsInstalledAndInACheckout(executable: String, path: String?) {
        let files: Set = ["/usr/local/share/doc/token-page/TROUBLESHOOTING.md", "/home/x/src/TROUBLESHOOTING.md"]
        #expect(TroubleshootingGuide(executable: executable, fileExists: files.contains).path == path)
    }

    @Test func everyPlaceThatIsPrintedExists() throws {
        let guide = TroubleshootingGuide()
        let path = try #require(guide.path)
        #expect(FileManager.default.fileExists(atPath: path))
        #expect(TroubleshootingGuide(path: nil).place(of: "x") == "the heading x of TROUBLESHOOTING.md")
    }
}
