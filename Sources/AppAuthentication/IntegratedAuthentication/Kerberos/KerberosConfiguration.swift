import Foundation
import GuardedFiles

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
    init(files: String) async {
        for file in files.split(separator: ":") {
            guard let realm = await Self.defaultRealm(inFile: String(file), depth: 0) else { continue }
            self.defaultRealm = realm == Self.stockRealm ? nil : realm
            return
        }
        self.defaultRealm = nil
    }

    private static func defaultRealm(inFile path: String, depth: Int) async -> String? {
        let file = GuardedFile(path: path, privacy: .none, links: .followed, sizeLimit: Self.sizeLimit)
        guard depth < Self.depthLimit, let text = try? await file.text() else { return nil }
        var section = ""
        for line in text.split(whereSeparator: \.isNewline).map({ String($0).trimmed }) {
            if line.hasPrefix("[") {
                section = line.prefix { $0 != "]" }.dropFirst().trimmingCharacters(in: .whitespaces)
            } else if let file = Self.value(of: "include", in: line, separator: " ") {
                if let realm = await Self.defaultRealm(inFile: file, depth: depth + 1) { return realm }
            } else if let directory = Self.value(of: "includedir", in: line, separator: " ") {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
                for name in names.sorted() where name.hasSuffix(".conf") || !name.contains(".") {
                    if let realm = await Self.defaultRealm(inFile: "\(directory)/\(name)", depth: depth + 1) {
                        return realm
                    }
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
}
