import CLinux
import CProgramStart
import Dispatch
import Glibc

/// The first steps of every program, before it looks at its arguments or starts a thread.
package enum ProgramStart {
    /// Fewer files than these do not do for one call to Azure.
    private static let minimumDescriptors: rlim_t = 32
    private static let wantedDescriptors: rlim_t = 16_384

    /// Puts in order what the process was started with.
    ///
    /// Its memory, which holds tokens, is kept out of core files, debuggers and the log. Closed standard streams are opened,
    /// so that no socket takes their numbers and is written to by mistake. As many descriptors are taken as the process may
    /// have: a connection, and a call for it, need one each.
    package static func prepare() {
        keep_memory_private()
        self.openStandardStreams()
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = min(limit.rlim_max, max(limit.rlim_cur, self.wantedDescriptors))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// What a program cannot do without, and would end without a word for.
    ///
    /// - Throws: ``UnavailableError``.
    package static func checkSystem() throws {
        guard process_file_system_is_mounted() else {
            throw UnavailableError(
                "/proc is not mounted, and Swift's runtime needs it: mount it with `mount -t proc proc /proc`, or start "
                    + "this program in a container or a chroot that has it."
            )
        }
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        guard limit.rlim_cur >= self.minimumDescriptors else {
            throw UnavailableError(
                "This process may have \(limit.rlim_cur) files open, and needs \(self.minimumDescriptors) at the least: "
                    + "raise the limit with `ulimit -n 1024`, or LimitNOFILE= in its unit."
            )
        }
    }

    /// Runs the body of a program and ends the process with what it returns, or with one line on standard error about what
    /// it throws; see ``ExitStatus``.
    ///
    /// `main` itself does not wait for anything: whatever does needs threads, and those need ``checkSystem()``.
    package static func run(program: String, _ body: @escaping @Sendable () async throws -> ExitStatus) -> Never {
        do {
            try self.checkSystem()
        } catch {
            self.end(program: program, error)
        }
        Task {
            do {
                ProgramEnd.exit(try await body().rawValue)
            } catch {
                self.end(program: program, error)
            }
        }
        dispatchMain()
    }

    private static func end(program: String, _ error: any Error) -> Never {
        // Without /proc there can be no thread that writes it.
        let line = "\(program): \(TerminalText("\(error)"))\n"
        if process_file_system_is_mounted() {
            StandardErrorLog.shared.write(line)
        } else {
            _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
        }
        ProgramEnd.exit(ExitStatus(error).rawValue)
    }

    private static func openStandardStreams() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
            // The lowest number that is free is this one. Nothing is read from it, and writing to it is an error, as it is
            // to a closed one. Where there is no /dev/null, the other descriptor can be neither read nor written.
            if open("/dev/null", O_RDONLY) < 0 { _ = epoll_create1(0) }
        }
    }
}
