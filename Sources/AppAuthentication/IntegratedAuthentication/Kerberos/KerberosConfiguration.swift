import Foundation

/// The one thing of `krb5.conf` that a message mentions.
struct KerberosConfiguration: Sendable, Hashable {
    /// What Debian's package has in its configuration, which says nothing about this machine.
    private static let stockRealm = "ATHENA.MIT.EDU"
    private static let depthLimit = 8
    private static let sizeLimit = 1 << 18

    let defaultRealm: String?

    /// Reads files, named with colons between them, and what they include.
    ///
    /// One that cannot be read says nothing.
    init(files: String) {
        let realm = files.split(separator: ":").lazy
            .compactMap { Self.defaultRealm(inFile: String($0), depth: 0) }.first
        self.defaultRealm = realm == Self.stockRealm ? nil : realm
    }

    private static func defaultRealm(inFile path: String, depth: Int) -> String? {
        guard depth < Self.depthLimit, let text = Self.contents(of: path) else { return nil }
        var section = ""
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmed }) {
            if line.hasPrefix("[") {
                section = line.prefix { $0 != "]" }.dropFirst().trimmingCharacters(in: .whitespaces)
            } else if let file = Self.value(of: "include", in: line, separator: " ") {
                if let realm = Self.defaultRealm(inFile: file, depth: depth + 1) { return realm }
            } else if let directory = Self.value(of: "includedir", in: line, separator: " ") {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
                for name in names.sorted() where name.hasSuffix(".conf") || !name.contains(".") {
                    if let realm = Self.defaultRealm(inFile: "\(directory)/\(name)", depth: depth + 1) { return realm }
                }
            } else if section == "libdefaults", let realm = Self.value(of: "default_realm", in: line, separator: "=") {
                return realm
            }
        }
        return nil
    }

    private static func value(of key: String, in line: String, separator: Character) -> String? {
        guard line.hasPrefix(key) else { return nil }
        let rest = line.dropFirst(key.count)
        guard let first = rest.first, first == separator || first.isWhitespace else { return nil }
        let value = String(rest.drop { $0 == separator || $0.isWhitespace }).trimmed
        return value.isEmpty ? nil : value
    }

    private static func contents(of path: String) -> String? {
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: path).resolvingSymlinksInPath().path(percentEncoded: false)
        )
        // Not a pipe, which would be waited for.
        guard attributes?[.type] as? FileAttributeType == .typeRegular,
            let size = attributes?[.size] as? Int, size <= Self.sizeLimit
        else { return nil }
        return try? String(contentsOfFile: path, encoding: .utf8)
    }
}
