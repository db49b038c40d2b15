import CLinux

/// Who connected to the socket for units, as the kernel says.
struct UnitPeer: Sendable, Equatable {
    /// The user, as this process sees it: one who does not exist in its user namespace is 65534.
    let user: UInt32
    /// The name that the peer has bound; empty when it has none.
    let name: [UInt8]

    init(user: UInt32, name: [UInt8]) {
        self.user = user
        self.name = name
    }

    /// Asks about the other end of a connected unix socket; nil when it has none.
    init?(descriptor: Int32) {
        var credentials = peer_credentials()
        guard credentials_of_peer(descriptor, &credentials) == 0 else { return nil }
        var name = [UInt8](repeating: 0, count: 108)
        let count = name_of_peer(descriptor, &name, Int32(name.count))
        guard count >= 0 else { return nil }
        self.init(user: credentials.user, name: Array(name.prefix(Int(count))))
    }

    /// What it asks for.
    ///
    /// - Throws: ``UnitRefusal`` when it is not root, or does not say for which unit it asks.
    func request() throws(UnitRefusal) -> UnitRequest {
        guard self.user == 0 else {
            throw UnitRefusal("The peer is the user \(self.user), and systemd is root, whatever name the peer gives.")
        }
        guard let request = UnitRequest(peerName: self.name) else {
            throw UnitRefusal("The peer does not say for which unit it asks, as systemd does for LoadCredential=.")
        }
        return request
    }
}
