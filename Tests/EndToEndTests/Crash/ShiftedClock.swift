import Foundation

/// Has a program believe that it is another time of day, as after a wrong step of the wall clock.
struct ShiftedClock: Sendable {
    /// Without a compiler there is none.
    static var compiler: String? { Checkout.installed("cc", "clang", "gcc") }

    private static let source = """
        #define _GNU_SOURCE
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long shift(void) { const char *text = getenv("CLOCK_SHIFT"); return text ? atol(text) : 0; }
        int clock_gettime(clockid_t clock, struct timespec *now) {
            long status = syscall(SYS_clock_gettime, clock, now);
            if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += shift();
            return (int)status;
        }
        int gettimeofday(struct timeval *restrict now, void *restrict zone) {
            struct timespec time;
            clock_gettime(CLOCK_REALTIME, &time);
            now->tv_sec = time.tv_sec;
            now->tv_usec = time.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *out) {
            struct timespec now;
            clock_gettime(CLOCK_REALTIME, &now);
            if (out) *out = now.tv_sec;
            return now.tv_sec;
        }
        """

    private let library: String

    /// Compiles it into a directory.
    init(in directory: URL) async throws {
        let source = directory.appending(path: "clock.c")
        self.library = directory.appending(path: "clock.so").path(percentEncoded: false)
        try Data(Self.source.utf8).write(to: source)
        let compiling = try ChildProcess(
            Self.compiler ?? "cc",
            ["-shared", "-fPIC", "-o", self.library, source.path(percentEncoded: false)],
            environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"],
            log: directory.appending(path: "clock.log")
        )
        guard try await compiling.waitForEnd() == 0 else {
            throw ChildProcess.Failure(description: "no shifted clock: \(compiling.logText)")
        }
    }

    /// The variables of a program that is off by so many seconds.
    func environment(seconds: Int) -> [String: String] {
        ["LD_PRELOAD": self.library, "CLOCK_SHIFT": String(seconds)]
    }
}
