import Foundation
import Glibc
import ProgramSupport
import TestSupport
import Testing
import VaultCore
import VaultSQLite
import VaultTestSupport

@testable import TokenVault

struct SecretLineTests {
    @Test(arguments: [
        ("abc\n", "abc", SecretLine.Step.done), ("abc\r", "abc", .done), ("abc\u{4}", "abc", .done),
        ("abc", "abc", .more),
        ("abd\u{7F}c\n", "abc", .done), ("xyz\u{15}abc\n", "abc", .done), ("\u{7F}\u{8}abc\n", "abc", .done),
        ("abc\u{3}", "abc", .interrupted), ("\n", "", .done), ("abc\ndef", "abc", .done),
    ])
    func theKeysThatMatterDoWhatTheyDoElsewhere(typed: String, line: String, step: SecretLine.Step) {
        var secret = SecretLine(limit: 100)
        #expect(secret.take(typed.utf8) == step)
        #expect(String(decoding: secret.data, as: UTF8.self) == line)
    }

    @Test func oneByteMoreThanTheLimitIsTheMost() {
        var secret = SecretLine(limit: 3)
        #expect(secret.take("abcdef".utf8) == .done)
        #expect(secret.data.count == 4)
    }
}

/// A real terminal: the two ends of a pty.
struct SecretPromptTests {
    private struct NoTerminal: Error {}

    /// `TIOCSPTLCK` and `TIOCGPTN`, which are macros that Swift cannot read: ioctl_tty(2).
    private static let unlock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private static func terminal() throws -> (master: Int32, slave: Int32) {
        let master = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var number: Int32 = 0
        var locked: Int32 = 0
        guard
            master >= 0, ioctl(master, Self.unlock, &locked) == 0, ioctl(master, Self.getNumber, &number) == 0
        else {
            throw NoTerminal()
        }
        let slave = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw NoTerminal() }
        return (master, slave)
    }

    /// What is said, and what comes of lines that are typed as soon as they are asked for.
    private static func type(
        _ lines: [String],
        for secret: SecretInput
    ) async throws -> (said: [String], read: Result<String, UsageError>, left: Int) {
        let (master, slave) = try Self.terminal()
        defer {
            close(master)
            close(slave)
        }
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        var (said, rest) = ([String](), lines[...])
                        let prompt = try SecretPrompt(descriptor: slave) { text in
                            said.append(text)
                            let line = Array(((rest.popFirst() ?? "") + "\r").utf8)
                            _ = write(master, line, line.count)
                        }
                        do throws(UsageError) {
                            let read = try Self.readTyped(prompt, secret)
                            return (said, .success(read), rest.count)
                        } catch {
                            return (said, .failure(error), rest.count)
                        }
                    }
                )
            }
        }
    }

    private static func readTyped(_ prompt: SecretPrompt, _ secret: SecretInput) throws(UsageError) -> String {
        do {
            return String(decoding: try prompt.read(secret), as: UTF8.self)
        } catch let error as UsageError {
            throw error
        } catch {
            throw UsageError("\(error)")
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["passphrase", "client secret", "refresh token", "access token"])
    func aSecretIsAskedForByItsName(name: String) async throws {
        let (said, read, _) = try await Self.type(["the secret"], for: SecretInput(name: name, limit: 100))
        #expect(said == ["Paste the \(name) and press Enter. It is not shown.\n"])
        #expect(read == .success("the secret"))
    }

    @Test(.timeLimit(.minutes(5)))
    func aNewSecretIsTypedTwice() async throws {
        let secret = SecretInput(name: "passphrase", limit: 100, isNew: true)
        let (said, read, left) = try await Self.type(["correct horse", "correct horse", "x"], for: secret)
        #expect(
            said == [
                "Type a new passphrase and press Enter. It is not shown.\n", "Type the passphrase once more.\n",
            ]
        )
        #expect(read == .success("correct horse"))
        #expect(left == 1)
        let other = try await Self.type(["correct horse", "correct hose"], for: secret).read
        #expect(
            other == .failure(UsageError("The passphrase was not the same both times, so nothing was done: try again."))
        )
        // Nothing is nothing, without a second time.
        #expect(try await Self.type(["", "x"], for: secret).left == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func aTokenOf6000CharactersIsPastedWholeAndNotShown() async throws {
        let files = try StoreFixture()
        try await files.makeStore()
        try await files.run("service", "create", "dropbox", "--provider", "dropbox")
        let token = String((0..<6000).map { Character(UnicodeScalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
        let (master, slave) = try Self.terminal()
        defer { close(master) }

        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("token-vault")
        process.arguments = ["token", "import", "dropbox", "sample"]
        process.environment = files.environment
        let errors = Pipe()
        let output = Pipe()
        process.standardInput = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        process.standardOutput = output
        process.standardError = errors
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do {
                try process.run()
                // Written only now, when the terminal has stopped to edit.
                let prompt = errors.fileHandleForReading.availableData
                #expect(String(decoding: prompt, as: UTF8.self).hasPrefix("Paste the access token"))
                let pasted = Array((token + "\r").utf8)
                var written = 0
                while written < pasted.count {
                    let count = pasted[written...].withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
                    guard count > 0 else { break }
                    written += count
                }
            } catch {
                process.terminationHandler = nil
                continuation.resume(throwing: error)
            }
        }
        #expect(status == 0)
        let said = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        #expect(said == "Imported the access token of dropbox/sample, version 2, no expiry known.\n")

        // The terminal is as it was, and nothing was echoed.
        var attributes = termios()
        #expect(tcgetattr(slave, &attributes) == 0)
        #expect(attributes.c_lflag & tcflag_t(ICANON) != 0)
        #expect(attributes.c_lflag & tcflag_t(ECHO) != 0)
        close(slave)
        _ = fcntl(master, F_SETFL, O_NONBLOCK)
        var echoed = [UInt8](repeating: 0, count: 16_384)
        let count = read(master, &echoed, echoed.count)
        #expect(!String(decoding: echoed.prefix(max(0, count)), as: UTF8.self).contains("abcdef"))

        let vault = try await files.open()
        let sealer = try await vault.sealer(keyEncryptionKey: files.keyEncryptionKey())
        let stored = try await vault.token(service: "dropbox", name: "sample")?.credential.map {
            try sealer.keys.openAccessToken(of: $0)
        }
        #expect(stored == token)
    }
}
