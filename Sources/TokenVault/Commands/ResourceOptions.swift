import ArgumentParser
import ProgramSupport
import VaultCore

/// What a policy is for, as the commands take it: the whole store if nothing is named.
struct ResourceOptions: ParsableArguments {
    @Option(help: "For this service and its tokens alone.")
    var service: String?

    @Option(help: "For this token of the service alone.")
    var token: String?

    /// - Throws: ``UsageError``.
    func resource() throws -> Resource {
        let service = try self.service.map { try Names.checked($0, of: "service") }
        let token = try self.token.map { try Names.checked($0, of: "token") }
        switch (service, token) {
        case (nil, nil): return .store
        case (let service?, nil): return .service(service)
        case (let service?, let token?): return .token(service: service, token: token)
        case (nil, _?): throw UsageError("--token needs --service: a token has its name within a service.")
        }
    }
}

extension Resource {
    /// As a person reads it.
    var title: String {
        switch self {
        case .store: "the store"
        case .service(let service): "service \(service)"
        case .token(let service, let token): "token \(service)/\(token)"
        }
    }

    /// Why a policy cannot be for it.
    var absence: CommandRefusal {
        switch self {
        case .token(let service, let token): .noToken(token, of: service)
        case .service(let service): .noService(service)
        case .store: CommandRefusal("There is no store.")
        }
    }
}
