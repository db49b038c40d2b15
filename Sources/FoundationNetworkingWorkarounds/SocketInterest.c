// Foundation makes a source for a socket that libcurl wants to write to, and keeps it when libcurl then wants to read alone.
// A connected socket can nearly always be written to, so the source fires for as long as the answer takes: a wait uses a
// processor up. Foundation drops the sources of a socket that libcurl is done with, so it is told that first.
#include "Curl.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>

typedef struct {
    int socket, what;
} Interest;

/// What is known of one multi handle. Its calls never overlap, as libcurl demands.
typedef struct Multi {
    struct Multi *next;
    CURLM *handle;
    SocketCallback callback;
    void *user;
    Interest *interests;
    size_t count, capacity;
} Multi;

static Multi *all;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static Multi *multi_of(CURLM *handle) {
    pthread_mutex_lock(&lock);
    Multi *multi = all;
    while (multi && multi->handle != handle) multi = multi->next;
    if (!multi && (multi = calloc(1, sizeof *multi))) {
        multi->handle = handle;
        multi->next = all;
        all = multi;
    }
    pthread_mutex_unlock(&lock);
    return multi;
}

static Multi *detach(CURLM *handle) {
    pthread_mutex_lock(&lock);
    Multi **link = &all;
    while (*link && (*link)->handle != handle) link = &(*link)->next;
    Multi *multi = *link;
    if (multi) *link = multi->next;
    pthread_mutex_unlock(&lock);
    return multi;
}

/// Remembers what libcurl wants of a socket, and returns what it wanted before.
static int exchange(Multi *multi, int socket, int what) {
    size_t i = 0;
    while (i < multi->count && multi->interests[i].socket != socket) i++;
    if (i < multi->count) {
        int before = multi->interests[i].what;
        if (what == CURL_POLL_REMOVE) {
            multi->interests[i] = multi->interests[--multi->count];
        } else {
            multi->interests[i].what = what;
        }
        return before;
    }
    if (what == CURL_POLL_REMOVE) return 0;
    if (multi->count == multi->capacity) {
        size_t capacity = multi->capacity ? 2 * multi->capacity : 8;
        Interest *grown = realloc(multi->interests, capacity * sizeof *grown);
        if (!grown) return 0;
        multi->interests = grown;
        multi->capacity = capacity;
    }
    multi->interests[multi->count++] = (Interest){socket, what};
    return 0;
}

static int socket_changed(CURL *easy, int socket, int what, void *user, void *socket_user) {
    Multi *multi = user;
    int before = exchange(multi, socket, what);
    int dropped = before & ~what & (CURL_POLL_IN | CURL_POLL_OUT);
    if (dropped && what != CURL_POLL_REMOVE) {
        multi->callback(easy, socket, CURL_POLL_REMOVE, multi->user, socket_user);
        socket_user = NULL;
    }
    return multi->callback(easy, socket, what, multi->user, socket_user);
}

__attribute__((weak)) int curl_multi_setopt(CURLM *handle, int option, ...) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.multi_setopt) return CURLM_INTERNAL_ERROR;
    va_list arguments;
    va_start(arguments, option);
    if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
        long long value = va_arg(arguments, long long);
        va_end(arguments);
        return curl.multi_setopt(handle, option, value);
    }
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    bool is_ours = is_foundation && (option == CURLMOPT_SOCKETFUNCTION || option == CURLMOPT_SOCKETDATA);
    Multi *multi = is_ours ? multi_of(handle) : NULL;
    if (!multi) return curl.multi_setopt(handle, option, value);

    if (option == CURLMOPT_SOCKETDATA) {
        multi->user = value;
    } else {
        multi->callback = (SocketCallback)value;
    }
    int code = curl.multi_setopt(handle, CURLMOPT_SOCKETDATA, multi);
    return code ? code : curl.multi_setopt(handle, CURLMOPT_SOCKETFUNCTION, multi->callback ? socket_changed : NULL);
}

__attribute__((weak)) int curl_multi_cleanup(CURLM *handle) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.multi_cleanup) return CURLM_INTERNAL_ERROR;
    // As soon as it is cleaned up, another thread may get a new handle with the same address.
    Multi *multi = is_foundation ? detach(handle) : NULL;
    // It closes connections, and says so.
    int code = curl.multi_cleanup(handle);
    if (multi) free(multi->interests);
    free(multi);
    return code;
}
