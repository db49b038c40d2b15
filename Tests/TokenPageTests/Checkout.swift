import Foundation

@testable import TokenPage

/// The files of the checkout that the tests read.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let templates = root.appendingPathComponent("www/templates").path

    static func text(_ path: String) throws -> String {
        try String(contentsOf: self.root.appendingPathComponent(path), encoding: .utf8)
    }
}

extension HomePage {
    static var blank: HomePage {
        HomePage(
            resource: "https://tokenvault.azure.net",
            vault: "name.westcentralus.tokenvault.azure.net",
            troubleshooting: Troubleshooting(page: "/static/troubleshooting.html")
        )
    }
}
