#define _GNU_SOURCE
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[VARIABLE_COUNT] = {"token", "principal", "identityTime", "vaultTime", "expiry"};

static void fail(const char *path, const char *problem) {
    fprintf(stderr, "The template %s %s.\n", path, problem);
    exit(78);
}

static char *read_file(const char *path) {
    FILE *file = fopen(path, "r");
    char *text = malloc(MAX_PAGE);
    if (!file || !text) fail(path, "cannot be read");
    size_t length = fread(text, 1, MAX_PAGE - 1, file);
    fclose(file);
    text[length] = 0;
    return text;
}

void page_load(struct page *page, const char *path) {
    page->text = read_file(path);
    page->piece_count = 0;
    for (const char *rest = page->text;;) {
        if (page->piece_count == sizeof page->pieces / sizeof *page->pieces) fail(path, "has too many variables");
        struct piece *piece = &page->pieces[page->piece_count++];
        const char *open = strstr(rest, "{{"), *close = open ? strstr(open, "}}") : NULL;
        *piece = (struct piece){rest, close ? (size_t)(open - rest) : strlen(rest), -1};
        if (!close) return;
        for (int i = 0; i < VARIABLE_COUNT; i++) {
            size_t length = strlen(names[i]);
            if (length == (size_t)(close - open - 2) && !memcmp(open + 2, names[i], length)) piece->variable = i;
        }
        if (piece->variable < 0) fail(path, "has a variable of an unknown name");
        rest = close + 2;
    }
}

/* Copies a value with the five characters escaped that mean something in HTML; NULL when it does not fit. */
static char *write_escaped(char *to, const char *end, const char *value) {
    for (; *value; value++) {
        const char *entity = NULL;
        switch (*value) {
        case '&': entity = "&amp;"; break;
        case '<': entity = "&lt;"; break;
        case '>': entity = "&gt;"; break;
        case '"': entity = "&quot;"; break;
        case '\'': entity = "&#39;"; break;
        }
        if (end - to < 8) return NULL;
        if (entity) to = stpcpy(to, entity);
        else *to++ = *value;
    }
    return to;
}

size_t page_write(const struct page *page, const char *const values[VARIABLE_COUNT], char answer[MAX_PAGE]) {
    /* The length of the body is known last and stands first: its digits get room of a fixed width. */
    static const char head[] = PAGE_HEADERS "Content-Length: ", blank[] = "     \r\n\r\n";
    memcpy(answer, head, sizeof head - 1);
    char *const length = answer + sizeof head - 1, *const body = length + sizeof blank - 1;
    const char *const end = answer + MAX_PAGE;
    char *to = body;
    for (const struct piece *piece = page->pieces; piece < page->pieces + page->piece_count; piece++) {
        if ((size_t)(end - to) < piece->length) return 0;
        to = mempcpy(to, piece->literal, piece->length);
        if (piece->variable >= 0 && !(to = write_escaped(to, end, values[piece->variable]))) return 0;
    }
    char digits[16];
    int count = snprintf(digits, sizeof digits, "%-5zu", (size_t)(to - body));
    memcpy(length, blank, sizeof blank - 1);
    memcpy(length, digits, (size_t)count);
    return (size_t)(to - answer);
}
