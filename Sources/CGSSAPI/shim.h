#pragma once

// The part of the GSSAPI that integrated authentication calls, as RFC 2744 sets it down, and RFC 4178 for SPNEGO.
//
// It stands here, and not in a header of the system, because the library is looked for when a ticket is wanted and not when
// the program is built or started: most machines have no use for Kerberos.

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t length;
    void *value;
} gss_buffer;

typedef struct {
    uint32_t length;
    void *elements;
} gss_oid;

typedef struct {
    size_t count;
    gss_oid *elements;
} gss_oid_set;

typedef struct gss_name_struct *gss_name;
typedef struct gss_cred_id_struct *gss_credential;
typedef struct gss_ctx_id_struct *gss_context;

// gssapi_ext.h: what a credential is to be made of.
typedef struct {
    const char *key;
    const char *value;
} gss_key_value;

typedef struct {
    uint32_t count;
    gss_key_value *elements;
} gss_key_value_set;

typedef uint32_t (*gss_acquire_cred_from_function)(
    uint32_t *minor, gss_name desired_name, uint32_t lifetime, const gss_oid_set *mechanisms, int usage,
    const gss_key_value_set *store, gss_credential *credential, gss_oid_set **actual_mechanisms, uint32_t *actual_lifetime);

typedef uint32_t (*gss_inquire_cred_function)(
    uint32_t *minor, gss_credential credential, gss_name *name, uint32_t *lifetime, int *usage, gss_oid_set **mechanisms);

typedef uint32_t (*gss_display_name_function)(uint32_t *minor, gss_name name, gss_buffer *text, const gss_oid **type);

typedef uint32_t (*gss_import_name_function)(
    uint32_t *minor, const gss_buffer *text, const gss_oid *type, gss_name *name);

typedef uint32_t (*gss_init_sec_context_function)(
    uint32_t *minor, gss_credential credential, gss_context *context, gss_name target, const gss_oid *mechanism,
    uint32_t flags, uint32_t lifetime, const void *channel_bindings, const gss_buffer *input, const gss_oid **actual_mechanism,
    gss_buffer *output, uint32_t *actual_flags, uint32_t *actual_lifetime);

typedef uint32_t (*gss_display_status_function)(
    uint32_t *minor, uint32_t status, int kind, const gss_oid *mechanism, uint32_t *position, gss_buffer *text);

typedef uint32_t (*gss_set_neg_mechs_function)(uint32_t *minor, gss_credential credential, const gss_oid_set *mechanisms);

typedef uint32_t (*gss_release_cred_function)(uint32_t *minor, gss_credential *credential);
typedef uint32_t (*gss_release_name_function)(uint32_t *minor, gss_name *name);
typedef uint32_t (*gss_release_buffer_function)(uint32_t *minor, gss_buffer *buffer);
typedef uint32_t (*gss_delete_sec_context_function)(uint32_t *minor, gss_context *context, gss_buffer *output);

// The part of libkrb5, on which that library stands, that says where tickets and keys are kept, and whose they are.

typedef struct krb5_context_struct *krb5_context;
typedef struct krb5_ccache_struct *krb5_cache;
typedef struct krb5_principal_struct *krb5_principal;
typedef struct krb5_cccol_cursor_struct *krb5_cccol_cursor;
typedef struct krb5_keytab_struct *krb5_keytab;

typedef int32_t (*krb5_init_context_function)(krb5_context *context);
typedef void (*krb5_free_context_function)(krb5_context context);
typedef const char *(*krb5_get_error_message_function)(krb5_context context, int32_t code);
typedef void (*krb5_free_error_message_function)(krb5_context context, const char *message);
typedef void (*krb5_free_string_function)(krb5_context context, char *text);

typedef const char *(*krb5_cc_default_name_function)(krb5_context context);
typedef int32_t (*krb5_cc_default_function)(krb5_context context, krb5_cache *cache);
typedef int32_t (*krb5_cc_close_function)(krb5_context context, krb5_cache cache);
typedef int32_t (*krb5_cc_get_full_name_function)(krb5_context context, krb5_cache cache, char **name);
typedef int32_t (*krb5_cc_get_principal_function)(krb5_context context, krb5_cache cache, krb5_principal *principal);
typedef int32_t (*krb5_cccol_cursor_new_function)(krb5_context context, krb5_cccol_cursor *cursor);
typedef int32_t (*krb5_cccol_cursor_next_function)(krb5_context context, krb5_cccol_cursor cursor, krb5_cache *cache);
typedef int32_t (*krb5_cccol_cursor_free_function)(krb5_context context, krb5_cccol_cursor *cursor);

typedef int32_t (*krb5_unparse_name_function)(krb5_context context, krb5_principal principal, char **name);
typedef void (*krb5_free_unparsed_name_function)(krb5_context context, char *name);
typedef void (*krb5_free_principal_function)(krb5_context context, krb5_principal principal);

typedef int32_t (*krb5_kt_client_default_function)(krb5_context context, krb5_keytab *keytab);
typedef int32_t (*krb5_kt_get_name_function)(krb5_context context, krb5_keytab keytab, char *name, unsigned int length);
typedef int32_t (*krb5_kt_have_content_function)(krb5_context context, krb5_keytab keytab);
typedef int32_t (*krb5_kt_close_function)(krb5_context context, krb5_keytab keytab);
