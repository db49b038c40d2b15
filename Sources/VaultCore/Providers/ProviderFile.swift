import CLinux
package import Foundation
import Glibc

/// A file of provider rows: a JSON object with a row for each name.
package struct ProviderFile: Sendable {
    package let path: String
    /// Whether it belongs to root and nobody else can write it.
    package let isTrusted: Bool
    package let rows: [String: JSONValue]

    /// Keys that begin with this hold remarks.
    private static let remark: Character = "_"
    private static let maxBytes = 1_048_576

    package init(path: String, isTrusted: Bool, contents: Data) throws(ProviderFileError) {
        guard contents.count <= Self.maxBytes else {
            throw ProviderFileError(file: path, reason: "it is larger than 1 MiB.")
        }
        guard let rows = JSONValue(contents)?.object else {
            throw ProviderFileError(file: path, reason: "it is not a JSON object with a row for each name.")
        }
        self.path = path
        self.isTrusted = isTrusted
        self.rows = rows.filter { $0.key.first != Self.remark }
    }

    /// Reads a file, and finds out whose it is.
    package static func read(_ path: String) throws(ProviderFileError) -> ProviderFile {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw ProviderFileError(file: path, reason: "\(String(cString: strerror(errno))).")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var status = file_status()
        // inode(7); Swift finds the names of these numbers in two modules.
        guard status_of_descriptor(descriptor, &status) == 0, status.mode & 0o170000 == 0o100000 else {
            throw ProviderFileError(file: path, reason: "it is not a plain file.")
        }
        guard status.mode & 0o002 == 0 else {
            throw ProviderFileError(file: path, reason: "everybody can write it: run chmod o-w on it.")
        }
        guard let contents = try? handle.read(upToCount: Self.maxBytes + 1) ?? Data() else {
            throw ProviderFileError(file: path, reason: "it cannot be read.")
        }
        let isTrusted = status.owner == 0 && status.mode & 0o022 == 0
        return try ProviderFile(path: path, isTrusted: isTrusted, contents: contents)
    }

    /// The files of a directory whose names end with `.json`.
    package static func files(in directory: String) throws(ProviderFileError) -> [ProviderFile] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            throw ProviderFileError(file: directory, reason: "the directory cannot be read.")
        }
        var files: [ProviderFile] = []
        for name in names.sorted() where name.hasSuffix(".json") && !name.hasPrefix(".") {
            files.append(try Self.read("\(directory)/\(name)"))
        }
        return files
    }

    static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.count <= 64
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
