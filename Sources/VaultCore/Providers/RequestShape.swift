import Foundation
import OAuthWire
import TokenTransport

/// Where the fields of a request go.
struct RequestShape: Sendable {
    let method: Provider.RequestMethod
    let body: Provider.RequestBody

    func request(
        _ url: URL,
        _ fields: [(name: String, value: String)],
        _ headers: [(String, String)]
    ) -> TransportRequest {
        var headers = headers.map { (name: $0.0, value: $0.1) }
        // No body belongs to a GET.
        guard self.method != .get, self.body != .query else {
            return TransportRequest(self.transportMethod, url: url.appending(query: fields), headers: headers)
        }
        guard !fields.isEmpty else { return TransportRequest(self.transportMethod, url: url, headers: headers) }
        let body: Data
        if self.body == .json {
            headers.append(("Content-Type", "application/json"))
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            // Texts can always be encoded.
            body = (try? encoder.encode(Dictionary(fields, uniquingKeysWith: { $1 }))) ?? Data()
        } else {
            headers.append(("Content-Type", "application/x-www-form-urlencoded"))
            body = URLEncoding.form(fields)
        }
        return TransportRequest(self.transportMethod, url: url, headers: headers, body: body)
    }

    private var transportMethod: TransportRequest.Method { TransportRequest.Method(rawValue: self.method.rawValue) }
}
