/// An element of an XML document that was read, with the place where it stands in the bytes of the document.
struct XMLElement: Sendable {
    /// A name with the namespace that its prefix stands for.
    ///
    /// The namespace is empty where there is none.
    struct Name: Sendable, Hashable {
        let namespace: String
        let local: String

        init(_ namespace: String, _ local: String) {
            self.namespace = namespace
            self.local = local
        }
    }

    let name: Name
    let attributes: [Name: String]
    let children: [XMLElement]
    /// The character data of the element itself, without that of its children.
    let text: String
    /// The bytes from the `<` of the start tag to the `>` of the end tag.
    let range: Range<Int>

    /// The children of a name, in their order.
    func children(_ namespace: String, _ local: String) -> [XMLElement] {
        let name = Name(namespace, local)
        return self.children.filter { $0.name == name }
    }

    /// The first child of a name.
    func child(_ namespace: String, _ local: String) -> XMLElement? {
        let name = Name(namespace, local)
        return self.children.first { $0.name == name }
    }

    /// An attribute without a prefix, or one of a namespace.
    func attribute(_ local: String, in namespace: String = "") -> String? {
        self.attributes[Name(namespace, local)]?.trimmed
    }

    /// Whether the element has a descendant for which this is true.
    func hasDescendant(where isMatch: (XMLElement) -> Bool) -> Bool {
        self.children.contains { isMatch($0) || $0.hasDescendant(where: isMatch) }
    }

    /// Whether both have the same names with the same namespaces all the way down.
    func hasSameNames(as other: XMLElement) -> Bool {
        self.name == other.name && self.attributes.keys == other.attributes.keys
            && self.children.count == other.children.count
            && zip(self.children, other.children).allSatisfy { $0.hasSameNames(as: $1) }
    }
}
