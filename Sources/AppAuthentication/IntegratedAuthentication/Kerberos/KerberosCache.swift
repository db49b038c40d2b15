import CGSSAPI

/// The place where the tickets of the current user are kept.
enum KerberosCache {
    /// Whose tickets they are, whether they have expired or not; nil when the library does not say.
    static func principal(_ library: GSSAPILibrary) -> String? {
        guard
            let initContext: krb5_init_context_function = library.function("krb5_init_context"),
            let freeContext: krb5_free_context_function = library.function("krb5_free_context"),
            let openDefault: krb5_cc_default_function = library.function("krb5_cc_default"),
            let close: krb5_cc_close_function = library.function("krb5_cc_close"),
            let getPrincipal: krb5_cc_get_principal_function = library.function("krb5_cc_get_principal"),
            let freePrincipal: krb5_free_principal_function = library.function("krb5_free_principal"),
            let unparse: krb5_unparse_name_function = library.function("krb5_unparse_name"),
            let freeName: krb5_free_unparsed_name_function = library.function("krb5_free_unparsed_name")
        else { return nil }
        var context: krb5_context?
        guard initContext(&context) == 0 else { return nil }
        defer { freeContext(context) }
        var cache: krb5_cache?
        guard openDefault(context, &cache) == 0 else { return nil }
        defer { _ = close(context, cache) }
        var principal: krb5_principal?
        guard getPrincipal(context, cache, &principal) == 0 else { return nil }
        defer { freePrincipal(context, principal) }
        var name: UnsafeMutablePointer<CChar>?
        guard unparse(context, principal, &name) == 0, let name else { return nil }
        defer { freeName(context, name) }
        return String(cString: name)
    }
}
