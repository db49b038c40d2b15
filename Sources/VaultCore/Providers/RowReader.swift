import Foundation

/// Reads the columns of one JSON object, and refuses those that nobody asked for: a misspelled column would do nothing.
struct RowReader {
    let place: String
    private let fields: [String: JSONValue]
    private var known: Set<String> = []

    init(_ value: JSONValue, place: String) throws(ProviderRowError) {
        guard let fields = value.object else { throw ProviderRowError(place, "is not an object.") }
        self.fields = fields
        self.place = place
    }

    func place(of column: String) -> String { self.place.isEmpty ? column : "\(self.place).\(column)" }

    mutating func value(_ column: String) -> JSONValue? {
        self.known.insert(column)
        return self.fields[column]
    }

    mutating func text(_ column: String) throws(ProviderRowError) -> String? {
        guard let value = self.value(column) else { return nil }
        guard case .text(let text) = value, !text.isEmpty else {
            throw ProviderRowError(self.place(of: column), "is not a text with something in it.")
        }
        return text
    }

    mutating func flag(_ column: String) throws(ProviderRowError) -> Bool? {
        guard let value = self.value(column) else { return nil }
        guard case .bool(let flag) = value else {
            throw ProviderRowError(self.place(of: column), "is not true or false.")
        }
        return flag
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ column: String,
        _: Choice.Type = Choice.self
    ) throws(ProviderRowError) -> Choice? where Choice.RawValue == String {
        guard let text = try self.text(column) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ProviderRowError(self.place(of: column), "is none of \(names).")
        }
        return choice
    }

    mutating func texts(_ column: String) throws(ProviderRowError) -> [String] {
        guard let value = self.value(column) else { return [] }
        guard case .array(let elements) = value else {
            throw ProviderRowError(self.place(of: column), "is not a list of texts.")
        }
        var texts: [String] = []
        for element in elements {
            guard case .text(let text) = element, !text.isEmpty else {
                throw ProviderRowError(self.place(of: column), "holds something that is not a text.")
            }
            texts.append(text)
        }
        return texts
    }

    /// Named texts; those that are null are what the caller leaves out.
    mutating func parameters(_ column: String) throws(ProviderRowError) -> [String: String?] {
        guard let value = self.value(column) else { return [:] }
        guard let fields = value.object else {
            throw ProviderRowError(self.place(of: column), "is not an object of texts.")
        }
        var parameters: [String: String?] = [:]
        for (name, value) in fields {
            switch value {
            case .null: parameters[name] = .some(nil)
            case .text(let text): parameters[name] = text
            default: throw ProviderRowError(self.place(of: "\(column).\(name)"), "is neither a text nor null.")
            }
        }
        return parameters
    }

    mutating func names(_ column: String) throws(ProviderRowError) -> [String: String] {
        var names: [String: String] = [:]
        for (name, value) in try self.parameters(column) {
            guard let value else { throw ProviderRowError(self.place(of: "\(column).\(name)"), "is null.") }
            names[name] = value
        }
        return names
    }

    mutating func integer(_ column: String) throws(ProviderRowError) -> Int? {
        guard let value = self.value(column) else { return nil }
        guard case .number(let number) = value, let integer = Int("\(number)"), integer > 0 else {
            throw ProviderRowError(self.place(of: column), "is not a whole number above zero.")
        }
        return integer
    }

    mutating func integers(_ column: String) throws(ProviderRowError) -> [Int] {
        guard let value = self.value(column) else { return [] }
        guard case .array(let elements) = value else {
            throw ProviderRowError(self.place(of: column), "is not a list of numbers.")
        }
        var integers: [Int] = []
        for element in elements {
            guard case .number(let number) = element, let integer = Int("\(number)") else {
                throw ProviderRowError(self.place(of: column), "holds something that is not a whole number.")
            }
            integers.append(integer)
        }
        return integers
    }

    /// A time: seconds as a number, or a number and a unit, as in `90d`.
    mutating func seconds(_ column: String) throws(ProviderRowError) -> Int? {
        guard let value = self.value(column) else { return nil }
        let text = value.text ?? ""
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        let unit = text.last.flatMap { units[$0] }
        guard
            let number = Int(unit == nil ? text : String(text.dropLast())), (0...10_000_000_000).contains(number)
        else {
            throw ProviderRowError(
                self.place(of: column),
                "is not a time: give seconds, or a number with s, m, h or d, for example \"90d\"."
            )
        }
        return number * (unit ?? 1)
    }

    mutating func object(_ column: String) throws(ProviderRowError) -> RowReader? {
        guard let value = self.value(column) else { return nil }
        return try RowReader(value, place: self.place(of: column))
    }

    /// The objects of an object, by name, in the order of the names.
    mutating func objects(_ column: String) throws(ProviderRowError) -> [(name: String, reader: RowReader)] {
        guard let value = self.value(column) else { return [] }
        guard let fields = value.object else {
            throw ProviderRowError(self.place(of: column), "is not an object.")
        }
        var readers: [(name: String, reader: RowReader)] = []
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            readers.append((name, try RowReader(value, place: self.place(of: "\(column).\(name)"))))
        }
        return readers
    }

    /// Call it last.
    func refuseOthers() throws(ProviderRowError) {
        if let other = self.fields.keys.filter({ !self.known.contains($0) }).min() {
            throw ProviderRowError(self.place(of: other), "is not a column that this version knows.")
        }
    }
}
