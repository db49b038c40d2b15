import Foundation
import ProgramSupport

extension DirectoryFile {
    /// One identity as the file gives it.
    struct Entry: Decodable {
        private let name: String?
        private let clientID: String
        private let objectID: String
        private let resourceID: String?
        /// Of an application; one is generated when absent.
        let clientSecret: String?
        /// Of an application: a file with the certificate alone, in PEM; one is generated when absent.
        let certificateFile: String?

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case name
            case clientID = "clientId"
            case objectID = "objectId"
            case resourceID = "resourceId"
            case clientSecret
            case certificateFile
        }

        init(from decoder: any Decoder) throws {
            try UnknownKeys.refuse(in: decoder, known: CodingKeys.allCases.map(\.rawValue))
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.name = try container.decodeIfPresent(String.self, forKey: .name)
            self.clientID = try container.decode(String.self, forKey: .clientID)
            self.objectID = try container.decode(String.self, forKey: .objectID)
            self.resourceID = try container.decodeIfPresent(String.self, forKey: .resourceID)
            self.clientSecret = try container.decodeIfPresent(String.self, forKey: .clientSecret)
            self.certificateFile = try container.decodeIfPresent(String.self, forKey: .certificateFile)
        }

        /// The identity that the entry describes.
        ///
        /// - Parameters:
        ///   - unnamed: The name that it has when the file gives none; nil when the file must give one.
        ///   - resource: The type of the Azure resource that it is, for a managed identity.
        /// - Returns: The identity, its GUIDs in lower case.
        /// - Throws: ``ConfigurationError`` that names what cannot be used.
        func identity(unnamed: String?, resource: String?) throws -> Identity {
            guard let name = self.name ?? unnamed else {
                throw ConfigurationError("The identity with the clientId \(self.clientID) has no \"name\".")
            }
            guard !name.isEmpty, name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
            else {
                throw ConfigurationError("A \"name\" has letters, digits, hyphens, dots and underscores only.")
            }
            if let clientSecret, resource != nil || clientSecret.isEmpty {
                throw ConfigurationError("The \"clientSecret\" of \(name) is empty, or \(name) is no application.")
            }
            guard self.certificateFile == nil || resource == nil else {
                throw ConfigurationError("\(name) is no application, so it has no \"certificateFile\".")
            }
            guard self.resourceID == nil || resource != nil else {
                throw ConfigurationError("\(name) is an application, and an application has no \"resourceId\".")
            }
            return Identity(
                name: name,
                clientID: try Self.guid(self.clientID, "clientId", of: name),
                objectID: try Self.guid(self.objectID, "objectId", of: name),
                resourceID: resource.map { self.resourceID ?? Directory.resourceID("\($0)/\(name)") }
            )
        }

        /// The certificate that the entry names, found from the directory of the file when its path is relative.
        func certificate(in directory: String) throws -> RegisteredCertificate? {
            guard let certificateFile else { return nil }
            let path = certificateFile.hasPrefix("/") ? certificateFile : "\(directory)/\(certificateFile)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ConfigurationError("The certificate \(path) cannot be read.")
            }
            do {
                return try RegisteredCertificate(pem: String(decoding: data, as: UTF8.self))
            } catch {
                throw ConfigurationError("The certificate \(path) is no certificate of an RSA key in PEM.")
            }
        }

        private static func guid(_ text: String, _ key: String, of name: String) throws -> String {
            guard let guid = UUID(uuidString: text) else {
                throw ConfigurationError("The \"\(key)\" of \(name) is not a GUID.")
            }
            return guid.uuidString.lowercased()
        }
    }
}
