extension TransportRequest: CustomStringConvertible, CustomReflectable {
    /// The method and the peer; headers, query and body may hold secrets.
    package var description: String { "\(self.method.rawValue) \(self.url.peer) <redacted>" }

    package var customMirror: Mirror {
        Mirror(self, children: ["method": self.method.rawValue, "peer": self.url.peer, "timeout": self.timeout])
    }
}

extension TransportResponse: CustomStringConvertible, CustomReflectable {
    /// The status; headers and body may hold a token.
    package var description: String { "\(self.status) <redacted>" }

    package var customMirror: Mirror { Mirror(self, children: ["status": self.status]) }
}
