/// What is wrong with a row of a provider file, or with the parameters of a service, and where.
package struct ProviderRowError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The column, with dots between the names, as in `google.revoke.url`.
    package let place: String
    package let problem: String

    package init(_ place: String, _ problem: String) {
        self.place = place
        self.problem = problem
    }

    package var description: String { self.place.isEmpty ? self.problem : "\(self.place) \(self.problem)" }
}
