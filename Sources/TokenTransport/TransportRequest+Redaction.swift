extension TransportRequest: CustomStringConvertible, CustomReflectable {
    /// The method and the peer; headers, query and body may hold secrets.
    public var description: String { "\(self.method.rawValue) \(self.url.peer) <redacted>" }

    /// The same, for a dump.
    public var customMirror: Mirror {
        Mirror(self, children: ["method": self.method.rawValue, "peer": self.url.peer, "timeout": self.timeout])
    }
}

extension TransportResponse: CustomStringConvertible, CustomReflectable {
    /// The status; headers and body may hold a token.
    public var description: String { "\(self.status) <redacted>" }

    /// The same, for a dump.
    public var customMirror: Mirror { Mirror(self, children: ["status": self.status]) }
}
