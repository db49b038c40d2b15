import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import JWTKit
import Logging
import NIOCore
import TestSupport

@testable import AzureEmulator

/// An emulator with the built-in identities, asked directly, without a server.
struct EmulatorFixture: Sendable {
    static let tenant = "0f5ad6e4-52f6-4a0c-9a59-9e1a1a3c7d10"
    static let base = "http://127.0.0.1:8081"

    let emulator: Emulator
    /// Kept, because the directory goes away with its last user.
    private let state: TemporaryDirectory
    private let respond: @Sendable (Request, GatewayRequestContext) async throws -> Response

    /// One key for all tests that only ask, because making one takes a while.
    static let shared = Task { try await EmulatorFixture() }

    init(environment: [String: String] = [:], now: @escaping @Sendable () -> Date = { Date() }) async throws {
        let state = try TemporaryDirectory()
        self.state = state
        let settings = try Settings(
            environment: environment.merging(["AZURE_EMULATOR_STATE": state.path]) { given, _ in given }
        )
        self.emulator = try Emulator(settings: settings)
        let responder = await App.buildResponder(self.emulator, now: now)
        self.respond = { try await responder.respond(to: $0, context: $1) }
    }

    var systemAssigned: Identity { self.identity("system-assigned") }
    var userAssigned: Identity { self.identity("user-assigned") }
    var application: Identity { self.identity("application") }

    private func identity(_ name: String) -> Identity {
        self.emulator.directory.identities.first { $0.name == name }
            ?? Identity(name: "missing", clientID: "", objectID: "", resourceID: nil)
    }

    var clientSecret: String {
        self.emulator.clientSecrets[self.application.clientID]?.value ?? ""
    }

    func get(
        _ path: String,
        _ headers: [String: String] = [:],
        from remoteAddress: String? = "127.0.0.1",
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws -> Answer {
        try await self.ask(.get, path, headers, body: "", from: remoteAddress, logger: logger)
    }

    func post(
        _ path: String,
        _ form: String,
        _ headers: [String: String] = [:],
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) async throws -> Answer {
        let headers = headers.merging(["Content-Type": "application/x-www-form-urlencoded"]) { given, _ in given }
        return try await self.ask(.post, path, headers, body: form, from: "127.0.0.1", logger: logger)
    }

    private func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ headers: [String: String],
        body: String,
        from remoteAddress: String?,
        logger: Logger
    ) async throws -> Answer {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) {
                fields[name] = value
            }
        }
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "127.0.0.1", path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer(string: body))
        )
        let context = GatewayRequestContext(source: .init(logger: logger, remoteAddress: remoteAddress))
        return try await Answer(self.respond(request, context))
    }

    /// The keys that the emulator serves, as a verifier reads them.
    func publishedKeys() async throws -> JWTKeyCollection {
        try await JWTKeyCollection().add(
            jwksJSON: try await self.get("/\(Self.tenant)/discovery/keys").body
        )
    }
}
