import ServiceLifecycle

/// What a server does besides answering requests, from its start to its end.
package struct BackgroundWork: Service, CustomStringConvertible {
    package let description: String
    private let work: @Sendable () async -> Void
    private let finish: @Sendable () async -> Void

    /// - Parameters:
    ///   - name: What it is, for the log.
    ///   - run: Goes on until its task is cancelled, which it is when the server has ended.
    ///   - finish: Brings to an end what was begun.
    package init(
        _ name: String,
        run: @escaping @Sendable () async -> Void,
        finish: @escaping @Sendable () async -> Void
    ) {
        self.description = name
        self.work = run
        self.finish = finish
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown(self.work)
        await self.finish()
    }
}
