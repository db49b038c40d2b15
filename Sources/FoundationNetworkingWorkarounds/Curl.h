// What is called of libcurl. It is there wherever Foundation's networking is, but its headers need not be.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef void CURL;
typedef void CURLM;
typedef struct Curl_URL CURLU;

enum {
    CURLE_FAILED_INIT = 2,
    CURLE_WEIRD_SERVER_REPLY = 8,
    CURLE_RECV_ERROR = 56,
    CURLM_INTERNAL_ERROR = 4,
    CURLMSG_DONE = 1,

    CURLOPT_SUPPRESS_CONNECT_HEADERS = 265,
    CURLOPT_URL = 10002,
    CURLOPT_ERRORBUFFER = 10010,
    CURLOPT_HEADERDATA = 10029,
    CURLOPT_HEADERFUNCTION = 20079,
    // From here on the value of an option is a curl_off_t and not as wide as a pointer.
    CURLOPTTYPE_OFF_T = 30000,
    CURLOPTTYPE_BLOB = 40000,
    CURL_ERROR_SIZE = 256,
    CURLUPART_HOST = 5,

    CURLMOPT_SOCKETDATA = 10002,
    CURLMOPT_SOCKETFUNCTION = 20001,
    CURL_POLL_IN = 1,
    CURL_POLL_OUT = 2,
    CURL_POLL_REMOVE = 4,
};

typedef struct {
    int msg;
    CURL *easy_handle;
    union {
        void *whatever;
        int result;
    } data;
} CURLMsg;

typedef size_t (*HeaderCallback)(char *data, size_t size, size_t count, void *user);
typedef int (*SocketCallback)(CURL *easy, int socket, int what, void *user, void *socket_user);

/// The functions of the libcurl that a caller means.
typedef struct {
    int (*easy_setopt)(CURL *, int, ...);
    void (*easy_cleanup)(CURL *);
    int (*multi_setopt)(CURLM *, int, ...);
    int (*multi_add_handle)(CURLM *, CURL *);
    CURLMsg *(*multi_info_read)(CURLM *, int *);
    int (*multi_cleanup)(CURLM *);
    CURLU *(*url)(void);
    int (*url_get)(const CURLU *, int, char **, unsigned);
    void (*url_cleanup)(CURLU *);
    void (*free)(void *);
} Curl;

/// The functions that would have been called without this target.
///
/// - Parameters:
///   - caller: The return address of the call.
///   - is_foundation: Set when the caller is Foundation, or linked into the same file as this target.
Curl curl_of(const void *caller, bool *is_foundation);
