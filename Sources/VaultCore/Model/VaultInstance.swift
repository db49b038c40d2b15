/// A process that has a store open to serve it or to write, as leases and the chains of the audit name it.
package protocol VaultInstance: Sendable {
    /// The name of this process.
    var owner: String { get }
    /// Whether the process of that name runs; where nobody can tell, it does, and its lease has to run out.
    func isAlive(_ owner: String) -> Bool
}
