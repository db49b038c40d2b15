/// Reads XML 1.0 with namespaces into a tree that remembers where in the bytes each element stands.
///
/// The signature of an assertion holds only for its own bytes, which no parser that hands out values can give back. Documents
/// with a document type declaration are refused, so there are no entities but the five of XML itself: nothing is expanded,
/// nothing is fetched. Size, depth and the number of elements and attributes have limits.
struct XMLReader {
    static let sizeLimit = 1 << 20
    private static let depthLimit = 64
    private static let elementLimit = 50_000

    private struct OpenElement {
        let name: XMLElement.Name
        let rawName: String
        let attributes: [XMLElement.Name: String]
        let start: Int
        let scope: XMLNamespaces
        var children: [XMLElement] = []
        var text: [UInt8] = []

        func closed(at end: Int) -> XMLElement {
            XMLElement(
                name: self.name,
                attributes: self.attributes,
                children: self.children,
                text: String(decoding: self.text, as: UTF8.self),
                range: self.start..<end
            )
        }
    }

    private var input: XMLBytes
    private var open: [OpenElement] = []
    private var elements = 0

    private init(_ input: XMLBytes) {
        self.input = input
    }

    /// Reads a whole document and returns its root.
    ///
    /// Places in it are those in what ``XMLEncoding/utf8(_:)`` makes of the bytes.
    static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLElement {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge }
        var reader = Self(try XMLBytes(XMLEncoding.utf8(bytes)))
        return try reader.document()
    }

    private mutating func document() throws(XMLError) -> XMLElement {
        // A byte order mark, which AD FS sends (XML 1.0 section 4.3.3).
        _ = self.input.skip([0xEF, 0xBB, 0xBF])
        if self.input.starts(with: "<?xml ") { try self.declaration() }
        try self.skipMiscellany()
        guard let root = try self.rootElement() else { throw .truncated }
        try self.skipMiscellany()
        guard self.input.isAtEnd else { throw XMLError("Something follows the end of the document.") }
        return root
    }

    private mutating func declaration() throws(XMLError) {
        let text = try self.input.text(upTo: "?>").lowercased()
        if let match = text.firstMatch(of: /encoding\s*=\s*["']([^"']*)["']/) {
            // Whoever writes a document into a string of .NET declares UTF-16, and sends UTF-8. It was checked to be that.
            guard ["utf-8", "us-ascii", "utf-16"].contains(match.output.1) else { throw .notUTF8 }
        }
    }

    private mutating func skipMiscellany() throws(XMLError) {
        while true {
            self.input.skipSpace()
            if self.input.starts(with: "<?") {
                _ = try self.input.text(upTo: "?>")
            } else if self.input.starts(with: "<!--") {
                try self.skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() throws(XMLError) {
        self.input.advance(by: 4)
        _ = try self.input.text(upTo: "-->")
    }

    /// Reads from the first start tag to its end tag; a stack of its own, so that no depth reaches the thread's.
    private mutating func rootElement() throws(XMLError) -> XMLElement? {
        while let byte = self.input.current {
            if byte != UInt8(ascii: "<") {
                guard !self.open.isEmpty else { throw XMLError("The document does not begin with an element.") }
                self.open[self.open.count - 1].text += try self.input.characterData()
            } else if self.input.starts(with: "</") {
                if let root = try self.endTag() { return root }
            } else if self.input.starts(with: "<!--") {
                try self.skipComment()
            } else if self.input.starts(with: "<?") {
                _ = try self.input.text(upTo: "?>")
            } else if self.input.starts(with: "<![CDATA["), !self.open.isEmpty {
                self.input.advance(by: 9)
                self.open[self.open.count - 1].text += Array(try self.input.text(upTo: "]]>").utf8)
            } else if self.input.starts(with: "<!") {
                throw .documentType
            } else if let root = try self.startTag() {
                return root
            }
        }
        return nil
    }

    private mutating func startTag() throws(XMLError) -> XMLElement? {
        self.elements += 1
        guard self.elements <= Self.elementLimit, self.open.count < Self.depthLimit else { throw .tooLarge }
        let start = self.input.position
        self.input.advance(by: 1)
        let rawName = try self.input.name()
        let written = try self.input.attributes()
        let scope = try (self.open.last?.scope ?? XMLNamespaces()).entering(written)
        let element = OpenElement(
            name: try scope.elementName(rawName),
            rawName: rawName,
            attributes: try scope.attributes(written),
            start: start,
            scope: scope
        )
        if self.input.skip("/>") { return self.close(element) }
        guard self.input.skip(">") else { throw XMLError("The start tag of \(rawName) is malformed.") }
        self.open.append(element)
        return nil
    }

    private mutating func endTag() throws(XMLError) -> XMLElement? {
        self.input.advance(by: 2)
        let rawName = try self.input.name()
        self.input.skipSpace()
        guard self.input.skip(">"), let element = self.open.popLast(), element.rawName == rawName else {
            throw XMLError("The end tag of \(rawName) has no start tag.")
        }
        return self.close(element)
    }

    /// Hands an element to its parent; the root has none.
    private mutating func close(_ element: OpenElement) -> XMLElement? {
        let closed = element.closed(at: self.input.position)
        guard !self.open.isEmpty else { return closed }
        self.open[self.open.count - 1].children.append(closed)
        return nil
    }
}
