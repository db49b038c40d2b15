import Foundation
import TokenTransport

/// A provider's answer as it is stored before anybody reads it.
struct KeptAnswer: Codable {
    let status: Int
    let contentType: String?
    let body: Data
    let receivedOn: Date

    init(_ response: TransportResponse, receivedOn: Date) {
        self.status = response.status
        self.contentType = response.header("Content-Type")
        self.body = response.body
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
