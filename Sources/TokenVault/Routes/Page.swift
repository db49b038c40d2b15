import Foundation
import Hummingbird

/// A part of a list, by name.
struct Page: Sendable {
    static let size = 1000

    /// The last name of the page before; empty for the first one.
    let after: String

    init(of request: Request) {
        self.after = request.uri.queryParameters.get("after") ?? ""
    }

    /// Answers with the items, of which there is one more than a page has if there are so many, and with the address of the
    /// next page then.
    func response<Item>(
        _ items: [Item],
        name: (Item) -> String,
        url: String,
        encode: (Item) throws -> JSONTree
    ) throws -> Response {
        let page = items.prefix(Self.size)
        var members: [String: JSONTree] = ["value": .array(try page.map(encode))]
        if items.count > Self.size, let last = page.last {
            // No name needs an escape.
            members["nextLink"] = .string("\(url)?after=\(name(last))")
        }
        return try Response(json: JSONTree.object(members))
    }

    /// The names of a page, and one more if there are so many.
    func names(in names: [String]) -> [String] {
        Array(names.filter { self.after.utf8.lexicographicallyPrecedes($0.utf8) }.prefix(Self.size + 1))
    }
}
