#include "program_start.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

// Swift's runtime finds the arguments by reading /proc/self/maps, and ends the process when it cannot: where /proc is not
// mounted, or where no descriptor is left. The C library hands them to every initializer, and so the runtime gets them from
// here. (Its entry point for that is exported for programs that embed Swift.)
extern void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

__attribute__((constructor)) static void hand_over_arguments(int count, char **arguments) {
    _swift_stdlib_overrideUnsafeArgvArgc(arguments, count);
}

// libdispatch asks for priorities of its threads that a service may not have, goes on without, and writes a line about each into
// the system's log. Whoever wants to read them sets the variable.
__attribute__((constructor)) static void keep_dispatch_out_of_the_log(void) { setenv("LIBDISPATCH_LOG", "NO", 0); }

// glibc joins all small pieces that were given back whenever somebody wants a large one, as libfcgi does for each request. Joined
// at once they cost a page less.
__attribute__((constructor)) static void join_small_pieces_at_once(void) { mallopt(M_MXFAST, 0); }

bool process_file_system_is_mounted(void) {
    char path[1];
    return readlink("/proc/self/exe", path, sizeof path) >= 0;
}
