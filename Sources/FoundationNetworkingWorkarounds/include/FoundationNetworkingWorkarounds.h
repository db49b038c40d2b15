#pragma once

#include <stdbool.h>

/// Whether what Foundation calls of libcurl comes through the functions of this target.
///
/// Nobody has to ask: that it is linked into the program is enough.
bool foundation_networking_workarounds_are_active(void);
