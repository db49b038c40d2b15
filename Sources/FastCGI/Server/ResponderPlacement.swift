/// On which threads a ``FastCGIServer`` runs its responder.
public struct ResponderPlacement: Sendable, Hashable {
    private enum Kind {
        case eventLoop
        case globalPool
    }

    private let kind: Kind

    /// On the thread that also does the input and output: for responders that mostly wait.
    ///
    /// An answer costs no change of threads. While one responder computes, no other request is read or answered.
    public static let eventLoop = Self(kind: .eventLoop)

    /// On Swift's own threads, of which there is one for each processor: for responders that compute.
    ///
    /// They run in parallel, and the input and output goes on meanwhile. Each answer is handed from one thread to another,
    /// which costs some microseconds.
    public static let globalPool = Self(kind: .globalPool)
}
