import Foundation
import TokenTransport

/// A provider's answer as it is stored before anybody reads it.
struct KeptAnswer: Codable {
    let status: Int
    let contentType: String?
    let body: Data
    let receivedOn: Date
    /// Of the service, when the request was sent.
    let configurationHash: String

    init(_ response: TransportResponse, configurationHash: String, receivedOn: Date) {
        self.status = response.status
        self.contentType = response.header("Content-Type")
        self.body = response.body
        self.configurationHash = configurationHash
        self.receivedOn = receivedOn
    }

    var response: TransportResponse {
        TransportResponse(
            status: self.status,
            headers: self.contentType.map { [("Content-Type", $0)] } ?? [],
            body: self.body
        )
    }
}
