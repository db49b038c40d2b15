import HTTPTypes
import Hummingbird

extension RouterMethods {
    /// Answers some methods of a path, OPTIONS with those (RFC 9110 section 9.3.7), and all others with 405 and `Allow`
    /// (section 15.5.6).
    func on(
        _ path: RouterPath,
        methods: [HTTPRequest.Method: @Sendable (Request, Context) async throws -> Response]
    ) {
        for (method, handler) in methods {
            self.on(path, method: method, use: handler)
        }
        var allowed = Set(methods.keys).union([.options])
        if allowed.contains(.get) {
            // The router answers HEAD wherever it answers GET.
            allowed.insert(.head)
        }
        let allow = allowed.map(\.rawValue).sorted().joined(separator: ", ")
        self.on(path, method: .options) { _, _ in Response(status: .noContent, headers: [.allow: allow]) }
        for method in HTTPRequest.Method.known where !allowed.contains(method) {
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
}
