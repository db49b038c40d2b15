/* The page as the C programs write it: a template read once, cut at its variables, and values that are escaped. */
#ifndef PAGE_H
#define PAGE_H

#include <stddef.h>

enum variable { TOKEN, PRINCIPAL, IDENTITY_TIME, VAULT_TIME, EXPIRY, VARIABLE_COUNT };

struct page {
    char *text;
    struct piece {
        const char *literal;
        size_t length;
        int variable; /* what follows the literal; -1 after the last */
    } pieces[32];
    size_t piece_count;
};

enum { MAX_PAGE = 32768 };

/* The headers that token-page sends too; Content-Length is all that is missing from them. */
#define PAGE_HEADERS                                                                                                   \
    "Status: 200 OK\r\n"                                                                                               \
    "Content-Type: text/html; charset=utf-8\r\n"                                                                       \
    "Vary: Accept\r\n"                                                                                                 \
    "Cache-Control: no-store\r\n"                                                                                      \
    "X-Content-Type-Options: nosniff\r\n"                                                                              \
    "Content-Security-Policy: default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "                 \
    "form-action 'none'; frame-ancestors 'none'\r\n"                                                                   \
    "Referrer-Policy: no-referrer\r\n"

void page_load(struct page *page, const char *path);

/* Headers, blank line and body; returns the length of all, or 0 when the values make it longer than MAX_PAGE. */
size_t page_write(const struct page *page, const char *const values[VARIABLE_COUNT], char answer[MAX_PAGE]);

#endif
