import Foundation
import Testing

extension EndToEnd {
    /// The page in a real browser.
    @Suite struct BrowserTests {
        struct View: Sendable {
            var name: String
            var width: Int
            var height: Int
            var isPhone: Bool
            var isDark: Bool
        }

        static let views = [
            View(name: "desktop", width: 1280, height: 900, isPhone: false, isDark: false),
            View(name: "desktop-dark", width: 1280, height: 900, isPhone: false, isDark: true),
            View(name: "phone", width: 360, height: 780, isPhone: true, isDark: false),
            View(name: "phone-dark", width: 360, height: 780, isPhone: true, isDark: true),
        ]

        @Test func thePageIsPleasantInEveryView() async throws {
            try await Stack.with { stack in
                try await Self.look(at: stack.pageURL + "/", name: "page", expecting: "Token: \(stack.sampleToken)")
            }
        }

        @Test func thePageOfAFailureIsToo() async throws {
            try await Stack.with { stack in
                try await stack.stop("emulator")
                try await Self.look(at: stack.pageURL + "/", name: "failure", expecting: "Something went wrong:")
            }
        }

        private static func look(at address: String, name: String, expecting text: String) async throws {
            try await Chromium.with { chromium in
                for view in Self.views {
                    try chromium.resize(
                        width: view.width,
                        height: view.height,
                        isPhone: view.isPhone,
                        isDark: view.isDark
                    )
                    try chromium.open(address)
                    let body = try chromium.evaluate("document.body.innerText.replace(/\\s+/g, ' ')") as? String
                    #expect(body?.contains(text) == true, "\(view.name)")
                    // Nothing sticks out to the right, and the text is large enough to read.
                    let width = try chromium.evaluate("document.documentElement.scrollWidth") as? Int
                    #expect(width ?? .max <= view.width, "\(view.name)")
                    let size = try chromium.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") as? Double
                    #expect(size ?? 0 >= 15, "\(view.name)")
                    let complaints = chromium.complaints.filter { !$0.contains("502 (Bad Gateway)") }
                    #expect(complaints.isEmpty, "\(view.name)")
                    let foreign = chromium.requests.filter { !$0.hasPrefix("http://127.0.0.1:") }
                    #expect(foreign.isEmpty, "\(view.name)")
                    try chromium.screenshot(to: try Checkout.artefact("\(name)-\(view.name).png"))
                }
            }
        }
    }
}
