package import Foundation
import Glibc
import GuardedFiles

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
        let file = GuardedFile(
            path: path,
            privacy: .notWritableByEverybody,
            links: .followed,
            sizeLimit: Self.maxBytes
        )
        do {
            guard let document = try file.document() else {
                throw ProviderFileError(file: path, reason: "\(String(cString: strerror(ENOENT))).")
            }
            return try ProviderFile(path: path, isTrusted: document.isOfRootAlone, contents: document.contents)
        } catch let error as GuardedFileError {
            throw ProviderFileError(file: path, reason: Self.reason(of: error))
        } catch let error as ProviderFileError {
            throw error
        } catch {
            throw ProviderFileError(file: path, reason: "it cannot be read.")
        }
    }

    private static func reason(of error: GuardedFileError) -> String {
        switch error.problem {
        case .notRegular: "it is not a plain file."
        case .writableByEverybody: "everybody can write it: run chmod o-w on it."
        case .tooLarge: "it is larger than 1 MiB."
        case .unreadable(let code): "\(String(cString: strerror(code)))."
        default: error.description
        }
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
