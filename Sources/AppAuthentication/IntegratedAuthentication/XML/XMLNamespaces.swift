/// Which namespaces the prefixes stand for at one place of a document (Namespaces in XML 1.0).
struct XMLNamespaces: Sendable {
    private static let limit = 256

    private var byPrefix = ["xml": "http://www.w3.org/XML/1998/namespace"]

    /// The prefixes inside of an element that has these attributes.
    func entering(_ attributes: [(name: String, value: String)]) throws(XMLError) -> Self {
        var inner = self
        for (name, value) in attributes where name == "xmlns" || name.hasPrefix("xmlns:") {
            let prefix = String(name.dropFirst(6))
            if prefix == "xml" || prefix == "xmlns" || (value.isEmpty && !prefix.isEmpty) {
                throw XMLError("The declaration of the prefix \(prefix) is not allowed.")
            }
            inner.byPrefix[prefix] = value
        }
        guard inner.byPrefix.count <= Self.limit else { throw .tooLarge }
        return inner
    }

    func elementName(_ raw: String) throws(XMLError) -> XMLElement.Name {
        let (prefix, local) = try Self.split(raw)
        if prefix.isEmpty { return XMLElement.Name(self.byPrefix[""] ?? "", local) }
        return XMLElement.Name(try self.namespace(of: prefix), local)
    }

    /// The attributes without the declarations; one without a prefix is in no namespace.
    func attributes(_ written: [(name: String, value: String)]) throws(XMLError) -> [XMLElement.Name: String] {
        var attributes: [XMLElement.Name: String] = [:]
        for (raw, value) in written where raw != "xmlns" && !raw.hasPrefix("xmlns:") {
            let (prefix, local) = try Self.split(raw)
            let name = XMLElement.Name(prefix.isEmpty ? "" : try self.namespace(of: prefix), local)
            guard attributes.updateValue(value, forKey: name) == nil else {
                throw XMLError("The attribute \(raw) stands twice in one tag.")
            }
        }
        return attributes
    }

    private func namespace(of prefix: String) throws(XMLError) -> String {
        guard let namespace = self.byPrefix[prefix] else { throw .undeclaredPrefix(prefix) }
        return namespace
    }

    private static func split(_ raw: String) throws(XMLError) -> (prefix: String, local: String) {
        let parts = raw.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 1 { return ("", raw) }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw XMLError("The name \(raw) is malformed.")
        }
        return (String(parts[0]), String(parts[1]))
    }
}
