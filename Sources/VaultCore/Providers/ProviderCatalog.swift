import Foundation

/// The providers that the vault knows: its own rows, and those of the administrator's files.
package struct ProviderCatalog: Sendable {
    package let providers: [String: Provider]
    /// The names that the last files brought, beside or in place of the vault's own.
    package let own: Set<String>

    /// All names, in order.
    package var names: [String] { self.providers.keys.sorted() }

    /// A provider by its name, in whatever case: people write `Dropbox`.
    package subscript(name: String) -> Provider? { self.providers[name.lowercased()] }

    /// Reads provider files.
    ///
    /// A row with the name of an earlier one takes its place; one that `extends` another has the columns of that, but for
    /// those that it gives itself.
    ///
    /// - Throws: ``ProviderFileError`` for the first mistake.
    package init(_ files: [ProviderFile]) throws(ProviderFileError) {
        var rows: [String: JSONValue] = [:]
        var providers: [String: Provider] = [:]
        for file in files {
            for (name, row) in file.rows.sorted(by: { $0.key < $1.key }) {
                do throws(ProviderRowError) {
                    guard ProviderFile.isName(name) else {
                        throw ProviderRowError(name, "is no name: use a-z, 0-9, '.', '_' and '-'.")
                    }
                    let row = try Self.extended(row, name: name, earlier: rows, file: file.rows)
                    rows[name] = row
                    let provider = try Provider(name: name, row: row)
                    guard !provider.allowsPrivateNetwork || file.isTrusted else {
                        throw ProviderRowError(
                            "\(name).privateNetwork",
                            "is for a file that belongs to root and that nobody else can write."
                        )
                    }
                    try provider.validate()
                    providers[name] = provider
                } catch {
                    throw ProviderFileError(file: file.path, reason: error.description)
                }
            }
        }
        self.providers = providers
        self.own = Set(files.dropFirst().flatMap(\.rows.keys))
    }

    /// The vault's own rows, then the files of a directory in the order of their names, if there is one, and then others.
    package init(directory: String?, and others: [ProviderFile] = []) throws(ProviderFileError) {
        try self.init([ProviderFile.builtIn()] + (try directory.map(ProviderFile.files(in:)) ?? []) + others)
    }

    /// The vault's own rows, and then these files.
    package init(files: [String]) throws(ProviderFileError) {
        var all = [try ProviderFile.builtIn()]
        for file in files { all.append(try ProviderFile.read(file)) }
        try self.init(all)
    }

    /// A row with the columns of the one that it extends.
    ///
    /// A row of the same name extends that of the files before (`earlier`); for every other name its own `file` comes first.
    private static func extended(
        _ row: JSONValue,
        name: String,
        earlier: [String: JSONValue],
        file: [String: JSONValue],
        depth: Int = 0
    ) throws(ProviderRowError) -> JSONValue {
        guard case .object(var fields) = row, let base = fields.removeValue(forKey: "extends") else { return row }
        guard
            case .text(let baseName) = base, depth < 4,
            let baseRow = baseName == name ? earlier[name] : file[baseName] ?? earlier[baseName]
        else {
            throw ProviderRowError("\(name).extends", "does not name a row that is there.")
        }
        let extended = try Self.extended(baseRow, name: baseName, earlier: earlier, file: file, depth: depth + 1)
        return .object((extended.object ?? [:]).merging(fields) { _, own in own })
    }
}
