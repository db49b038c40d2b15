/* N threads that each take requests off one socket, one at a time, as libfcgi's own example does it. */
#ifndef THREADS_H
#define THREADS_H

#include <fcgiapp.h>

/* Answers one request; the state belongs to the thread. */
typedef void (*answer_function)(FCGX_Request *request, void *state);

/* Serves until the process is ended. make_state is called once on every thread, and may be NULL. */
void serve(const char *socket_path, int thread_count, void *(*make_state)(void), answer_function answer);

#endif
