import Foundation
import ProgramSupport

/// The JSON file in which a person names the identities.
struct DirectoryFile: Decodable {
    private var systemAssigned: Entry?
    private var userAssigned: [Entry]?
    private var applications: [Entry]?

    /// The identities of the file, or the built-in ones when there is no file.
    ///
    /// - Throws: ``ConfigurationError`` that says what is wrong with the file.
    static func load(path: String?) throws -> Directory {
        guard let path else { return .builtIn }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("The file \(path) of AZURE_EMULATOR_IDENTITIES cannot be read.")
        }
        do {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            let directory = try JSONDecoder().decode(DirectoryFile.self, from: data).directory(in: folder)
            if directory.applications.contains(where: { $0.secret != nil }) {
                // Asks nothing but whether the file is safe.
                _ = try PrivateFile(path: path).existingContents()
            }
            return directory
        } catch let error as ConfigurationError {
            throw ConfigurationError("The file \(path) of AZURE_EMULATOR_IDENTITIES cannot be used: \(error)")
        } catch DecodingError.keyNotFound(let key, let context) {
            throw ConfigurationError(
                "The file \(path) of AZURE_EMULATOR_IDENTITIES lacks \"\(key.stringValue)\" in \(Self.place(context))."
            )
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw ConfigurationError(
                "The file \(path) of AZURE_EMULATOR_IDENTITIES has a value of the wrong kind at \(Self.place(context))."
            )
        } catch {
            throw ConfigurationError("The file \(path) of AZURE_EMULATOR_IDENTITIES is not valid JSON.")
        }
    }

    init(from decoder: any Decoder) throws {
        try UnknownKeys.refuse(in: decoder, known: CodingKeys.allCases.map(\.rawValue))
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.systemAssigned = try container.decodeIfPresent(Entry.self, forKey: .systemAssigned)
        self.userAssigned = try container.decodeIfPresent([Entry].self, forKey: .userAssigned)
        self.applications = try container.decodeIfPresent([Entry].self, forKey: .applications)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case systemAssigned
        case userAssigned
        case applications
    }

    private func directory(in folder: String) throws -> Directory {
        let directory = Directory(
            systemAssigned: try self.systemAssigned?.identity(
                unnamed: "system-assigned",
                resource: "Microsoft.Compute/virtualMachines"
            ),
            userAssigned: try (self.userAssigned ?? []).map {
                try $0.identity(unnamed: nil, resource: "Microsoft.ManagedIdentity/userAssignedIdentities")
            },
            applications: try (self.applications ?? []).map {
                Application(
                    identity: try $0.identity(unnamed: nil, resource: nil),
                    secret: $0.clientSecret.map(Secret.init(value:)),
                    certificate: try $0.certificate(in: folder)
                )
            }
        )
        for part in [\Identity.name, \Identity.clientID, \Identity.objectID] {
            var seen: Set<String> = []
            for identity in directory.identities where !seen.insert(identity[keyPath: part]).inserted {
                throw ConfigurationError("\(identity[keyPath: part]) stands for two identities.")
            }
        }
        return directory
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        return path.isEmpty ? "its outermost object" : path.joined(separator: ".")
    }
}
