package import FastCGI
import HTTPTypes
package import Hummingbird
import NIOCore
package import ProgramMetrics

/// Shows what a server has counted to whoever may see it; to others there is nothing here.
package struct MetricsRoute: Sendable {
    private let access: MetricsAccess
    private let families: @Sendable () async -> [MetricFamily]

    package init(_ access: MetricsAccess, families: @escaping @Sendable () async -> [MetricFamily]) {
        self.access = access
        self.families = families
    }

    package func add(to router: some RouterMethods<GatewayRequestContext>) {
        guard self.access.isOpen else { return }
        router.get(RouterPath(MetricsAccess.path)) { _, context in
            guard self.access.allows(context) else { throw HTTPError(.notFound) }
            let text = MetricsText.text(of: await self.families())
            return Response(
                status: .ok,
                headers: [.contentType: MetricsText.contentType],
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        }
    }
}
