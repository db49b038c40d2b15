/* The ceiling of FastCGI on this machine: a page that is ready in memory, of the same size, for every request.
 *
 * usage: constant SOCKET THREADS TEMPLATE
 */
#include "page.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>

static char page_text[MAX_PAGE];
static size_t page_length;

static void answer(FCGX_Request *request, void *unused) {
    (void)unused;
    FCGX_PutStr(page_text, (int)page_length, request->out);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: constant SOCKET THREADS TEMPLATE\n");
        return 64;
    }
    struct page page;
    page_load(&page, argv[3]);
    const char *const values[VARIABLE_COUNT] = {
        [TOKEN] = "sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4"
                  "sl.BkW7-_qZ9xTr4sl.BkW7-_qZ9xTr4sl.B000000000000",
        [PRINCIPAL] = "IsAuthenticated:True Type:App AppId:00000000-0000-0000-0000-000000000000 "
                      "TenantId:00000000-0000-0000-0000-000000000000",
        [IDENTITY_TIME] = "0.0 ms",
        [VAULT_TIME] = "0.0 ms",
        [EXPIRY] = "2030-01-01 00:00:00 UTC",
    };
    page_length = page_write(&page, values, page_text);
    serve(argv[1], atoi(argv[2]), NULL, answer);
    return 0;
}
