import Foundation
import Testing

/// The workarounds in programs that are linked as a release is (Foundation inside) and as a debug build is (Foundation beside).
@Suite struct ProbeTests {
    enum Linking: String, CaseIterable, Sendable {
        case shared, `static`
    }

    @Test(.timeLimit(.minutes(5)), arguments: Linking.allCases)
    func aWaitUsesNoProcessorAndNoAnswerEndsTheProgram(_ linking: Linking) async throws {
        // Compilers take seconds, for which the threads of the other tests must not be held up.
        let lines = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try Self.linesOfProbe(linking) })
            }
        }
        for name in ["wait-get", "wait-post", "wait-https"] {
            let seconds = try #require(lines[name].flatMap { Double($0) }, "\(lines)")
            #expect(seconds < 0.05, "\(name) used \(seconds) s of the processor in one second")
        }
        #expect(
            lines["within-head"]?.hasPrefix("error: Recv failure: the connection was closed within the head") == true
        )
        #expect(lines["trailer"] == "200")
        #expect(lines["length"] == "error: Malformed answer: its Content-Length is absurd")
        #expect(lines["location"] == "error: Malformed answer: its Location is no URL")
        #expect(lines["no-space"] == "200")
        #expect(lines["end"] != nil, "\(lines)")
    }

    private static func linesOfProbe(_ linking: Linking) throws -> [String: String] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let sources = root.appending(path: "Sources/FoundationNetworkingWorkarounds")
        let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "c" }.map { $0.path(percentEncoded: false) }
        try Self.run(
            ["clang", "-c", "-O1", "-I", sources.appending(path: "include").path(percentEncoded: false)] + files,
            in: directory
        )
        let objects = try FileManager.default.contentsOfDirectory(atPath: directory.path(percentEncoded: false))
            .filter { $0.hasSuffix(".o") }
        let main = root.appending(path: "Tests/FoundationNetworkingWorkaroundsTests/Probe/main.swift")
        try Self.run(
            ["swiftc", "-swift-version", "5", "-o", "probe", main.path(percentEncoded: false)] + objects
                + (linking == .static ? ["-static-stdlib"] : []),
            in: directory
        )
        let output = try Self.run([directory.appending(path: "probe").path(percentEncoded: false)], in: directory)
        return Dictionary(
            output.split(separator: "\n").map { line in
                let parts = line.split(separator: " ", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    @discardableResult
    private static func run(_ command: [String], in directory: URL) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = directory
        let log = directory.appending(path: "log")
        _ = FileManager.default.createFile(atPath: log.path(percentEncoded: false), contents: nil)
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        process.waitUntilExit()
        let output = try String(contentsOf: log, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(command[0]): \(output)")
        return output
    }
}
