import HTTPTypes
package import Hummingbird
import NIOCore

/// Says that the program runs.
///
/// It asks neither Azure nor the vault: a sick vault is no reason to restart the page.
package enum HealthRoute {
    package static let path = "/healthz"

    package static func add<Context: RequestContext>(to router: Router<Context>) {
        router.get(RouterPath(Self.path)) { _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: "ok\n"))
            )
        }
    }
}
