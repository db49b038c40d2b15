#pragma once

#include <stdbool.h>

/// Whether proc(5) is mounted, without which the Swift runtime and Foundation end the process when they first need it.
bool process_file_system_is_mounted(void);
