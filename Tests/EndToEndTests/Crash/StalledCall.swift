import Foundation

/// One call of a ``StallingProvider``, on its own connection.
struct StalledCall {
    let provider: StallingProvider
    let descriptor: Int32

    func serve() {
        let stall = self.provider.state.stall
        if stall == .connected {
            guard self.waits(at: .connected) else { return }
        }
        var received: [UInt8] = []
        // Some of the head, and no more until the test wants it.
        guard self.receive(16, into: &received) else { return }
        if stall == .midRequest {
            guard self.waits(at: .midRequest) else { return }
        }
        guard let form = self.form(&received) else { return }
        self.provider.change { state in
            state.calls.append(.now)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        }
        let answer = self.answer(to: form)
        if stall == .done { guard self.waits(at: .done) else { return self.finish() } }
        if stall == .firstByte {
            self.send(answer.prefix(1))
            guard self.waits(at: .firstByte) else { return self.finish() }
            self.send(answer.dropFirst(1))
        } else {
            self.send(answer)
        }
        self.finish()
        if stall == .answered { _ = self.waits(at: .answered) }
    }

    /// Before whoever asked can ask again.
    private func finish() { self.provider.change { $0.underWay -= 1 } }

    /// Stops here until the test says so; false when the caller has hung up, or the test has ended.
    private func waits(at stall: StallingProvider.Stall) -> Bool {
        self.provider.change { state in
            // Another call may have come to it first.
            guard state.stall == stall else { return }
            state.stall = nil
            state.isReached = true
        }
        // POLLRDHUP, which the C library shows to GNU sources alone.
        var entry = pollfd(fd: self.descriptor, events: 0x2000, revents: 0)
        while true {
            if self.provider.state.isReleased { return true }
            if poll(&entry, 1, 1) > 0 || self.provider.state.isStopped { return false }
        }
    }

    private func answer(to form: [String: String]) -> [UInt8] {
        var fault: StallingProvider.Fault?
        self.provider.change { state in
            guard form["grant_type"] == "refresh_token", !state.faults.isEmpty else { return }
            fault = state.faults.removeFirst()
        }
        switch fault {
        case .slow(let duration): usleep(UInt32(duration / .microseconds(1)))
        case .status(let status, let retryAfter):
            let header = retryAfter.map { "Retry-After: \($0)\r\n" } ?? ""
            return Self.message(status, #"{"error":"temporarily_unavailable"}"#, header: header)
        case .unreadable, nil: break
        }
        var tokens: GrantLedger.Tokens?
        self.provider.change { state in
            switch form["grant_type"] {
            case "authorization_code": tokens = state.ledger.redeem(code: form["code"] ?? "")
            case "refresh_token": tokens = state.ledger.refresh(form["refresh_token"] ?? "")
            default: break
            }
        }
        guard let tokens else { return Self.message(400, #"{"error":"invalid_grant"}"#) }
        let refreshToken = tokens.refreshToken.map { ",\"refresh_token\":\"\($0)\"" } ?? ""
        let body =
            "{\"access_token\":\"\(tokens.accessToken)\",\"token_type\":\"Bearer\",\"expires_in\":\(tokens.lifetime)"
            + refreshToken + "}"
        return Self.message(200, fault == .unreadable ? String(body.prefix(body.utf8.count / 2)) : body)
    }

    private static func message(_ status: Int, _ body: String, header: String = "") -> [UInt8] {
        // A connection of its own for each call, so that each can be stopped from its beginning.
        let head =
            "HTTP/1.1 \(status) Answer\r\nContent-Type: application/json\r\n\(header)"
            + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return Array((head + body).utf8)
    }

    // MARK: Bytes

    /// The fields of the form in a request; nil when the caller hung up before all of it was there.
    private func form(_ received: inout [UInt8]) -> [String: String]? {
        let end = Array("\r\n\r\n".utf8)
        while received.firstRange(of: end) == nil {
            guard self.receive(4096, into: &received) else { return nil }
        }
        guard let headEnd = received.firstRange(of: end) else { return nil }
        let head = String(decoding: received[..<headEnd.lowerBound], as: UTF8.self).lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }?
            .split(separator: ":").last.flatMap { Int($0.drop { $0 == " " }) }
        while received.count < headEnd.upperBound + (length ?? 0) {
            guard self.receive(4096, into: &received) else { return nil }
        }
        let body = String(decoding: received[headEnd.upperBound...], as: UTF8.self)
        var fields: [String: String] = [:]
        for pair in body.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[String(parts[0])] = parts[1].replacingOccurrences(of: "+", with: " ").removingPercentEncoding
        }
        return fields
    }

    private func receive(_ most: Int, into received: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: most)
        let count = recv(self.descriptor, &buffer, most, 0)
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }

    private func send(_ bytes: some Collection<UInt8>) {
        let bytes = Array(bytes)
        _ = Foundation.send(self.descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }
}
