/// Which heading of TROUBLESHOOTING.md helps with a failure.
///
/// Mostly that of the credential. Where Entra says that it is about the resource, no credential is at fault, and every other one
/// would be told the same.
enum TroubleshootingAnchor {
    static let registration = "registration"

    /// There is no such resource in the tenant; the application has no role of it, and needs one; nobody has let the
    /// application of a developer tool ask for it.
    private static let codesOfResource: Set = ["500011", "501051", "65001"]

    static func anchor(_ reason: String, of credential: any TokenCredential) -> String {
        // Integrated authentication has an application of its own, and a heading that says what it lacks.
        guard !(credential is IntegratedAuthenticationCredential) else { return credential.troubleshooting }
        let isAboutResource = reason.matches(of: /AADSTS([0-9]+)/).contains {
            Self.codesOfResource.contains(String($0.output.1))
        }
        return isAboutResource ? Self.registration : credential.troubleshooting
    }
}
