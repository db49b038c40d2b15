import Foundation

/// The parameter of `/login` that says where the browser is to go afterwards.
package enum ReturnURLParameter {
    private static let name = "postloginredirecturl"

    /// Reads it, as clients of the service wrote it: in either case, escaped or not.
    ///
    /// A value that is not escaped has a query of its own, which ends with the whole address. The query is taken as it came,
    /// without its question mark.
    package static func value(in query: String) -> String? {
        var rest = query[...]
        while !rest.isEmpty {
            let pair = rest.prefix { $0 != "&" }
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.first?.lowercased() == Self.name {
                guard parts.count == 2 else { return nil }
                return Self.isLiteral(parts[1])
                    ? String(parts[1].contains("?") ? rest[parts[1].startIndex...] : parts[1])
                    : String(parts[1]).replacing("+", with: "%20").removingPercentEncoding
            }
            rest = rest[pair.endIndex...].dropFirst()
        }
        return nil
    }

    /// Escapes in such a value belong to the address itself.
    private static func isLiteral(_ value: Substring) -> Bool {
        let value = value.lowercased()
        return value.hasPrefix("https://") || value.hasPrefix("http://")
    }
}
