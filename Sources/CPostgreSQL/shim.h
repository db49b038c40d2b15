#pragma once

// The part of libpq that the vault's store calls, as the documentation of PostgreSQL sets it down.
//
// It stands here, and not in a header of the system, because the library is looked for when a store is in PostgreSQL and not
// when the program is built or started: most vaults keep theirs in SQLite.

#include <stddef.h>

typedef struct pg_conn *pq_connection;
typedef struct pg_result *pq_result;

typedef struct {
    char *keyword;
    char *envvar;
    char *compiled;
    char *val;
    char *label;
    char *dispchar;
    int dispsize;
} pq_option;

typedef void (*pq_notice_processor)(void *argument, const char *message);

typedef pq_option *(*pq_conninfo_parse_function)(const char *text, char **message);
typedef void (*pq_conninfo_free_function)(pq_option *options);
typedef void (*pq_freemem_function)(void *pointer);

typedef pq_connection (*pq_connect_start_function)(const char *const *keywords, const char *const *values, int expands);
typedef int (*pq_connect_poll_function)(pq_connection connection);
typedef int (*pq_status_function)(pq_connection connection);
typedef void (*pq_finish_function)(pq_connection connection);
typedef const char *(*pq_error_message_function)(pq_connection connection);
typedef int (*pq_socket_function)(pq_connection connection);
typedef int (*pq_set_nonblocking_function)(pq_connection connection, int value);
typedef int (*pq_set_error_verbosity_function)(pq_connection connection, int verbosity);
typedef pq_notice_processor (*pq_set_notice_processor_function)(
    pq_connection connection, pq_notice_processor processor, void *argument);
typedef int (*pq_server_version_function)(pq_connection connection);

typedef int (*pq_send_query_function)(pq_connection connection, const char *statement);
typedef int (*pq_send_query_params_function)(
    pq_connection connection, const char *statement, int count, const unsigned *types, const char *const *values,
    const int *lengths, const int *formats, int result_format);
typedef int (*pq_send_prepare_function)(
    pq_connection connection, const char *name, const char *statement, int count, const unsigned *types);
typedef int (*pq_send_query_prepared_function)(
    pq_connection connection, const char *name, int count, const char *const *values, const int *lengths,
    const int *formats, int result_format);
typedef int (*pq_flush_function)(pq_connection connection);
typedef int (*pq_consume_input_function)(pq_connection connection);
typedef int (*pq_is_busy_function)(pq_connection connection);
typedef pq_result (*pq_get_result_function)(pq_connection connection);

typedef int (*pq_result_status_function)(pq_result result);
typedef const char *(*pq_result_error_field_function)(pq_result result, int code);
typedef void (*pq_clear_function)(pq_result result);
typedef int (*pq_count_function)(pq_result result);
typedef const char *(*pq_column_name_function)(pq_result result, int column);
typedef int (*pq_cell_function)(pq_result result, int row, int column);
typedef const char *(*pq_value_function)(pq_result result, int row, int column);
typedef const char *(*pq_result_text_function)(pq_result result);
