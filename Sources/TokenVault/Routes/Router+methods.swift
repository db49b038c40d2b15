import HTTPTypes
import Hummingbird

extension RouterMethods {
    /// Answers some methods of a path, and all others with 405 and `Allow` (RFC 9110 section 15.5.6).
    func on(
        _ path: RouterPath,
        methods: [HTTPRequest.Method: @Sendable (Request, Context) async throws -> Response]
    ) {
        for (method, handler) in methods {
            self.on(path, method: method, use: handler)
        }
        var allowed = Set(methods.keys)
        if allowed.contains(.get) {
            // The router answers HEAD wherever it answers GET.
            allowed.insert(.head)
        }
        let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        for method in Self.knownMethods where !allowed.contains(method) {
            self.on(path, method: method) { _, _ -> Response in
                throw VaultProblem(
                    status: .methodNotAllowed,
                    code: "MethodNotAllowed",
                    message: "This address answers \(allow).",
                    headers: [.allow: allow]
                )
            }
        }
    }

    private static var knownMethods: [HTTPRequest.Method] {
        [.get, .head, .post, .put, .patch, .delete, .options, .trace, .connect]
    }
}
