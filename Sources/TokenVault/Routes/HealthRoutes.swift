import FastCGI
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import VaultCore

/// What a supervisor asks: does the process live, and can it do its work.
struct HealthRoutes: Sendable {
    private let readiness: Readiness

    init(store: any VaultStore, sealer: CredentialSealer) {
        self.readiness = Readiness {
            try await store.checkWritable()
            try await sealer.reload()
        }
    }

    func add(to router: some RouterMethods<GatewayRequestContext>) {
        router.on("healthz", methods: [.get: { _, _ in try Self.answer("alive") }])
        router.on("readyz", methods: [.get: { _, context in try await self.ready(logger: context.logger) }])
    }

    private func ready(logger: Logger) async throws -> Response {
        do {
            try await self.readiness.check()
        } catch let error as SealerError {
            logger.error("The keys of the store do not open", metadata: ["error": "\(error)"])
            throw VaultProblem.storeUnavailable
        }
        return try Self.answer("ready")
    }

    private static func answer(_ status: String) throws -> Response {
        let body = try JSONBody.encode(["status": status])
        return Response(
            status: .ok,
            headers: [.contentType: JSONBody.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }
}
