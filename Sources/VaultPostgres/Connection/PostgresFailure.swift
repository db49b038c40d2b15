/// Why a statement, or a connection, came to nothing.
struct PostgresFailure: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// There was no connection: nothing was sent.
        case notConnected
        /// The server refused the statement, and the connection is good.
        case refused
        /// The connection is gone, or the server does not answer: nobody knows what became of the statement.
        case lost
    }

    let kind: Kind
    /// The five characters of the server's own error codes; empty when it was not the server that said something.
    let state: String
    /// What the server or the library said, without the values of statements.
    let message: String

    init(_ kind: Kind, state: String = "", message: String) {
        self.kind = kind
        self.state = state
        self.message = message
    }

    /// Nobody had a connection for it until its deadline.
    static let late = PostgresFailure(
        .notConnected,
        message: "no connection was free, or could be made, in time"
    )

    /// Whether the server takes no writes.
    var isOfStandby: Bool { self.state == "25006" }

    /// Whether the same transaction may come to a good end when it is begun once more.
    var isWorthRepeating: Bool {
        switch self.state {
        // Serialization, deadlock; a row that somebody else wrote or deleted in between.
        case "40001", "40P01", "23505", "23503": true
        // A statement that was prepared before the tables changed.
        case "0A000", "26000": self.message.contains("cached plan") || self.state == "26000"
        default: self.kind == .lost || self.isOfStandby
        }
    }
}
