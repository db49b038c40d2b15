import Foundation

extension OAuthLab {
    /// Where a browser came back to, and what the address says.
    typealias Return = [String: String]

    /// A person logs in at the server, answers its question, and comes back.
    func logIn(
        at address: String,
        answering steps: [OAuthServerKind.Step]? = nil,
        pictures name: String? = nil
    ) async throws -> Return {
        try await Chromium.with { chromium in
            try self.enter(chromium, address: address, picture: name)
            try self.answer(chromium, steps ?? self.server.kind.allow, picture: name)
            return try self.comeBack(chromium)
        }
    }

    /// Up to the server's question whether the vault may have access.
    func enter(_ chromium: Chromium, address: String, picture name: String? = nil) throws {
        try chromium.open(address)
        try self.perform(self.server.kind.logIn, in: chromium, picture: name.map { "\($0)-login.png" })
    }

    func answer(
        _ chromium: Chromium,
        _ steps: [OAuthServerKind.Step],
        isTwice: Bool = false,
        picture name: String? = nil
    ) throws {
        try self.perform(steps, in: chromium, isTwice: isTwice, picture: name.map { "\($0)-consent.png" })
    }

    func comeBack(_ chromium: Chromium) throws -> Return {
        try chromium.wait(until: "location.href.startsWith('\(self.returnURL)') && document.readyState == 'complete'")
        return Self.query(of: try chromium.evaluate("location.href") as? String ?? "")
    }

    /// A person takes back, at the server, what was given.
    func takeBack() async throws {
        let kind = self.server.kind
        // A renewal would replace what the server's page has a line for, between the look at it and the click.
        let vault = try self.stack.process("vault")
        vault.signal(SIGSTOP)
        defer { vault.signal(SIGCONT) }
        try await Chromium.with { chromium in
            try chromium.open(self.server.url + (kind.loginPath ?? kind.accessPath))
            try self.perform(kind.logIn, in: chromium)
            try chromium.wait(
                until: "!document.querySelector('[data-clicked]') && document.readyState == 'complete'"
            )
            try chromium.open(self.server.url + kind.accessPath)
            try self.perform(kind.takeBack, in: chromium)
            try chromium.wait(until: "!document.querySelector('[data-clicked]') && document.readyState == 'complete'")
            try chromium.screenshot(to: try Checkout.artefact("taken-back-\(kind.program).png"))
        }
    }

    private func perform(
        _ steps: [OAuthServerKind.Step],
        in chromium: Chromium,
        isTwice: Bool = false,
        picture: String? = nil
    ) throws {
        var picture = picture
        for step in steps {
            let selector: String
            switch step {
            case .fill(let field, _): selector = field
            case .click(let button): selector = button
            }
            // Marked, since the page after a click may have a button like this one, and the old page stays for a moment.
            let find = "document.querySelector(\"\(selector)\")"
            try chromium.wait(
                until:
                    "document.readyState == 'complete' && !document.querySelector('[data-clicked]') && !!\(find) && !\(find).closest('[hidden]')"
            )
            if let name = picture {
                try chromium.screenshot(to: try Checkout.artefact(name))
                picture = nil
            }
            switch step {
            case .fill(_, let text):
                // At once: a page that looks at each key may replace a field that is filled slowly.
                let value = text == .user ? self.server.user : self.server.password
                _ = try chromium.evaluate("\(find).value = '\(value)'")
            case .click:
                let clicks = Array(repeating: "\(find).click()", count: isTwice ? 2 : 1).joined(separator: "; ")
                _ = try chromium.evaluate("\(find).dataset.clicked = ''; setTimeout(() => { \(clicks) }, 0)")
            }
        }
    }

    static func query(of address: String) -> Return {
        let items = URLComponents(string: address)?.queryItems ?? []
        return Dictionary(items.map { ($0.name, ($0.value ?? "").replacingOccurrences(of: "+", with: " ")) }) { $1 }
    }
}
