/* The page in C: libfcgi, a thread a request, and a libcurl handle a thread, kept so that its connection is kept.
 *
 * usage: responder SOCKET THREADS TEMPLATE; TOKEN_VAULT_URL, TOKEN_VAULT_RESOURCE, IDENTITY_ENDPOINT and IDENTITY_HEADER
 * are in the environment, as for token-page. The access token is fetched once, at the start, and outlives the benchmark.
 */
#define _GNU_SOURCE
#include "page.h"
#include "threads.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct reply {
    char text[8192];
    size_t length;
};

struct caller {
    CURL *curl;
    struct reply reply;
    char token[4096];
    char answer[MAX_PAGE];
};

static struct page page;
static const char *vault_url;
static char principal[256], expiry[64], identity_time[32];
static struct curl_slist *vault_headers;

static void stop(const char *problem) {
    fprintf(stderr, "%s\n", problem);
    exit(78);
}

static const char *setting(const char *name) {
    const char *value = getenv(name);
    if (!value) stop(name);
    return value;
}

static size_t keep(char *bytes, size_t size, size_t count, void *context) {
    struct reply *reply = context;
    size_t length = size * count;
    if (length >= sizeof reply->text - reply->length) return 0;
    memcpy(reply->text + reply->length, bytes, length);
    reply->length += length;
    reply->text[reply->length] = 0;
    return length;
}

/* The text of a JSON string; a token has no escapes but these, and an answer with others is not taken. */
static int json_string(const char *json, const char *name, char *value, size_t size) {
    const char *from = strstr(json, name);
    if (!from || !(from = strchr(from + strlen(name), ':')) || !(from = strchr(from, '"'))) return 0;
    size_t length = 0;
    for (from++; *from && *from != '"'; from++) {
        if (*from == '\\' && !strchr("\"\\/", *++from)) return 0;
        if (length + 1 == size) return 0;
        value[length++] = *from;
    }
    value[length] = 0;
    return *from == '"' && length > 0;
}

static CURL *new_handle(struct reply *reply) {
    CURL *curl = curl_easy_init();
    if (!curl) stop("libcurl cannot be used.");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 8192L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    return curl;
}

static void *new_caller(void) {
    struct caller *caller = calloc(1, sizeof *caller);
    if (!caller) stop("There is no memory.");
    caller->curl = new_handle(&caller->reply);
    curl_easy_setopt(caller->curl, CURLOPT_URL, vault_url);
    curl_easy_setopt(caller->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(caller->curl, CURLOPT_POSTFIELDS, "");
    curl_easy_setopt(caller->curl, CURLOPT_POSTFIELDSIZE, 0L);
    curl_easy_setopt(caller->curl, CURLOPT_HTTPHEADER, vault_headers);
    return caller;
}

static int call_vault(struct caller *caller) {
    long status = 0;
    caller->reply.length = 0;
    return curl_easy_perform(caller->curl) == CURLE_OK &&
           curl_easy_getinfo(caller->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK && status == 200 &&
           json_string(caller->reply.text, "\"AccessToken\"", caller->token, sizeof caller->token);
}

static void answer(FCGX_Request *request, void *state) {
    struct caller *caller = state;
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int worked = call_vault(caller);
    clock_gettime(CLOCK_MONOTONIC, &after);
    char vault_time[32];
    snprintf(vault_time, sizeof vault_time, "%.1f ms",
             (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6);
    const char *const values[VARIABLE_COUNT] = {
        [TOKEN] = caller->token, [PRINCIPAL] = principal, [IDENTITY_TIME] = identity_time,
        [VAULT_TIME] = vault_time, [EXPIRY] = expiry,
    };
    size_t length = worked ? page_write(&page, values, caller->answer) : 0;
    if (length) {
        FCGX_PutStr(caller->answer, (int)length, request->out);
    } else {
        static const char apology[] =
            "Status: 502 Bad Gateway\r\nContent-Type: text/plain\r\nContent-Length: 21\r\n\r\nSomething went wrong.";
        FCGX_PutStr(apology, sizeof apology - 1, request->out);
    }
}

static void fetch_access_token(void) {
    struct reply reply = {.length = 0};
    struct timespec before, after;
    char url[1024], header[1024], token[4096], bearer[4200];
    CURL *curl = new_handle(&reply);
    snprintf(url, sizeof url, "%s?resource=%s&api-version=2019-08-01", setting("IDENTITY_ENDPOINT"),
             setting("TOKEN_VAULT_RESOURCE"));
    snprintf(header, sizeof header, "X-IDENTITY-HEADER: %s", setting("IDENTITY_HEADER"));
    struct curl_slist *headers = curl_slist_append(NULL, header);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    clock_gettime(CLOCK_MONOTONIC, &before);
    if (curl_easy_perform(curl) || !json_string(reply.text, "\"access_token\"", token, sizeof token)) {
        stop("The identity endpoint gave no token.");
    }
    clock_gettime(CLOCK_MONOTONIC, &after);
    snprintf(identity_time, sizeof identity_time, "%.1f ms", (double)(after.tv_nsec - before.tv_nsec) / 1e6);
    char expires[32] = "0", client[64] = "";
    json_string(reply.text, "\"expires_on\"", expires, sizeof expires);
    json_string(reply.text, "\"client_id\"", client, sizeof client);
    time_t seconds = atol(expires);
    struct tm broken;
    strftime(expiry, sizeof expiry, "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&seconds, &broken));
    snprintf(principal, sizeof principal, "IsAuthenticated:True Type:App AppId:%s TenantId:%s", client, client);
    snprintf(bearer, sizeof bearer, "Authorization: Bearer %s", token);
    vault_headers = curl_slist_append(curl_slist_append(NULL, bearer), "Accept: application/json");
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: responder SOCKET THREADS TEMPLATE\n");
        return 64;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    vault_url = setting("TOKEN_VAULT_URL");
    page_load(&page, argv[3]);
    fetch_access_token();
    serve(argv[1], atoi(argv[2]), new_caller, answer);
    return 0;
}
