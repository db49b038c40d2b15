import CGSSAPI
import Glibc

/// The GSSAPI library of MIT Kerberos, looked for when it is wanted.
///
/// Its functions block: on the file or the service that keeps the tickets, on name look-ups, on domain controllers.
struct GSSAPILibrary: Sendable {
    let acquireCredentialFrom: gss_acquire_cred_from_function
    let inquireCredential: gss_inquire_cred_function
    let displayName: gss_display_name_function
    let importName: gss_import_name_function
    let initializeContext: gss_init_sec_context_function
    let displayStatus: gss_display_status_function
    let setNegotiationMechanisms: gss_set_neg_mechs_function
    let releaseCredential: gss_release_cred_function
    let releaseName: gss_release_name_function
    let releaseBuffer: gss_release_buffer_function
    let deleteContext: gss_delete_sec_context_function
    /// What dlopen returned, as a number: a pointer would keep the library on one thread.
    let handle: UInt
}

extension GSSAPILibrary {
    /// The name of the library wherever MIT Kerberos is installed.
    static let name = "libgssapi_krb5.so.2"

    /// Loads the library, which stays loaded.
    ///
    /// - Throws: ``KerberosError/noLibrary``.
    init(named name: String = Self.name) throws(KerberosError) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL),
            let acquireCredentialFrom: gss_acquire_cred_from_function = Self.function("gss_acquire_cred_from", handle),
            let inquireCredential: gss_inquire_cred_function = Self.function("gss_inquire_cred", handle),
            let displayName: gss_display_name_function = Self.function("gss_display_name", handle),
            let importName: gss_import_name_function = Self.function("gss_import_name", handle),
            let initializeContext: gss_init_sec_context_function = Self.function("gss_init_sec_context", handle),
            let displayStatus: gss_display_status_function = Self.function("gss_display_status", handle),
            let setNegotiationMechanisms: gss_set_neg_mechs_function = Self.function("gss_set_neg_mechs", handle),
            let releaseCredential: gss_release_cred_function = Self.function("gss_release_cred", handle),
            let releaseName: gss_release_name_function = Self.function("gss_release_name", handle),
            let releaseBuffer: gss_release_buffer_function = Self.function("gss_release_buffer", handle),
            let deleteContext: gss_delete_sec_context_function = Self.function("gss_delete_sec_context", handle)
        else { throw .noLibrary }
        self.init(
            acquireCredentialFrom: acquireCredentialFrom,
            inquireCredential: inquireCredential,
            displayName: displayName,
            importName: importName,
            initializeContext: initializeContext,
            displayStatus: displayStatus,
            setNegotiationMechanisms: setNegotiationMechanisms,
            releaseCredential: releaseCredential,
            releaseName: releaseName,
            releaseBuffer: releaseBuffer,
            deleteContext: deleteContext,
            handle: UInt(bitPattern: handle)
        )
    }

    /// A function of this library, or of those that it stands on.
    func function<Function>(_ name: String) -> Function? {
        UnsafeMutableRawPointer(bitPattern: self.handle).flatMap { Self.function(name, $0) }
    }

    private static func function<Function>(_ name: String, _ library: UnsafeMutableRawPointer) -> Function? {
        dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
    }
}
