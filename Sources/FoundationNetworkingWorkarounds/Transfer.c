// Foundation of Swift 6.3 ends the process when an answer ends within its head, has a trailer behind its body, a length that
// its numbers cannot hold, or a Location that it cannot make a URL of; and it takes no head that is not written as it would
// write one itself. So it is given whole heads alone, in a form that it reads; and where there is none, an error.
#include "Curl.h"
#include "ResponseHead.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/// What is known of one easy handle, for as long as that lives. Its calls never overlap, as libcurl demands.
typedef struct Transfer {
    struct Transfer *next;
    CURL *handle;
    HeaderCallback callback;
    void *user;
    /// Where Foundation reads what went wrong.
    char *error;
    bool is_http;
    ResponseHead head;
} Transfer;

enum { BUCKETS = 64 };
static Transfer *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/// The link that points to the transfer, or to nothing. The lock is held.
static Transfer **link_of(CURL *handle) {
    Transfer **link = &buckets[((uintptr_t)handle >> 6) % BUCKETS];
    while (*link && (*link)->handle != handle) link = &(*link)->next;
    return link;
}

static Transfer *existing_transfer(CURL *handle) {
    pthread_mutex_lock(&lock);
    Transfer *transfer = *link_of(handle);
    pthread_mutex_unlock(&lock);
    return transfer;
}

static Transfer *transfer_of(CURL *handle) {
    pthread_mutex_lock(&lock);
    Transfer **link = link_of(handle);
    if (!*link && (*link = calloc(1, sizeof **link))) (*link)->handle = handle;
    Transfer *transfer = *link;
    pthread_mutex_unlock(&lock);
    return transfer;
}

static Transfer *detach(CURL *handle) {
    pthread_mutex_lock(&lock);
    Transfer **link = link_of(handle);
    Transfer *transfer = *link;
    if (transfer) *link = transfer->next;
    pthread_mutex_unlock(&lock);
    return transfer;
}

static size_t header_received(char *data, size_t size, size_t count, void *user) {
    Transfer *transfer = user;
    if (!transfer->is_http) return transfer->callback(data, size, count, transfer->user);
    ResponseHead *head = &transfer->head;
    switch (response_head_append(head, data, size * count)) {
    case HEAD_PARTIAL: return size * count;
    case HEAD_REFUSED: return 0;
    case HEAD_COMPLETE: break;
    }
    for (size_t start = 0; start < head->length;) {
        size_t end = start;
        while (head->bytes[end] != '\n') end++;
        size_t length = end + 1 - start;
        if (transfer->callback(head->bytes + start, 1, length, transfer->user) != length) {
            head->progress = HEAD_REFUSED;
            head->refusal = "its head is not understood";
            return 0;
        }
        start += length;
    }
    return size * count;
}

__attribute__((weak)) int curl_easy_setopt(CURL *handle, int option, ...) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.easy_setopt) return CURLE_FAILED_INIT;
    va_list arguments;
    va_start(arguments, option);
    if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
        long long value = va_arg(arguments, long long);
        va_end(arguments);
        return curl.easy_setopt(handle, option, value);
    }
    void *value = va_arg(arguments, void *);
    va_end(arguments);
    bool is_ours = is_foundation && (option == CURLOPT_HEADERFUNCTION || option == CURLOPT_HEADERDATA ||
                                     option == CURLOPT_URL || option == CURLOPT_ERRORBUFFER);
    Transfer *transfer = is_ours ? transfer_of(handle) : NULL;
    if (!transfer) return curl.easy_setopt(handle, option, value);

    switch (option) {
    case CURLOPT_URL: transfer->is_http = value && strncasecmp(value, "http", 4) == 0; break;
    case CURLOPT_ERRORBUFFER: transfer->error = value; break;
    case CURLOPT_HEADERDATA: transfer->user = value; break;
    case CURLOPT_HEADERFUNCTION: transfer->callback = (HeaderCallback)value; break;
    }
    if (option == CURLOPT_URL || option == CURLOPT_ERRORBUFFER) return curl.easy_setopt(handle, option, value);
    if (!transfer->callback) {
        int code = curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, NULL);
        return code ? code : curl.easy_setopt(handle, CURLOPT_HEADERDATA, transfer->user);
    }
    // What a proxy says when it opens a tunnel is not the answer. libcurl before 7.54 does not know the option.
    curl.easy_setopt(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    int code = curl.easy_setopt(handle, CURLOPT_HEADERDATA, transfer);
    return code ? code : curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, header_received);
}

__attribute__((weak)) int curl_multi_add_handle(CURLM *multi, CURL *handle) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.multi_add_handle) return CURLM_INTERNAL_ERROR;
    // A handle is used again for a redirect.
    Transfer *transfer = is_foundation ? existing_transfer(handle) : NULL;
    if (transfer) response_head_reset(&transfer->head);
    return curl.multi_add_handle(multi, handle);
}

__attribute__((weak)) CURLMsg *curl_multi_info_read(CURLM *multi, int *left) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    if (!curl.multi_info_read) return NULL;
    CURLMsg *message = curl.multi_info_read(multi, left);
    if (!is_foundation || !message || message->msg != CURLMSG_DONE) return message;
    Transfer *transfer = existing_transfer(message->easy_handle);
    if (!transfer || !transfer->is_http || !transfer->callback) return message;
    if (transfer->head.refusal) {
        message->data.result = CURLE_WEIRD_SERVER_REPLY;
        if (transfer->error) {
            snprintf(transfer->error, CURL_ERROR_SIZE, "Malformed answer: %s", transfer->head.refusal);
        }
    } else if (message->data.result == 0 && transfer->head.progress != HEAD_COMPLETE) {
        message->data.result = CURLE_RECV_ERROR;
        if (transfer->error) {
            snprintf(transfer->error, CURL_ERROR_SIZE, "Recv failure: the connection was closed within the head of the answer");
        }
    }
    return message;
}

__attribute__((weak)) void curl_easy_cleanup(CURL *handle) {
    bool is_foundation;
    Curl curl = curl_of(__builtin_return_address(0), &is_foundation);
    // As soon as it is cleaned up, another thread may get a new handle with the same address.
    Transfer *transfer = is_foundation ? detach(handle) : NULL;
    if (curl.easy_cleanup) curl.easy_cleanup(handle);
    if (!transfer) return;
    response_head_reset(&transfer->head);
    free(transfer);
}
