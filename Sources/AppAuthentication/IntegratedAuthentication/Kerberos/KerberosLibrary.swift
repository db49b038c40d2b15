import CGSSAPI

/// The functions of libkrb5, on which the GSSAPI library stands, that say where tickets and keys are kept.
struct KerberosLibrary: Sendable {
    let initContext: krb5_init_context_function
    let freeContext: krb5_free_context_function
    let errorMessage: krb5_get_error_message_function
    let freeErrorMessage: krb5_free_error_message_function
    let defaultCacheName: krb5_cc_default_name_function
    let defaultCache: krb5_cc_default_function
    let closeCache: krb5_cc_close_function
    let cacheName: krb5_cc_get_full_name_function
    let cachePrincipal: krb5_cc_get_principal_function
    let beginCollection: krb5_cccol_cursor_new_function
    let nextOfCollection: krb5_cccol_cursor_next_function
    let endCollection: krb5_cccol_cursor_free_function
    let unparseName: krb5_unparse_name_function
    let freeName: krb5_free_unparsed_name_function
    let freePrincipal: krb5_free_principal_function
    let freeString: krb5_free_string_function
    let clientKeytab: krb5_kt_client_default_function
    let keytabName: krb5_kt_get_name_function
    let keytabHasContent: krb5_kt_have_content_function
    let closeKeytab: krb5_kt_close_function
}

extension KerberosLibrary {
    /// Finds the functions; nil when the library is another one than MIT's, or older than ten years.
    init?(_ library: GSSAPILibrary) {
        guard let initContext: krb5_init_context_function = library.function("krb5_init_context"),
            let freeContext: krb5_free_context_function = library.function("krb5_free_context"),
            let errorMessage: krb5_get_error_message_function = library.function("krb5_get_error_message"),
            let freeErrorMessage: krb5_free_error_message_function = library.function("krb5_free_error_message"),
            let defaultCacheName: krb5_cc_default_name_function = library.function("krb5_cc_default_name"),
            let defaultCache: krb5_cc_default_function = library.function("krb5_cc_default"),
            let closeCache: krb5_cc_close_function = library.function("krb5_cc_close"),
            let cacheName: krb5_cc_get_full_name_function = library.function("krb5_cc_get_full_name"),
            let cachePrincipal: krb5_cc_get_principal_function = library.function("krb5_cc_get_principal"),
            let beginCollection: krb5_cccol_cursor_new_function = library.function("krb5_cccol_cursor_new"),
            let nextOfCollection: krb5_cccol_cursor_next_function = library.function("krb5_cccol_cursor_next"),
            let endCollection: krb5_cccol_cursor_free_function = library.function("krb5_cccol_cursor_free"),
            let unparseName: krb5_unparse_name_function = library.function("krb5_unparse_name"),
            let freeName: krb5_free_unparsed_name_function = library.function("krb5_free_unparsed_name"),
            let freePrincipal: krb5_free_principal_function = library.function("krb5_free_principal"),
            let freeString: krb5_free_string_function = library.function("krb5_free_string"),
            let clientKeytab: krb5_kt_client_default_function = library.function("krb5_kt_client_default"),
            let keytabName: krb5_kt_get_name_function = library.function("krb5_kt_get_name"),
            let keytabHasContent: krb5_kt_have_content_function = library.function("krb5_kt_have_content"),
            let closeKeytab: krb5_kt_close_function = library.function("krb5_kt_close")
        else { return nil }
        self.init(
            initContext: initContext,
            freeContext: freeContext,
            errorMessage: errorMessage,
            freeErrorMessage: freeErrorMessage,
            defaultCacheName: defaultCacheName,
            defaultCache: defaultCache,
            closeCache: closeCache,
            cacheName: cacheName,
            cachePrincipal: cachePrincipal,
            beginCollection: beginCollection,
            nextOfCollection: nextOfCollection,
            endCollection: endCollection,
            unparseName: unparseName,
            freeName: freeName,
            freePrincipal: freePrincipal,
            freeString: freeString,
            clientKeytab: clientKeytab,
            keytabName: keytabName,
            keytabHasContent: keytabHasContent,
            closeKeytab: closeKeytab
        )
    }
}
