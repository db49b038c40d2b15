#include "ResponseHead.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Foundation copies all lines at each line. libcurl's own limit is 300 KB.
enum { MAX_BYTES = 256 * 1024, MAX_LINES = 1000 };

static HeadProgress refuse(ResponseHead *head, const char *refusal) {
    head->refusal = refusal;
    return head->progress = HEAD_REFUSED;
}

static bool add(ResponseHead *head, const char *bytes, size_t length) {
    if (head->capacity - head->length < length) {
        size_t capacity = 2 * head->capacity + length + 512;
        char *grown = realloc(head->bytes, capacity);
        if (!grown) return false;
        head->bytes = grown;
        head->capacity = capacity;
    }
    memcpy(head->bytes + head->length, bytes, length);
    head->length += length;
    return true;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t';
}

static bool is_digit(char byte) {
    return byte >= '0' && byte <= '9';
}

/// RFC 9110 section 5.6.2.
static bool is_token(char byte) {
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte && strchr("!#$%&'*+-.^_`|~", byte));
}

/// The bytes of a valid UTF-8 sequence at the start, or 0.
static size_t sequence(const unsigned char *text, size_t length) {
    size_t count = text[0] < 0x80 ? 1 : text[0] < 0xC2 ? 0 : text[0] < 0xE0 ? 2 : text[0] < 0xF0 ? 3 : text[0] < 0xF5 ? 4 : 0;
    if (count == 0 || count > length) return 0;
    for (size_t i = 1; i < count; i++) {
        if ((text[i] & 0xC0) != 0x80) return 0;
    }
    // Overlong forms, surrogates and what is above U+10FFFF.
    if (text[0] == 0xE0 && text[1] < 0xA0) return 0;
    if (text[0] == 0xED && text[1] > 0x9F) return 0;
    if (text[0] == 0xF0 && text[1] < 0x90) return 0;
    if (text[0] == 0xF4 && text[1] > 0x8F) return 0;
    return count;
}

static bool is_utf8(const char *text, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t count = sequence((const unsigned char *)text + i, length - i);
        if (count == 0) return false;
        i += count;
    }
    return true;
}

/// Adds a value without the white space around it: control characters become blanks (RFC 9110 section 5.5), and what is no
/// UTF-8 is taken for the Latin-1 that it used to be.
static bool add_text(ResponseHead *head, const char *text, size_t length) {
    while (length > 0 && is_space(text[0])) text++, length--;
    while (length > 0 && is_space(text[length - 1])) length--;
    bool utf8 = is_utf8(text, length);
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        char out[2] = {text[i], 0};
        size_t count = 1;
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            out[0] = ' ';
        } else if (byte >= 0x80 && !utf8) {
            out[0] = (char)(0xC0 | byte >> 6);
            out[1] = (char)(0x80 | (byte & 0x3F));
            count = 2;
        }
        if (!add(head, out, count)) return false;
    }
    return true;
}

/// `HTTP/1.1 200 OK`, also without a phrase and with more blanks.
static HeadProgress append_status(ResponseHead *head, const char *line, size_t length) {
    size_t version = 0;
    while (version < length && !is_space(line[version])) version++;
    size_t code = version;
    while (code < length && is_space(line[code])) code++;
    size_t end = code;
    while (end < length && is_digit(line[end])) end++;
    if (end - code != 3 || line[code] == '0') return refuse(head, "its status line has no status of three digits");
    for (size_t i = 0; i < version; i++) {
        if (line[i] <= 0x20 || line[i] >= 0x7F) return refuse(head, "its status line has no version of HTTP");
    }
    head->status = (line[code] - '0') * 100 + (line[code + 1] - '0') * 10 + (line[code + 2] - '0');
    bool fits = add(head, line, version) && add(head, " ", 1) && add(head, line + code, 3) && add(head, " ", 1) &&
                add_text(head, line + end, length - end) && add(head, "\r\n", 2);
    return fits ? HEAD_PARTIAL : refuse(head, "there is no memory for its head");
}

/// A number, or the same one several times (RFC 9110 section 8.6), that is far below the largest of Foundation's numbers.
///
/// Foundation also reads a sign, and ends the process when the number and what it has received do not fit together.
static bool is_length_credible(const char *text, size_t length) {
    const char *first = NULL;
    size_t first_digits = 0;
    for (size_t i = 0;;) {
        while (i < length && is_space(text[i])) i++;
        size_t start = i;
        while (i < length && is_digit(text[i])) i++;
        if (i == start) return false;
        while (i - start > 1 && text[start] == '0') start++;
        size_t digits = i - start;
        if (digits > 15) return false;
        if (first && (digits != first_digits || memcmp(first, text + start, digits) != 0)) return false;
        first = text + start;
        first_digits = digits;
        while (i < length && is_space(text[i])) i++;
        if (i == length) return true;
        if (text[i++] != ',') return false;
    }
}

/// Foundation makes a URL of a `Location` from parts, and ends the process when it cannot: a host needs to be one.
static bool is_location_readable(const char *text, size_t length) {
    size_t authority = 0;
    while (authority < length && (is_token(text[authority]) || text[authority] == ':')) authority++;
    if (authority > 0 && text[authority - 1] != ':') return true;
    size_t slashes = 0;
    while (authority < length && (text[authority] == '/' || text[authority] == '\\')) authority++, slashes++;
    if (slashes < 2) return true;
    for (size_t i = authority; i < length && !strchr("/?#\\", text[i]); i++) {
        if (text[i] == '%' || (!is_token(text[i]) && !strchr(":[]@,;()=", text[i]))) return false;
    }
    return true;
}

static bool is_name(const char *line, size_t length, const char *name) {
    return length == strlen(name) && strncasecmp(line, name, length) == 0;
}

static HeadProgress append_field(ResponseHead *head, const char *line, size_t length) {
    const char *colon = memchr(line, ':', length);
    if (!colon) return refuse(head, "a line of its head has no colon");
    size_t name = (size_t)(colon - line);
    size_t value = name + 1;
    while (name > 0 && is_space(line[name - 1])) name--;
    bool is_readable = name > 0;
    for (size_t i = 0; i < name; i++) is_readable = is_readable && is_token(line[i]);
    // Nobody looks for a field whose name cannot be one, nor for a second Location.
    bool is_location = is_name(line, name, "Location");
    head->skips_continuation = !is_readable || (is_location && head->has_location);
    if (head->skips_continuation) return HEAD_PARTIAL;
    head->has_location = head->has_location || is_location;
    bool fits = add(head, line, name) && add(head, ": ", 2) && add_text(head, line + value, length - value) &&
                add(head, "\r\n", 2);
    return fits ? HEAD_PARTIAL : refuse(head, "there is no memory for its head");
}

/// A value that goes on in the next line (RFC 9112 section 5.2).
static HeadProgress append_continuation(ResponseHead *head, const char *line, size_t length) {
    if (head->lines < 3 || head->skips_continuation) return HEAD_PARTIAL;
    head->length -= 2;
    bool fits = add(head, " ", 1) && add_text(head, line, length) && add(head, "\r\n", 2);
    return fits ? HEAD_PARTIAL : refuse(head, "there is no memory for its head");
}

static HeadProgress complete(ResponseHead *head) {
    if (head->status < 200 && head->status != 101) {
        head->length = 0;
        head->lines = 0;
        head->has_location = false;
        return HEAD_PARTIAL;
    }
    for (size_t start = 0; start < head->length;) {
        const char *line = head->bytes + start;
        const char *end = memchr(line, '\r', head->length - start);
        const char *colon = memchr(line, ':', (size_t)(end - line));
        if (colon && start > 0) {
            const char *value = colon + 2;
            size_t name = (size_t)(colon - line), length = (size_t)(end - value);
            if (is_name(line, name, "Content-Length") && !is_length_credible(value, length)) {
                return refuse(head, "its Content-Length is absurd");
            }
            if (head->status / 100 == 3 && is_name(line, name, "Location") && !is_location_readable(value, length)) {
                return refuse(head, "its Location is no URL");
            }
        }
        start = (size_t)(end - head->bytes) + 2;
    }
    return add(head, "\r\n", 2) ? (head->progress = HEAD_COMPLETE) : refuse(head, "there is no memory for its head");
}

HeadProgress response_head_append(ResponseHead *head, const char *line, size_t length) {
    if (head->progress == HEAD_REFUSED) return HEAD_REFUSED;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r')) length--;
    bool is_status = length >= 5 && strncasecmp(line, "HTTP/", 5) == 0;
    if (head->progress == HEAD_COMPLETE) {
        if (!is_status) return HEAD_PARTIAL;
        response_head_reset(head);
    }
    head->received += length + 2;
    head->lines++;
    if (head->received > MAX_BYTES || head->lines > MAX_LINES) return refuse(head, "its head is too long");
    if (head->lines == 1) {
        return is_status ? append_status(head, line, length) : refuse(head, "it does not begin with a status line");
    }
    if (length == 0) return complete(head);
    return is_space(line[0]) ? append_continuation(head, line, length) : append_field(head, line, length);
}

void response_head_reset(ResponseHead *head) {
    free(head->bytes);
    *head = (ResponseHead){0};
}
