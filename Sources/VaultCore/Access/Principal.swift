/// Who calls: the tenant and the object in it that an Entra token was issued to.
///
/// Both are compared without regard to case, because they are GUIDs in all but the oddest directories; they are kept
/// in lower case.
package struct Principal: Sendable, Hashable {
    package let tenantID: String
    package let objectID: String

    package init(tenantID: String, objectID: String) {
        self.tenantID = tenantID.lowercased()
        self.objectID = objectID.lowercased()
    }

    /// The vault itself, on nobody's behalf.
    package static let vault = Principal(tenantID: "local", objectID: "vault")
}
