// The head of an answer, line by line as libcurl gives it, in a form that Foundation reads.
#pragma once

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    HEAD_PARTIAL,
    HEAD_COMPLETE,
    HEAD_REFUSED,
} HeadProgress;

typedef struct {
    /// The lines so far, each with its CRLF; NULL before the first.
    char *bytes;
    size_t length, capacity;
    /// Lines of this head, and bytes as they came, of this one and of those before it.
    size_t lines, received;
    int status;
    bool has_location, skips_continuation;
    HeadProgress progress;
    /// Why no answer can be made of this; a fragment of a sentence.
    const char *refusal;
} ResponseHead;

/// Takes a line, which may lack its CR.
///
/// A head of 1xx is left out, and so is what comes behind a complete head and is not the beginning of another one: trailers.
HeadProgress response_head_append(ResponseHead *head, const char *line, size_t length);

/// Gives the memory back and begins again.
void response_head_reset(ResponseHead *head);
