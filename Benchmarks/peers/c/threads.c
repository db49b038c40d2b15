#define _GNU_SOURCE
#include "threads.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static int listener;
static void *(*make_state)(void);
static answer_function answer;

static void *take_requests(void *unused) {
    (void)unused;
    FCGX_Request request;
    FCGX_InitRequest(&request, listener, 0);
    void *state = make_state ? make_state() : NULL;
    while (FCGX_Accept_r(&request) == 0) {
        char rest[512];
        while (FCGX_GetStr(rest, sizeof rest, request.in) > 0) continue;
        answer(&request, state);
        /* The input is read to its end, so there is nothing to wait for once the answer is written. */
        FCGX_Detach(&request);
        FCGX_Finish_r(&request);
    }
    return NULL;
}

void serve(const char *socket_path, int thread_count, void *(*state)(void), answer_function function) {
    make_state = state;
    answer = function;
    if (FCGX_Init() || (listener = FCGX_OpenSocket(socket_path, 4096)) < 0) {
        fprintf(stderr, "libfcgi cannot listen on %s.\n", socket_path);
        exit(71);
    }
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_IGN);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    /* A thread needs the page, libcurl's buffers and little else: thousands of them have to fit. */
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    for (int i = 1; i < thread_count; i++) {
        pthread_t thread;
        if (pthread_create(&thread, &attributes, take_requests, NULL)) {
            fprintf(stderr, "Thread %d of %d cannot be started.\n", i + 1, thread_count);
            exit(71);
        }
    }
    take_requests(NULL);
}
