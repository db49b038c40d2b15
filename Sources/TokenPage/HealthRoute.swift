import HTTPTypes
import Hummingbird
import NIOCore

/// Says that the program runs.
///
/// It asks neither Azure nor the vault: a sick vault is no reason to restart the page.
enum HealthRoute {
    static let path = "/healthz"

    static func add<Context: RequestContext>(to router: Router<Context>) {
        router.get(RouterPath(Self.path)) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "ok\n"))
            )
        }
    }
}
