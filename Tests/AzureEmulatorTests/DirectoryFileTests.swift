import Foundation
import ProgramSupport
import TestSupport
import Testing

@testable import AzureEmulator

@Suite
struct DirectoryFileTests {
    private static let ids =
        #""clientId":"AAAAAAAA-0000-4000-8000-000000000001","objectId":"bbbbbbbb-0000-4000-8000-000000000001""#
    private static let others =
        #""clientId":"aaaaaaaa-0000-4000-8000-000000000002","objectId":"bbbbbbbb-0000-4000-8000-000000000002""#

    @Test
    func theBuiltInIdentitiesAreOneOfEachKind() throws {
        let directory = try DirectoryFile.load(path: nil)
        #expect(directory.identities.map(\.name) == ["system-assigned", "user-assigned", "application"])
        #expect(Set(directory.identities.flatMap { [$0.clientID, $0.objectID] }).count == 6)
    }

    @Test
    func theFileReplacesThem() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            """
            {"systemAssigned": {\(Self.ids)},
             "applications": [{"name": "app", \(Self.others), "clientSecret": "s3cret"}]}
            """,
            to: "identities.json"
        )
        let loaded = try DirectoryFile.load(path: path)
        #expect(loaded.systemAssigned?.name == "system-assigned")
        #expect(loaded.systemAssigned?.clientID == "aaaaaaaa-0000-4000-8000-000000000001")
        #expect(loaded.systemAssigned?.resourceID?.hasSuffix("/virtualMachines/system-assigned") == true)
        #expect(loaded.userAssigned.isEmpty)
        #expect(loaded.applications.first?.secret?.value == "s3cret")
        #expect(loaded.applications.first?.identity.resourceID == nil)
    }

    @Test
    func aFileWithASecretIsForItsOwnerAlone() throws {
        let directory = try TemporaryDirectory()
        let withSecret = try directory.write(
            #"{"applications": [{"name": "app", \#(Self.ids), "clientSecret": "s3cret"}]}"#,
            to: "secret.json",
            mode: 0o644
        )
        let error = #expect(throws: ConfigurationError.self) { try DirectoryFile.load(path: withSecret) }
        #expect(error?.description.contains("chmod 600") == true)
        let without = try directory.write(
            #"{"applications": [{"name": "app", \#(Self.ids)}]}"#,
            to: "open.json",
            mode: 0o644
        )
        #expect(try DirectoryFile.load(path: without).applications.count == 1)
    }

    @Test(arguments: [
        ("not json", "is not valid JSON"),
        ("[]", "a value of the wrong kind at its outermost object"),
        (#"{"systemassigned": {}}"#, #""systemassigned" is unknown; known are systemAssigned"#),
        (#"{"systemAssigned": {"clientId": "x"}}"#, #"lacks "objectId" in systemAssigned"#),
        (#"{"systemAssigned": {"clientId": 1, "objectId": "x"}}"#, "wrong kind at systemAssigned.clientId"),
        (
            #"{"systemAssigned": {"clientId": "x", "objectId": "y"}}"#,
            #"The "clientId" of system-assigned is not a GUID"#
        ),
        (#"{"userAssigned": [{\#(ids)}]}"#, #"has no "name""#),
        (#"{"userAssigned": [{"name": "a b", \#(ids)}]}"#, #"A "name" has letters"#),
        (#"{"userAssigned": [{"name": "u", \#(ids), "clientSecret": "s3cret"}]}"#, "u is no application"),
        (#"{"applications": [{"name": "u", \#(ids), "clientSecret": ""}]}"#, "is empty"),
        (#"{"userAssigned": [{"name": "u", \#(ids), "certificateFile": "x"}]}"#, "u is no application"),
        (#"{"applications": [{"name": "u", \#(ids), "resourceId": "/x"}]}"#, #"has no "resourceId""#),
        (#"{"applications": [{"name": "u", \#(ids), "secret": "s3cret"}]}"#, #""secret" is unknown"#),
        (#"{"systemAssigned": {\#(ids)}, "userAssigned": [{"name": "u", \#(ids)}]}"#, "stands for two identities"),
        (#"{"userAssigned": [{"name": "u", \#(ids)}, {"name": "u", \#(others)}]}"#, "u stands for two identities"),
    ])
    func aFileThatCannotBeUsedIsExplained(text: String, reason: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "identities.json")
        let error = #expect(throws: ConfigurationError.self) { try DirectoryFile.load(path: path) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(path) == true)
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test
    func aCertificateIsReadFromAFileOfItsOwn() throws {
        let directory = try TemporaryDirectory()
        let pem = try RegisteredCertificate.generate(name: "app")
        try directory.write(pem, to: "app.pem", mode: 0o644)
        let path = try directory.write(
            #"{"applications": [{"name": "app", \#(Self.ids), "certificateFile": "app.pem"}]}"#,
            to: "identities.json",
            mode: 0o644
        )
        let certificate = try #require(try DirectoryFile.load(path: path).applications.first?.certificate)
        #expect(try certificate.thumbprint == RegisteredCertificate(pem: pem).thumbprint)
        #expect(certificate.thumbprint.wholeMatch(of: /[0-9A-F]{40}/) != nil)
        for (content, reason) in [("not PEM", "is no certificate of an RSA key"), (nil, "cannot be read")] {
            try FileManager.default.removeItem(atPath: "\(directory.path)/app.pem")
            if let content { try directory.write(content, to: "app.pem") }
            let error = #expect(throws: ConfigurationError.self) { try DirectoryFile.load(path: path) }
            #expect(error?.description.contains("\(directory.path)/app.pem \(reason)") == true)
        }
    }

    @Test
    func aFileThatIsNotThereIsNamed() {
        let error = #expect(throws: ConfigurationError.self) { try DirectoryFile.load(path: "/nonexistent.json") }
        #expect(error?.description.contains("/nonexistent.json") == true)
    }
}
