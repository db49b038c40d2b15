#pragma once

#include <stdbool.h>

/// Whether the host that libcurl finds in a URL is the expected one, which is written without brackets.
bool __wrap_CFURLSessionCurlHostIsEqual(const char *url, const char *expected);
