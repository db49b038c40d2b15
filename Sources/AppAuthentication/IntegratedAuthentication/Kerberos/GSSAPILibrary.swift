import CGSSAPI
import Glibc

/// The GSSAPI library of MIT Kerberos, looked for when it is wanted.
///
/// Its functions block: on the file or the service that keeps the tickets, on name look-ups, on domain controllers.
struct GSSAPILibrary {
    /// The name of the library wherever MIT Kerberos is installed.
    static let name = "libgssapi_krb5.so.2"

    let acquireCredential: gss_acquire_cred_function
    let inquireCredential: gss_inquire_cred_function
    let displayName: gss_display_name_function
    let importName: gss_import_name_function
    let initializeContext: gss_init_sec_context_function
    let displayStatus: gss_display_status_function
    let releaseCredential: gss_release_cred_function
    let releaseName: gss_release_name_function
    let releaseBuffer: gss_release_buffer_function
    let deleteContext: gss_delete_sec_context_function

    /// Loads the library, which stays loaded.
    ///
    /// - Throws: ``KerberosError/noLibrary``.
    init(named name: String = Self.name) throws(KerberosError) {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { throw .noLibrary }
        self.acquireCredential = try Self.function("gss_acquire_cred", handle)
        self.inquireCredential = try Self.function("gss_inquire_cred", handle)
        self.displayName = try Self.function("gss_display_name", handle)
        self.importName = try Self.function("gss_import_name", handle)
        self.initializeContext = try Self.function("gss_init_sec_context", handle)
        self.displayStatus = try Self.function("gss_display_status", handle)
        self.releaseCredential = try Self.function("gss_release_cred", handle)
        self.releaseName = try Self.function("gss_release_name", handle)
        self.releaseBuffer = try Self.function("gss_release_buffer", handle)
        self.deleteContext = try Self.function("gss_delete_sec_context", handle)
    }

    private static func function<Function>(
        _ name: String,
        _ library: UnsafeMutableRawPointer
    ) throws(KerberosError) -> Function {
        guard let address = dlsym(library, name) else { throw .noLibrary }
        return unsafeBitCast(address, to: Function.self)
    }
}
