// Foundation of Swift 6.3 and 6.4 parses the URL of each request with libcurl, to compare the hosts, and gives the handle of
// the parsed URL to curl_free. That frees the outermost part alone: some 200 bytes a request stay behind. That of 6.3 also
// takes no IPv6 address, since libcurl's form of one has brackets and its own has none.
#include "Curl.h"

#include <string.h>

/// The handle that this thread made last and has not given back.
static _Thread_local CURLU *parsed;

__attribute__((weak)) CURLU *curl_url(void) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.url) return NULL;
    CURLU *handle = curl.url();
    if (is_foundation) parsed = handle;
    return handle;
}

__attribute__((weak)) int curl_url_get(const CURLU *handle, int part, char **content, unsigned flags) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.url_get) return CURLE_FAILED_INIT;
    int code = curl.url_get(handle, part, content, flags);
    if (code == 0 && is_foundation && part == CURLUPART_HOST && *content) {
        size_t length = strlen(*content);
        if (length >= 2 && (*content)[0] == '[' && (*content)[length - 1] == ']') {
            memmove(*content, *content + 1, length - 2);
            (*content)[length - 2] = 0;
        }
    }
    return code;
}

__attribute__((weak)) void curl_url_cleanup(CURLU *handle) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (handle == parsed) parsed = NULL;
    if (curl.url_cleanup) curl.url_cleanup(handle);
}

__attribute__((weak)) void curl_free(void *memory) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (memory && memory == (void *)parsed) {
        parsed = NULL;
        curl.url_cleanup(memory);
    } else if (curl.free) {
        curl.free(memory);
    }
}
