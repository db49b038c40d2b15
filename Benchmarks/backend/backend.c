/* The vault and the identity endpoint that every peer of the benchmark talks to: HTTP/1.1 with keep-alive on loopback.
 *
 * One thread and epoll, so that it costs next to nothing. A GET is answered at once with the identity document; a POST is
 * answered after the delay that was set, with a token that has a running number in it, so that no two answers are equal.
 * A second port, which no peer knows, sets the delay and the faults, and reads and resets the counters:
 *
 *     GET /delay/20      POSTs take 20 ms from now on
 *     GET /faults/50     every 50th POST goes wrong, each time in another way; 0 is none
 *     GET /away/200      no connection is taken for 200 ms, and the open ones are closed
 *     GET /counters      one line of JSON
 *     GET /reset         sets the counters to zero
 *
 * usage: backend IDENTITY-FILE; prints "VAULT-PORT CONTROL-PORT" and serves until it is ended.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 65536, MAX_REQUEST = 16384, MAX_EVENTS = 512, SLOW_EXTRA_MS = 500 };

enum fault { FAULT_NONE, FAULT_SLOW, FAULT_REFUSED, FAULT_GARBAGE, FAULT_CLOSED, FAULT_CUT, FAULT_KINDS };

struct connection {
    char *input;
    size_t length;
    uint32_t generation;
    bool open, is_control, is_waiting;
};

/* An answer that is not due yet. All answers of a queue wait equally long, so the first in is the first out. */
struct waiting {
    int fd;
    uint32_t generation;
    enum fault fault;
    int64_t due;
};

struct queue {
    struct waiting items[MAX_CONNECTIONS];
    size_t head, count;
};

static struct connection connections[MAX_CONNECTIONS];
static struct queue punctual, late;
static struct {
    uint64_t calls, identities, accepted, in_flight, most_in_flight, open, most_open, faults;
} counters;

static int poller, vault_listener, control_listener;
static struct sockaddr_in vault_address;
static int64_t delay_ns, away_until;
static uint64_t fault_every, serial = 100000000000;
static char *identity;
static size_t identity_length;

/* As long as the tokens of a well-known file service: 144 characters. */
static char vault_body[256];
static size_t vault_body_length;
static char *vault_serial;
static char vault_answer[512];
static size_t vault_answer_length;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int listen_on(struct sockaddr_in *address) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)address, sizeof *address) || listen(fd, 4096)) die("listen");
    socklen_t length = sizeof *address;
    getsockname(fd, (struct sockaddr *)address, &length);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) die("epoll_ctl");
    return fd;
}

static void close_connection(int fd) {
    struct connection *connection = &connections[fd];
    if (!connection->open) return;
    if (connection->is_waiting) counters.in_flight--;
    if (!connection->is_control) counters.open--;
    connection->open = false;
    connection->generation++;
    close(fd);
}

static void send_all(int fd, const char *bytes, size_t length) {
    /* Answers are far smaller than a socket's buffer; whoever leaves more than that unread is cut off. */
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) close_connection(fd);
}

static void send_document(int fd, const char *status, const char *body, size_t length) {
    char answer[8192];
    int head = snprintf(answer, sizeof answer,
                        "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, length);
    if ((size_t)head + length > sizeof answer) return close_connection(fd);
    memcpy(answer + head, body, length);
    send_all(fd, answer, (size_t)head + length);
}

static void prepare_vault_answer(void) {
    char filler[133];
    for (size_t i = 0; i < sizeof filler - 1; i++) filler[i] = "sl.BkW7-_qZ9xTr4"[i % 16];
    filler[sizeof filler - 1] = 0;
    vault_body_length = (size_t)snprintf(
        vault_body, sizeof vault_body,
        "{\"Parameters\":{},\"Value\":{\"AccessToken\":\"%s000000000000\"},\"ExpiresIn\":14400}", filler);
    vault_answer_length = (size_t)snprintf(
        vault_answer, sizeof vault_answer,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: %zu\r\n\r\n%s",
        vault_body_length, vault_body);
    vault_serial = strstr(vault_answer, "000000000000\"}");
}

static void answer_vault(int fd, enum fault fault) {
    switch (fault) {
    case FAULT_REFUSED: {
        static const char body[] = "{\"error\":{\"code\":\"Forbidden\",\"message\":\"No access policy <grants> this.\"}}";
        return send_document(fd, "403 Forbidden", body, sizeof body - 1);
    }
    case FAULT_GARBAGE: {
        static const char body[] = "\xff\xfe{\"Value\": [[[[ not what you think";
        return send_document(fd, "200 OK", body, sizeof body - 1);
    }
    case FAULT_CLOSED:
        return close_connection(fd);
    case FAULT_CUT:
        send_all(fd, vault_answer, vault_answer_length - 40);
        return close_connection(fd);
    default: {
        char *digit = vault_serial + 12;
        for (uint64_t rest = serial++; digit > vault_serial; rest /= 10) *--digit = (char)('0' + rest % 10);
        send_all(fd, vault_answer, vault_answer_length);
    }
    }
}

static void wait_in(struct queue *queue, int fd, enum fault fault, int64_t due) {
    if (queue->count == MAX_CONNECTIONS) return close_connection(fd);
    size_t place = (queue->head + queue->count++) % MAX_CONNECTIONS;
    queue->items[place] = (struct waiting){fd, connections[fd].generation, fault, due};
}

static void begin_call(int fd) {
    counters.calls++;
    counters.in_flight++;
    if (counters.in_flight > counters.most_in_flight) counters.most_in_flight = counters.in_flight;
    enum fault fault = FAULT_NONE;
    if (fault_every && counters.calls % fault_every == 0) {
        fault = FAULT_SLOW + counters.faults++ % (FAULT_KINDS - FAULT_SLOW);
    }
    if (!delay_ns && fault != FAULT_SLOW) {
        counters.in_flight--;
        return answer_vault(fd, fault);
    }
    connections[fd].is_waiting = true;
    if (fault == FAULT_SLOW) {
        wait_in(&late, fd, fault, now() + delay_ns + SLOW_EXTRA_MS * 1000000LL);
    } else {
        wait_in(&punctual, fd, fault, now() + delay_ns);
    }
}

static void go_away(int64_t milliseconds) {
    away_until = now() + milliseconds * 1000000;
    close(vault_listener);
    vault_listener = -1;
    for (int fd = 0; fd < MAX_CONNECTIONS; fd++) {
        if (connections[fd].open && !connections[fd].is_control) close_connection(fd);
    }
}

static void answer_control(int fd, const char *path) {
    char body[512] = "{}";
    long value;
    if (sscanf(path, "/delay/%ld", &value) == 1) {
        delay_ns = value * 1000000;
    } else if (sscanf(path, "/faults/%ld", &value) == 1) {
        fault_every = (uint64_t)value;
    } else if (sscanf(path, "/away/%ld", &value) == 1) {
        go_away(value);
    } else if (!strncmp(path, "/reset", 6)) {
        uint64_t open = counters.open, in_flight = counters.in_flight;
        memset(&counters, 0, sizeof counters);
        counters.open = counters.most_open = open;
        counters.in_flight = counters.most_in_flight = in_flight;
    } else if (!strncmp(path, "/counters", 9)) {
        snprintf(body, sizeof body,
                 "{\"calls\":%lu,\"identities\":%lu,\"accepted\":%lu,\"mostAtOnce\":%lu,\"mostOpen\":%lu,\"faults\":%lu}",
                 counters.calls, counters.identities, counters.accepted, counters.most_in_flight, counters.most_open,
                 counters.faults);
    } else {
        return send_document(fd, "404 Not Found", body, 2);
    }
    send_document(fd, "200 OK", body, strlen(body));
}

static size_t body_length(const char *head, const char *end) {
    static const char name[] = "\ncontent-length:";
    for (const char *line = head; line + sizeof name < end; line++) {
        line = memchr(line, '\n', (size_t)(end - line));
        if (!line) break;
        if (!strncasecmp(line, name, sizeof name - 1)) return strtoul(line + sizeof name - 1, NULL, 10);
    }
    return 0;
}

/* Answers the requests that have arrived in full; a peer waits for an answer before it sends the next. */
static void serve(int fd) {
    struct connection *connection = &connections[fd];
    while (connection->open && !connection->is_waiting) {
        char *end = memmem(connection->input, connection->length, "\r\n\r\n", 4);
        if (!end) {
            if (connection->length == MAX_REQUEST) close_connection(fd);
            return;
        }
        size_t total = (size_t)(end + 4 - connection->input) + body_length(connection->input, end + 2);
        if (total > MAX_REQUEST) return close_connection(fd);
        if (connection->length < total) return;
        bool is_post = connection->input[0] == 'P';
        if (connection->is_control) {
            answer_control(fd, memchr(connection->input, ' ', 8) ? strchr(connection->input, ' ') + 1 : "");
        } else if (is_post) {
            begin_call(fd);
        } else {
            counters.identities++;
            send_document(fd, "200 OK", identity, identity_length);
        }
        connection->length -= total;
        if (connection->length) memmove(connection->input, connection->input + total, connection->length);
    }
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), on = 1;
        if (fd < 0) return;
        if (fd >= MAX_CONNECTIONS) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        struct connection *connection = &connections[fd];
        if (!connection->input && !(connection->input = malloc(MAX_REQUEST + 1))) die("malloc");
        connection->length = 0;
        connection->open = true;
        connection->is_waiting = false;
        connection->is_control = listener == control_listener;
        if (!connection->is_control) {
            counters.accepted++;
            counters.open++;
            if (counters.open > counters.most_open) counters.most_open = counters.open;
        }
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event)) close_connection(fd);
    }
}

static void receive(int fd) {
    struct connection *connection = &connections[fd];
    if (!connection->open) return;
    ssize_t count = recv(fd, connection->input + connection->length, MAX_REQUEST - connection->length, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return close_connection(fd);
    connection->length += (size_t)count;
    connection->input[connection->length] = 0;
    serve(fd);
}

static void answer_due(struct queue *queue, int64_t time) {
    while (queue->count && queue->items[queue->head].due <= time) {
        struct waiting item = queue->items[queue->head];
        queue->head = (queue->head + 1) % MAX_CONNECTIONS;
        queue->count--;
        if (!connections[item.fd].open || connections[item.fd].generation != item.generation) continue;
        connections[item.fd].is_waiting = false;
        counters.in_flight--;
        answer_vault(item.fd, item.fault);
        serve(item.fd);
    }
}

static const struct timespec *until_next(struct timespec *timeout) {
    int64_t next = INT64_MAX;
    if (punctual.count) next = punctual.items[punctual.head].due;
    if (late.count && late.items[late.head].due < next) next = late.items[late.head].due;
    if (away_until && away_until < next) next = away_until;
    if (next == INT64_MAX) return NULL;
    int64_t left = next - now();
    if (left < 0) left = 0;
    *timeout = (struct timespec){left / 1000000000, left % 1000000000};
    return timeout;
}

static void read_identity(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) die(path);
    identity = malloc(4096);
    if (!identity) die("malloc");
    identity_length = fread(identity, 1, 4096, file);
    fclose(file);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: backend IDENTITY-FILE\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    struct rlimit files = {MAX_CONNECTIONS, MAX_CONNECTIONS};
    setrlimit(RLIMIT_NOFILE, &files);
    read_identity(argv[1]);
    prepare_vault_answer();
    poller = epoll_create1(EPOLL_CLOEXEC);
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in control_address = vault_address = loopback;
    vault_listener = listen_on(&vault_address);
    control_listener = listen_on(&control_address);
    printf("%d %d\n", ntohs(vault_address.sin_port), ntohs(control_address.sin_port));
    fflush(stdout);
    for (;;) {
        struct epoll_event events[MAX_EVENTS];
        struct timespec timeout;
        int count = epoll_pwait2(poller, events, MAX_EVENTS, until_next(&timeout), NULL);
        if (count < 0 && errno != EINTR) die("epoll_pwait2");
        for (int i = 0; i < count; i++) {
            int fd = events[i].data.fd;
            if (fd == vault_listener || fd == control_listener) accept_all(fd);
            else receive(fd);
        }
        int64_t time = now();
        answer_due(&punctual, time);
        answer_due(&late, time);
        if (away_until && away_until <= time) {
            away_until = 0;
            vault_listener = listen_on(&vault_address);
        }
    }
}
