import CGSSAPI
import Foundation
import TestSupport

@testable import AppAuthentication

/// A GSSAPI library that keeps account of everything it hands out.
///
/// Functions of C have nowhere to keep anything, so there is one account, and its tests run one after the other.
enum FakeGSSAPI {
    private struct State: Sendable {
        var live: Set<UInt> = []
        var calls = 0
        var failure: Int?
        var misuse = 0
        /// The credentials with which SPNEGO offers one mechanism alone.
        var limited: Set<UInt> = []
        var names: [String] = []
        /// Whether the library does not know the server by the first name that it is asked for.
        var knowsOnlyVerbatimNames = false
    }

    private static let state = Box(State())

    /// Begins a new account.
    ///
    /// - Parameters:
    ///   - failure: The number of the call that fails, counted from 0; nil when none does.
    ///   - knowsOnlyVerbatimNames: Whether the first name of a server is not found.
    static func reset(failure: Int?, knowsOnlyVerbatimNames: Bool = false) {
        self.state.withLock {
            $0 = State(failure: failure)
            $0.knowsOnlyVerbatimNames = knowsOnlyVerbatimNames
        }
    }

    /// The names of servers that the library was asked for.
    static var names: [String] { self.state.value.names }

    /// A cache is named, and it is the one of the test.
    private static func expectCache(_ store: gss_key_value_set?) {
        let element = store?.count == 1 ? store?.elements.pointee : nil
        let texts = [element?.key, element?.value].map { $0.map { String(cString: $0) } }
        self.state.withLock { if texts != ["ccache", "FILE:/fake"] { $0.misuse += 1 } }
    }

    /// Whether a step for the name that was imported last comes to nothing.
    private static var refusesName: Bool {
        self.state.withLock { $0.knowsOnlyVerbatimNames && $0.names.last?.hasPrefix("HTTP@") == true }
    }

    /// What was handed out and not given back.
    static var live: Int { self.state.value.live.count }
    /// How many things were given back that were not there, or used for what they are not fit for.
    static var misuse: Int { self.state.value.misuse }
    /// The calls that can fail.
    static var calls: Int { self.state.value.calls }

    /// Something that has to be given back.
    private static func allocate(_ size: Int = 1) -> OpaquePointer? {
        let memory = malloc(size)
        self.state.withLock { _ = $0.live.insert(UInt(bitPattern: memory)) }
        return memory.map { OpaquePointer($0) }
    }

    private static func release(_ address: UInt) {
        guard address != 0 else { return }
        self.state.withLock { if $0.live.remove(address) == nil { $0.misuse += 1 } }
        free(UnsafeMutableRawPointer(bitPattern: address))
    }

    private static func fill(_ buffer: UnsafeMutablePointer<gss_buffer>?, _ text: String = "x") {
        let bytes = Array(text.utf8)
        let memory = self.allocate(bytes.count).map { UnsafeMutableRawPointer($0) }
        memory?.copyMemory(from: bytes, byteCount: bytes.count)
        buffer?.pointee = gss_buffer(length: bytes.count, value: memory)
    }

    /// Counts a call, and says what it returns.
    private static func call() -> UInt32 {
        self.state.withLock { state in
            defer { state.calls += 1 }
            return state.calls == state.failure ? 13 << 16 : 0
        }
    }

    private static func limit(_ credential: OpaquePointer?) {
        self.state.withLock { _ = $0.limited.insert(UInt(bitPattern: credential)) }
    }

    private static func expectLimited(_ credential: OpaquePointer?) {
        self.state.withLock { if !$0.limited.contains(UInt(bitPattern: credential)) { $0.misuse += 1 } }
    }

    static let library = GSSAPILibrary(
        acquireCredentialFrom: { _, _, _, _, _, store, credential, _, lifetime in
            let status = FakeGSSAPI.call()
            FakeGSSAPI.expectCache(store?.pointee)
            if status == 0 { credential?.pointee = FakeGSSAPI.allocate() }
            lifetime?.pointee = 1
            return status
        },
        inquireCredential: { _, _, name, lifetime, _, _ in
            let status = FakeGSSAPI.call()
            if status == 0 { name?.pointee = FakeGSSAPI.allocate() }
            lifetime?.pointee = 1
            return status
        },
        displayName: { _, _, text, _ in
            let status = FakeGSSAPI.call()
            if status == 0 { FakeGSSAPI.fill(text) }
            return status
        },
        importName: { _, text, _, name in
            let status = FakeGSSAPI.call()
            FakeGSSAPI.state.withLock { $0.names.append(text?.pointee.string ?? "") }
            if status == 0 { name?.pointee = FakeGSSAPI.allocate() }
            return status
        },
        initializeContext: { _, credential, context, _, _, _, _, _, input, _, output, _, _ in
            let status = FakeGSSAPI.call()
            if context?.pointee == nil {
                context?.pointee = FakeGSSAPI.allocate()
                FakeGSSAPI.expectLimited(credential)
            }
            // A failure may have a token for the other side too.
            FakeGSSAPI.fill(output)
            if FakeGSSAPI.refusesName { return 13 << 16 }
            return status == 0 && input?.pointee.length == 0 ? 1 : status
        },
        displayStatus: { _, _, _, _, _, text in
            FakeGSSAPI.fill(text, FakeGSSAPI.refusesName ? "Server h not found in Kerberos database" : "x")
            return 0
        },
        setNegotiationMechanisms: { _, credential, mechanisms in
            let status = FakeGSSAPI.call()
            if status == 0, mechanisms?.pointee.count == 1 { FakeGSSAPI.limit(credential) }
            return status
        },
        releaseCredential: { _, credential in
            FakeGSSAPI.release(UInt(bitPattern: credential?.pointee))
            credential?.pointee = nil
            return 0
        },
        releaseName: { _, name in
            FakeGSSAPI.release(UInt(bitPattern: name?.pointee))
            name?.pointee = nil
            return 0
        },
        releaseBuffer: { _, buffer in
            FakeGSSAPI.release(UInt(bitPattern: buffer?.pointee.value))
            buffer?.pointee = gss_buffer()
            return 0
        },
        deleteContext: { _, context, _ in
            FakeGSSAPI.release(UInt(bitPattern: context?.pointee))
            context?.pointee = nil
            return 0
        },
        handle: 0
    )
}
