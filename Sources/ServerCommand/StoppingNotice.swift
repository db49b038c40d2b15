import ServiceLifecycle

/// Tells the service manager that this server is on its way out, as soon as a signal has asked it to go.
struct StoppingNotice: Service, CustomStringConvertible {
    let manager: ServiceManager

    var description: String { "StoppingNotice" }

    func run() async throws {
        try await gracefulShutdown()
        self.manager.send(.isStopping)
    }
}
