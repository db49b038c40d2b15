/// Who calls: the tenant and the object in it that an Entra token was issued to.
///
/// Both are compared without regard to case, because they are GUIDs in all but the oddest directories; they are kept
/// in lower case.
package struct Principal: Sendable, Hashable {
    package let tenantID: String
    package let objectID: String

    /// The person at a browser, who does not say who they are to the vault; no issuer's tenant has this name.
    package static let browser = Principal(tenantID: "local", objectID: "browser")

    package init(tenantID: String, objectID: String) {
        self.tenantID = tenantID.lowercased()
        self.objectID = objectID.lowercased()
    }
}
