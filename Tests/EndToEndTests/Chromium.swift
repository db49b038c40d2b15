import Foundation

/// Headless Chromium, driven over its debugging pipe: what a person sees, and what the browser complains about.
///
/// Its calls block; use it inside ``Chromium/with(_:)``.
final class Chromium {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let process: ChildProcess
    private let commands: Int32
    private let events: Int32
    private var received: [UInt8] = []
    private var nextID = 0
    private var sessionID: String?
    /// Errors and warnings of the console and the network.
    private(set) var complaints: [String] = []
    /// Addresses that the page asked for.
    private(set) var requests: [String] = []

    /// Runs a browser for as long as the body runs, on a thread of its own.
    static func with<Value: Sendable>(_ body: @escaping @Sendable (Chromium) throws -> Value) async throws -> Value {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "chromium-\(UUID().uuidString.prefix(8))"
        )
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let chromium = try Chromium(directory: directory)
                        defer {
                            chromium.quit()
                            try? FileManager.default.removeItem(at: directory)
                        }
                        try chromium.openPage()
                        return try body(chromium)
                    }
                )
            }
        }
    }

    private init(directory: URL) throws {
        guard let program = Checkout.installed("chromium", "chromium-browser", "google-chrome") else {
            throw Failure(description: "Chromium is not installed: run scripts/install-dependencies test")
        }
        var toBrowser: [Int32] = [0, 0]
        var fromBrowser: [Int32] = [0, 0]
        guard pipe(&toBrowser) == 0, pipe(&fromBrowser) == 0 else { throw Failure(description: "pipe") }
        for descriptor in [toBrowser[1], fromBrowser[0]] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        // The browser reads descriptor 3 and writes descriptor 4; copies far above do not collide with these.
        let reading = fcntl(toBrowser[0], F_DUPFD_CLOEXEC, 100)
        let writing = fcntl(fromBrowser[1], F_DUPFD_CLOEXEC, 100)
        close(toBrowser[0])
        close(fromBrowser[1])
        defer {
            close(reading)
            close(writing)
        }
        let home = directory.path(percentEncoded: false)
        self.process = try ChildProcess(
            program,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
                "--user-data-dir=\(home)/profile", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--hide-scrollbars",
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": home, "XDG_RUNTIME_DIR": home],
            log: directory.appending(path: "log"),
            descriptors: [3: reading, 4: writing]
        )
        self.commands = toBrowser[1]
        self.events = fromBrowser[0]
    }

    private func quit() {
        close(self.commands)
        close(self.events)
        kill(-self.process.identifier, SIGKILL)
        waitpid(self.process.identifier, nil, 0)
    }

    /// A window of a profile of its own, with cookies of its own.
    struct Profile {
        fileprivate let sessionID: String?
    }

    /// The window that the calls go to.
    var profile: Profile {
        get { Profile(sessionID: self.sessionID) }
        set { self.sessionID = newValue.sessionID }
    }

    /// Opens a window of a new profile, and turns to it.
    func openProfile() throws -> Profile {
        self.sessionID = nil
        let context = try self.call("Target.createBrowserContext")["browserContextId"] as? String ?? ""
        try self.openPage(["browserContextId": context])
        return self.profile
    }

    private func openPage(_ options: [String: Any] = [:]) throws {
        let parameters = options.merging(["url": "about:blank"]) { $1 }
        let target = try self.call("Target.createTarget", parameters)["targetId"] as? String ?? ""
        let attached = try self.call("Target.attachToTarget", ["targetId": target, "flatten": true])
        self.sessionID = attached["sessionId"] as? String
        for domain in ["Page", "Runtime", "Log", "Network"] { _ = try self.call("\(domain).enable") }
    }

    // MARK: What a test asks for

    func resize(width: Int, height: Int, isPhone: Bool = false, isDark: Bool = false) throws {
        _ = try self.call(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": isPhone ? 2 : 1, "mobile": isPhone]
        )
        let feature = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
        _ = try self.call("Emulation.setEmulatedMedia", ["features": [feature]])
    }

    func open(_ address: String) throws {
        self.complaints = []
        self.requests = []
        _ = try self.call("Page.navigate", ["url": address])
        try self.waitForEvent("Page.loadEventFired")
    }

    /// Clicks on what a selector finds, and waits for the page that it leads to.
    func click(_ selector: String) throws {
        self.complaints = []
        self.requests = []
        let found = try self.evaluate(
            "(e => { if (e) setTimeout(() => e.click(), 0); return e !== null })(document.querySelector('\(selector)'))"
        )
        guard found as? Bool == true else { throw Failure(description: "nothing on the page is \(selector)") }
        try self.waitForEvent("Page.loadEventFired")
    }

    /// Everything on the page, as a person reads it.
    func text() throws -> String {
        try self.evaluate("document.body.innerText.replace(/\\s+/g, ' ')") as? String ?? ""
    }

    func address() throws -> String {
        try self.evaluate("location.href") as? String ?? ""
    }

    /// Evaluates an expression in the page; the page's own policy does not apply to it.
    func evaluate(_ expression: String) throws -> Any? {
        let answer = try self.call("Runtime.evaluate", ["expression": expression, "returnByValue": true])
        return (answer["result"] as? [String: Any])?["value"]
    }

    /// Waits until an expression is true in whatever page is there by then; between two pages there is none to ask.
    func wait(until expression: String, within limit: Duration = .seconds(120)) throws {
        let deadline = ContinuousClock.now + limit
        while (try? self.evaluate(expression)) as? Bool != true {
            guard ContinuousClock.now < deadline else {
                let page = try self.evaluate("location.href + ' ' + document.body.innerText.slice(0, 2000)")
                throw Failure(description: "\(expression) did not become true in \(page ?? "no page")")
            }
            usleep(50_000)
        }
    }

    /// Presses the browser's own button, and waits until the page before is there.
    func goBack() throws {
        let history = try self.call("Page.getNavigationHistory")
        let entries = history["entries"] as? [[String: Any]] ?? []
        let index = history["currentIndex"] as? Int ?? 0
        guard index > 0, let id = entries[index - 1]["id"] as? Int else {
            throw Failure(description: "There is no page before this one.")
        }
        // A page that comes out of the browser's memory loads nothing that could be waited for.
        _ = try self.evaluate("window.isLeft = true")
        _ = try self.call("Page.navigateToHistoryEntry", ["entryId": id])
        try self.wait(until: "!window.isLeft && document.readyState == 'complete'")
        _ = try self.evaluate("document.querySelectorAll('[data-clicked]').forEach(e => delete e.dataset.clicked)")
    }

    func screenshot(to file: URL) throws {
        let answer = try self.call("Page.captureScreenshot", ["format": "png"])
        guard let text = answer["data"] as? String, let data = Data(base64Encoded: text) else {
            throw Failure(description: "no screenshot")
        }
        try data.write(to: file)
    }

    // MARK: The debugging protocol: JSON messages that end with a zero byte

    private func call(_ method: String, _ parameters: [String: Any] = [:]) throws -> [String: Any] {
        self.nextID += 1
        var message: [String: Any] = ["id": self.nextID, "method": method, "params": parameters]
        if let sessionID { message["sessionId"] = sessionID }
        let bytes = [UInt8](try JSONSerialization.data(withJSONObject: message)) + [0]
        guard write(self.commands, bytes, bytes.count) == bytes.count else { throw Failure(description: "write") }
        while true {
            let answer = try self.nextMessage()
            guard answer["id"] as? Int == self.nextID else { continue }
            if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
            return answer["result"] as? [String: Any] ?? [:]
        }
    }

    private func waitForEvent(_ method: String) throws {
        while try self.nextMessage()["method"] as? String != method {}
    }

    private func nextMessage() throws -> [String: Any] {
        while true {
            if let end = self.received.firstIndex(of: 0) {
                let bytes = self.received[..<end]
                self.received.removeSubrange(...end)
                let message = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] ?? [:]
                self.note(message)
                return message
            }
            var entry = pollfd(fd: self.events, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            guard poll(&entry, 1, 120_000) > 0 else { throw Failure(description: "Chromium does not answer") }
            let count = read(self.events, &buffer, buffer.count)
            guard count > 0 else { throw Failure(description: "Chromium has ended: \(self.process.logText)") }
            self.received += buffer[..<count]
        }
    }

    private func note(_ message: [String: Any]) {
        let parameters = message["params"] as? [String: Any] ?? [:]
        switch message["method"] as? String {
        case "Network.requestWillBeSent":
            if let request = parameters["request"] as? [String: Any], let url = request["url"] as? String {
                self.requests.append(url)
            }
        case "Log.entryAdded":
            if let entry = parameters["entry"] as? [String: Any] { self.complaints.append("\(entry["text"] ?? entry)") }
        case "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Network.loadingFailed":
            self.complaints.append("\(parameters)")
        default:
            break
        }
    }
}
