import Foundation

/// The command that lets a principal into a vault, for whoever administers that to copy.
package struct PolicyGrant: Sendable, Hashable {
    /// What an application needs of a vault where people log in for its tokens, and where nobody does.
    package static func permissions(withLogin: Bool) -> [String] {
        withLogin ? ["GetToken", "CreateOrUpdateToken", "DeleteToken"] : ["GetToken"]
    }

    private let tenantID: String
    private let objectID: String
    private let permissions: [String]

    package init(tenantID: String, objectID: String, permissions: [String]) {
        self.tenantID = tenantID.lowercased()
        self.objectID = objectID.lowercased()
        self.permissions = permissions
    }

    /// One line, in which what may not be pasted into a shell is left out, with `ID` in its place.
    package var command: String {
        var words = ["token-vault policy grant"]
        words.append("--tenant \(Self.word(self.tenantID))")
        words.append("--object \(Self.word(self.objectID))")
        words.append("--permissions \(self.permissions.joined(separator: ","))")
        // The command takes GUIDs alone unless it is told that they are none.
        if [self.tenantID, self.objectID].contains(where: { UUID(uuidString: $0) == nil }) {
            words.append("--other-ids")
        }
        return words.joined(separator: " ")
    }

    private static func word(_ text: String) -> String {
        VaultPath.isName(text) && text.utf8.count <= 128 && !text.hasPrefix("-") ? text : "ID"
    }
}
