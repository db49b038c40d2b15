import Foundation
import TestSupport
import Testing

extension OAuthServerTests.Trouble {
    @Test func whoClicksTwiceGoesBackOrOpensTheReturnAgainLosesNothing() async throws {
        try await OAuthLab.with(.djangoStrict, OAuthLab.Options(lifetime: 600)) { lab in
            let login = try await lab.makeToken("ada")
            let (first, pages) = try await Chromium.with { chromium in
                try lab.enter(chromium, address: login)
                try lab.answer(chromium, [.click("input[name=allow]")], isTwice: true)
                let first = try lab.comeBack(chromium)
                var pages: [String] = []
                // The address that the provider sent the browser to, opened again.
                let address = chromium.requests.last { $0.hasPrefix(lab.stack.vaultURL + "/redirect") }
                try chromium.open(address ?? "")
                pages.append(try chromium.evaluate("document.body.innerText") as? String ?? "")
                try chromium.screenshot(to: try Checkout.artefact("return-opened-again.png"))
                // Back to the server's question, and yes again.
                while try chromium.evaluate("!!document.querySelector('input[name=allow]')") as? Bool != true {
                    try chromium.goBack()
                }
                try lab.answer(chromium, [.click("input[name=allow]")])
                try chromium.wait(until: "location.pathname == '/redirect' && document.readyState == 'complete'")
                pages.append(try chromium.evaluate("document.body.innerText") as? String ?? "")
                return (first, pages)
            }
            for page in pages { #expect(page.contains("This login has come back already"), "\(page)") }
            // The code of the first return is worth what it was.
            let code = try #require(first["code"], "\(first)")
            #expect(try await lab.save("ada", code: code).status == 200)
            #expect(try await lab.readAndUse("ada").works)
            // It works once.
            #expect(try await lab.save("ada", code: code).status == 400)
            #expect(try await lab.readAndUse("ada").works)
        }
    }
}
