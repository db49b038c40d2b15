import Foundation
import TestSupport
import Testing

@testable import FastCGI

@Suite struct ListenerTests {
    private static func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        try withExtendedLifetime(directory) { try body(directory.path) }
    }

    private static func refusal(_ address: ListenAddress) -> String? {
        do throws(FastCGIServerError) {
            _ = try Listener(address)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func theSocketHasItsModeAndIsRemoved() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            do {
                let listener = try Listener(.unixSocket(path: path, mode: 0o620))
                let isUnix = listener.isUnix
                #expect(isUnix)
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o620)
            }
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aStaleSocketIsReplacedAndALiveOneIsNot() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let bound = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            #expect(bound == 0)
            close(stale)
            let listener = try Listener(.unixSocket(path: path))
            #expect(Self.refusal(.unixSocket(path: path))?.contains("Another process listens") == true)
            let peer = try FastCGIPeer(path: path)
            peer.close()
            _ = listener.descriptor
        }
    }

    @Test func aLiveSocketThatThisUserMayNotConnectToIsNotTakenForAnothers() async throws {
        let directory = try SharedDirectory()
        let path = directory.path + "/s"
        let listener = try Listener(.unixSocket(path: path, mode: 0))
        let text = try await OrdinaryUser.run { Self.refusal(.unixSocket(path: path)) }
        #expect(text?.hasPrefix("The socket \(path) is there already, and this user may not connect to it") == true)
        #expect(text?.contains(" choose another path.") == true)
        #expect(FileManager.default.fileExists(atPath: path))
        _ = listener.descriptor
    }

    @Test func anUnreadableDirectoryIsExplained() async throws {
        let directory = try SharedDirectory()
        #expect(chmod(directory.path, 0o333) == 0)
        let text = try await OrdinaryUser.run { Self.refusal(.unixSocket(path: directory.path + "/s")) }
        #expect(text?.contains("Permission denied. It is locked while the socket is made,") == true)
    }

    @Test func aDirectoryThatCannotBeWrittenIsExplained() async throws {
        let directory = try SharedDirectory()
        #expect(chmod(directory.path, 0o555) == 0)
        let text = try await OrdinaryUser.run { Self.refusal(.unixSocket(path: directory.path + "/s")) }
        #expect(text?.contains("Permission denied. This user may not make files in \(directory.path)") == true)
        #expect(text?.contains("owner") == false)
    }

    @Test func aStaleSocketThatCannotBeRemovedIsExplained() async throws {
        let directory = try SharedDirectory()
        let path = directory.path + "/s"
        do {
            let listener = try Listener(.unixSocket(path: path, mode: 0o666))
            // A second name outlives the listener, as a socket file outlives a program that was killed.
            #expect(link(path, path + "2") == 0)
            _ = listener.descriptor
        }
        #expect(chmod(directory.path, 0o555) == 0)
        let text = try await OrdinaryUser.run { Self.refusal(.unixSocket(path: path + "2")) }
        #expect(text?.hasPrefix("Nobody listens on the socket \(path)2, but it cannot be removed: ") == true)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            try Data("precious".utf8).write(to: URL(filePath: path))
            #expect(Self.refusal(.unixSocket(path: path))?.contains("is not a socket") == true)
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func aSocketOfASuccessorIsNotRemoved() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            do {
                let listener = try Listener(.unixSocket(path: path))
                try FileManager.default.removeItem(atPath: path)
                try Data().write(to: URL(filePath: path))
                listener.unpublish()
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func aSocketThatASuccessorMadeWithTheSameInodeIsNotRemoved() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            do {
                let listener = try Listener(.unixSocket(path: path))
                // What a file system does that gives the number of a removed file to the next one.
                let made = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
                let later = try #require(made).addingTimeInterval(1)
                try FileManager.default.setAttributes([.modificationDate: later], ofItemAtPath: path)
                listener.unpublish()
            }
            #expect(FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: [
        (ListenAddress.unixSocket(path: "/nowhere/at/all/s"), "Cannot open the directory /nowhere/at/all"),
        (.unixSocket(path: "/tmp/" + String(repeating: "x", count: 120)), "has 125 bytes"),
        (.unixSocket(path: ""), "has 0 bytes"),
        (.tcp(host: "0.0.0.0", port: 9000), "is not a loopback address"),
        (.tcp(host: "192.0.2.1", port: 9000), "is not a loopback address"),
        (.tcp(host: "example.com", port: 9000), "is not a loopback address"),
        (.inherited(descriptor: 1_000_000), "is not a listening stream socket"),
    ])
    func whatCannotBeListenedOnIsExplained(address: ListenAddress, text: String) {
        #expect(Self.refusal(address)?.contains(text) == true)
    }

    @Test func nothingIsLeftBehindByAGroupThatIsNotThere() throws {
        try Self.inDirectory { directory in
            let path = directory + "/s"
            let text = Self.refusal(.unixSocket(path: path, group: "no-such-group"))
            #expect(text?.contains("There is no group named no-such-group") == true)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func loopbackTCPWorksAndATakenPortIsExplained() throws {
        let listener = try Listener(.tcp(host: "127.0.0.1", port: 0))
        let isUnix = listener.isUnix
        #expect(!isUnix)
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(listener.descriptor, $0, &length)
            }
        }
        let port = UInt16(bigEndian: address.sin_port)
        let peer = try FastCGIPeer(port: port)
        peer.close()
        #expect(Self.refusal(.tcp(host: "127.0.0.1", port: port))?.contains("Choose another port") == true)
    }
}
