import GuardedFiles

/// Looks at the file of a cache or a keytab before Kerberos opens it, which waits for ever at a pipe.
enum KerberosFile {
    /// Why Kerberos must not open what a name stands for; nil when nothing is known against it.
    ///
    /// - Parameter name: The name as Kerberos writes it; a path alone is that of a file.
    /// - Returns: What is wrong, without a full stop.
    static func obstacle(named name: String) -> String? {
        let (type, rest) = Self.parts(of: name)
        switch type {
        case "FILE", "WRFILE": return Self.obstacle(atPath: rest)
        case "DIR" where rest.hasPrefix(":"): return Self.obstacle(atPath: String(rest.dropFirst()))
        // The name of the primary cache of a directory stands in a file.
        case "DIR": return Self.obstacle(atPath: rest + "/primary")
        default: return nil
        }
    }

    /// Whether a name stands for a file that does not exist.
    static func isMissing(named name: String) -> Bool {
        let (type, path) = Self.parts(of: name)
        return ["FILE", "WRFILE"].contains(type) && FileKind(path: path) == nil
    }

    private static func parts(of name: String) -> (type: String, rest: String) {
        guard let colon = name.firstIndex(of: ":") else { return ("FILE", name) }
        return (String(name[..<colon]), String(name[name.index(after: colon)...]))
    }

    private static func obstacle(atPath path: String) -> String? {
        switch FileKind(path: path) {
        case .directory: "\(path) is a directory"
        case .pipe, .other: "\(path) is not a regular file"
        case .regular, nil: nil
        }
    }
}
