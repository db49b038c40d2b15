import CLinux
import Foundation
import Glibc
import Testing

@testable import GuardedFiles

private enum MountNamespace {
    /// Whether this process may do what the tests do; asked in a child, because it cannot be undone.
    static let isPossible: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        guard geteuid() == 0, (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()
}

/// Volumes as Kubernetes mounts them, in a mount namespace of a process of its own.
@Suite(.enabled(if: MountNamespace.isPossible, "needs root and a mount namespace of its own"))
struct ProjectedVolumeTests {
    @Test func aKeyInAVolumeOfKubernetesIsRead() async throws {
        await #expect(processExitsWith: .success) {
            let files = try TemporaryFiles()
            let volume = "\(files.path)/volume"
            try #require(mkdir(volume, 0o755) == 0)
            try #require(unshare(CLONE_NEWNS) == 0)
            try #require(mount(nil, "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
            try #require(mount("none", volume, "tmpfs", 0, "mode=0755") == 0)
            try #require(mkdir("\(volume)/..2026_11_26", 0o755) == 0)
            try files.write(to: "volume/..2026_11_26/tls.key", mode: 0o440)
            try files.write(to: "volume/..2026_11_26/open.key", mode: 0o644)
            try #require(symlink("..2026_11_26", "\(volume)/..data") == 0)
            for name in ["tls.key", "open.key"] {
                try #require(symlink("..data/\(name)", "\(volume)/\(name)") == 0)
            }
            try #require(symlink("../outside", "\(volume)/outside.key") == 0)
            try files.write(to: "outside")

            func file(_ name: String) -> GuardedFile { files.file("volume/\(name)", links: .ofProjectedVolume) }
            // As long as somebody can write to it, a link there may be anybody's.
            #expect(throws: GuardedFileError("\(volume)/tls.key", .symbolicLink)) { try file("tls.key").contents() }

            try #require(mount(nil, volume, nil, UInt(MS_REMOUNT | MS_RDONLY | MS_BIND), nil) == 0)
            #expect(try file("tls.key").contents() == Data("secret".utf8))
            #expect(throws: GuardedFileError("\(volume)/open.key", .openToOthers(permissions: 0o644))) {
                try file("open.key").contents()
            }
            #expect(throws: GuardedFileError("\(volume)/outside.key", .symbolicLink)) {
                try file("outside.key").contents()
            }
            try #require(umount2(volume, Int32(MNT_DETACH)) == 0)
        }
    }
}
