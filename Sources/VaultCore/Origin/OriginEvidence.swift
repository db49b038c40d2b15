/// What a database, and the marker that this machine has of it, say of where the database comes from.
///
/// A pure value: stores gather it, and ``origin`` is what it comes to.
package struct OriginEvidence: Sendable, Hashable {
    /// The history of a server, which becomes another one by a restore to a moment, and by a fail-over.
    package enum History: Sendable, Hashable {
        case same
        case other
        /// Nobody noted one when the database was last served.
        case unnoted
    }

    /// Where the database lies.
    package enum Place: Sendable, Hashable {
        /// In a file: whether it is the very one that was marked, and where its marker belongs.
        case file(isMarked: Bool, marker: String)
        /// On a server, which several machines use: whether it is the one that was marked, and in the same history.
        case server(isMarked: Bool, History)
    }

    /// What this machine has; nil when it has nothing.
    package let marker: StoreMarker?
    /// The name in the database; nil before it was ever marked.
    package let name: String?
    /// The names that it had before.
    package let formerNames: Set<String>
    /// What it counts.
    package let armed: Int64
    package let place: Place

    package init(marker: StoreMarker?, name: String?, formerNames: Set<String> = [], armed: Int64, place: Place) {
        self.marker = marker
        self.name = name
        self.formerNames = formerNames
        self.armed = armed
        self.place = place
    }

    /// Whether the database is the one that it was when a vault last served it.
    ///
    /// A machine that has never served a store on a server joins those that do, as long as the database lies where it was marked:
    /// a dump that was restored elsewhere, or in another database of the same server, does not. Where the server has another
    /// history since, only a machine that has served the store can tell which of both it was.
    package var origin: StoreOrigin {
        guard let name = self.name else { return .unmarked }
        switch (self.place, self.marker) {
        case (.server(isMarked: false, _), _):
            return .copy(reason: "it lies in another database than when it was last served")
        case (.file(_, let path), nil):
            return .copy(reason: "the file \(path), which was made beside it, is not there")
        case (.server(_, .other), nil):
            return .undecided(reason: "it was restored, or another server took over, since it was last started")
        case (.server, nil): return .same
        case (_, let marker?):
            // Another machine may have judged it, and named it anew.
            guard marker.name == name else {
                return self.formerNames.contains(marker.name)
                    ? .same : .copy(reason: "it is not the one that was served here before")
            }
            guard marker.armed <= self.armed else {
                let count = marker.armed - self.armed
                return .copy(reason: "refresh tokens were sent or exported \(count) times since it was as it is")
            }
            if case .file(isMarked: false, _) = self.place { return .copy(reason: "it is a copy of the file") }
            return .same
        }
    }
}
