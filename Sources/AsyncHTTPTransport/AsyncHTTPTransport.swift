import AsyncHTTPClient
import Foundation
import Locking
import NIOCore
import NIOHTTP1
import NIOSSL
package import TokenTransport
import Waiting

/// Sends requests with AsyncHTTPClient, to exactly the address that was checked.
///
/// It follows no redirect, keeps no cookie, and lets credentials go only where ``BearerPolicy`` does. A name is resolved
/// here, each address is held against the policy, and the connection goes to one that passed: what a name server says a
/// moment later plays no part. Nothing is sent twice, except a GET on a kept connection that turned out to be closed.
///
/// Through a proxy the addresses are checked too, but it is the proxy that connects.
package final class AsyncHTTPTransport: HTTPTransport {
    private let pool: ClientPool
    private let policy: AddressPolicy
    private let resolver: HostResolver
    private let proxies: ProxySettings
    private let maxBodyBytes: Int
    private let userAgent: String

    /// Creates a transport with connections of its own.
    ///
    /// - Parameters:
    ///   - policy: Which addresses may be connected to.
    ///   - trusting: Authorities besides those of the machine.
    ///   - proxies: The proxies of the environment.
    ///   - resolver: Finds the addresses of a name.
    ///   - maxBodyBytes: The largest body of an answer.
    ///   - maxClients: How many hosts' connections are kept.
    ///   - userAgent: What the requests say that they come from, unless they say it themselves.
    package init(
        policy: AddressPolicy = .unrestricted,
        trusting: TrustedCertificates = .ofMachine,
        proxies: ProxySettings = .current,
        resolver: HostResolver = .system,
        maxBodyBytes: Int = 1024 * 1024,
        maxClients: Int = 32,
        userAgent: String = "token-vault"
    ) {
        self.policy = policy
        self.resolver = resolver
        self.proxies = proxies
        self.maxBodyBytes = maxBodyBytes
        self.userAgent = userAgent
        self.pool = ClientPool(limit: maxClients) { key in
            HTTPClient(
                eventLoopGroupProvider: .singleton,
                configuration: .init(key, trusting: trusting)
            )
        }
    }

    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        try BearerPolicy.check(request, proxies: self.proxies)
        try request.checkHeaders()
        try Task.checkCancellation()
        do {
            return try await withDeadline(after: request.timeout) { try await self.answer(to: request) }
        } catch is DeadlineExceeded {
            try Task.checkCancellation()
            let seconds = (request.timeout / .seconds(1)).formatted(.number.grouping(.never))
            throw TransportError(.timeout, "\(request.url.peer) gave no whole answer within \(seconds) s.")
        }
    }

    private func answer(to request: TransportRequest) async throws -> TransportResponse {
        let host = request.url.host(percentEncoded: true) ?? ""
        let isAddress = IPAddress(host) != nil
        // What the client makes of a host has to be what was looked at here.
        guard isAddress || !host.isEmpty && host.utf8.allSatisfy(Self.isPlain) else {
            throw TransportError.unsent(.other, "The host of \(request.url.peer) is not one that can be asked.")
        }
        let proxy = self.proxies.proxy(for: request.url)
        let addresses = try await self.allowedAddresses(of: host, for: request.url.peer, isOptional: proxy != nil)
        if let proxy {
            guard HTTPClient.Configuration.Proxy(environment: proxy) != nil else {
                throw TransportError.unsent(
                    .other,
                    "The proxy that the environment names for \(request.url.peer) is no URL."
                )
            }
            do {
                return try await self.send(request, .init(host: host, address: nil, proxy: proxy))
            } catch let error as UnconnectedError {
                throw error.cause
            }
        }
        var failure = TransportError.unsent(
            .connection,
            "\(request.url.peer) could not be found: the name has no address."
        )
        for address in addresses {
            do {
                return try await self.send(request, .init(host: host, address: address, proxy: nil))
            } catch let error as UnconnectedError {
                failure = error.cause
            }
        }
        throw failure
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The addresses of a host that may be connected to.
    private func allowedAddresses(of host: String, for peer: String, isOptional: Bool) async throws -> [IPAddress] {
        let found: [IPAddress]
        if let address = IPAddress(host) {
            found = [address]
        } else {
            found = try await self.resolver.addresses(host)
        }
        // A proxy may know names that this machine does not.
        guard !found.isEmpty else {
            if isOptional { return [] }
            throw TransportError.unsent(.connection, "\(peer) could not be found: the name has no address.")
        }
        let objections = found.map { self.policy.objection(to: $0) }
        let allowed = zip(found, objections).filter { $0.1 == nil }.map(\.0)
        guard allowed.isEmpty, let objection = objections.lazy.compactMap({ $0 }).first else { return allowed }
        throw TransportError.unsent(
            .refusedAddress,
            "\(peer) is not asked, since its address is \(objection): only public addresses are, and those that are allowed."
        )
    }

    private func send(_ request: TransportRequest, _ key: ClientPool.Key) async throws -> TransportResponse {
        do {
            return try await self.pool.withClient(for: key) { client in
                do {
                    return try await self.execute(request, client)
                } catch let error as HTTPClientError where error == .remoteConnectionClosed && request.method == .get {
                    return try await self.execute(request, client)
                }
            }
        } catch {
            try Task.checkCancellation()
            throw UnconnectedError(error, peer: request.url.peer) ?? TransportError(error, from: request.url.peer)
        }
    }

    private func execute(_ request: TransportRequest, _ client: HTTPClient) async throws -> TransportResponse {
        var message = HTTPClientRequest(url: request.url.absoluteString)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        message.headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        if !message.headers.contains(name: "User-Agent") {
            message.headers.add(name: "User-Agent", value: self.userAgent)
        }
        // A few bytes that unfold to gigabytes are not worth what they save.
        message.headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
        if let body = request.body { message.body = .bytes(ByteBuffer(bytes: body)) }
        // The total deadline above ends the call; the client's own comes behind it, and would have another sentence.
        let deadline = NIODeadline.now() + TimeAmount(request.timeout) + .seconds(1)
        let response = try await client.execute(message, deadline: deadline)
        if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
            throw TransportError(
                .malformedAnswer,
                "\(request.url.peer) sent an answer that cannot be read: it is compressed, and was asked not to be."
            )
        }
        let body = try await response.body.collect(upTo: self.maxBodyBytes)
        return TransportResponse(
            status: Int(response.status.code),
            headers: response.headers.map { ($0.name, $0.value) },
            body: Data(body.readableBytesView)
        )
    }
}

extension HTTPClient.Configuration {
    fileprivate init(_ key: ClientPool.Key, trusting: TrustedCertificates) {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        if !trusting.certificates.isEmpty {
            tls.additionalTrustRoots = [.certificates(trusting.certificates)]
        }
        self.init(
            tlsConfiguration: tls,
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(5))
        )
        self.httpVersion = .http1Only
        self.connectionPool.idleTimeout = .seconds(15)
        self.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 32
        self.connectionPool.retryConnectionEstablishment = false
        if let address = key.address, IPAddress(key.host) == nil {
            for name in [key.host, key.host.lowercased()] { self.dnsOverride[name] = address.description }
        }
        if let proxy = key.proxy { self.proxy = HTTPClient.Configuration.Proxy(environment: proxy) }
    }
}

extension HTTPClient.Configuration.Proxy {
    /// `http://user:word@host:3128`, also without a scheme, or `socks5://host`.
    fileprivate init?(environment text: String) {
        guard let url = URL(string: text.contains("://") ? text : "http://\(text)") else { return nil }
        guard let host = url.host(percentEncoded: false), !host.isEmpty else { return nil }
        if url.scheme?.lowercased().hasPrefix("socks") == true {
            self = .socksServer(host: host, port: url.port ?? 1080)
            return
        }
        let user = url.user(percentEncoded: false)
        let authorization = user.map {
            HTTPClient.Authorization.basic(username: $0, password: url.password(percentEncoded: false) ?? "")
        }
        self = .server(host: host, port: url.port ?? 1080, authorization: authorization)
    }
}
