// Foundation calls CFURLSessionCurlHostIsEqual at each request, to see whether libcurl reads the same host from a URL as it
// does itself. That function gives the handle of the parsed URL to curl_free, which frees the outermost part of it alone,
// and so some 200 bytes a request stay behind, in Swift 6.3 and 6.4. This one does the same and gives all of it back.
//
// It takes the place of the other in both ways of linking, without a change to Foundation:
// - a static Foundation by the linker's option --wrap, which Package.swift gives: calls of NAME become calls of __wrap_NAME;
// - a dynamic one because the dynamic linker prefers what the program itself defines. The definition is weak, since a
//   static Foundation brings its own.
// A Foundation that has no such function any more is left as it is.
#include "FoundationNetworkingWorkarounds.h"

#include <stddef.h>
#include <string.h>

// libcurl is there wherever Foundation's networking is, but its headers and the file that -lcurl wants need not be.
typedef struct Curl_URL CURLU;
enum { CURLUPART_URL = 0, CURLUPART_HOST = 5 };

#define weak __attribute__((weak))
CURLU *curl_url(void) weak;
void curl_url_cleanup(CURLU *handle) weak;
int curl_url_set(CURLU *handle, int part, const char *content, unsigned flags) weak;
int curl_url_get(const CURLU *handle, int part, char **content, unsigned flags) weak;
void curl_free(void *memory) weak;

static bool is_equal(const char *host, const char *expected) {
    size_t length = strlen(host);
    // libcurl keeps the brackets of an IPv6 address, Foundation does not.
    if (length >= 2 && host[0] == '[' && host[length - 1] == ']') {
        host += 1;
        length -= 2;
    }
    return length == strlen(expected) && memcmp(host, expected, length) == 0;
}

bool __wrap_CFURLSessionCurlHostIsEqual(const char *url, const char *expected) {
    // Before 7.62 libcurl parsed no URLs for others, and Foundation compared nothing.
    if (!curl_url) return true;
    CURLU *handle = curl_url();
    if (!handle) return false;
    char *host = NULL;
    bool equal = curl_url_set(handle, CURLUPART_URL, url, 0) == 0 &&
                 curl_url_get(handle, CURLUPART_HOST, &host, 0) == 0 && is_equal(host, expected);
    curl_free(host);
    curl_url_cleanup(handle);
    return equal;
}

weak bool CFURLSessionCurlHostIsEqual(const char *url, const char *expected) {
    return __wrap_CFURLSessionCurlHostIsEqual(url, expected);
}
