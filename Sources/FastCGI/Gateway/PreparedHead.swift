package import HTTPTypes

/// The head of an answer that many have, but for the length of the body.
package struct PreparedHead: Sendable {
    /// Its lines but for the last two.
    let lines: [UInt8]
    let status: HTTPResponse.Status

    /// Makes the lines; fields about the length and the connection are left out, as from every head.
    package init(status: HTTPResponse.Status, fields: HTTPFields) {
        self.status = status
        self.lines = ResponseHead.lines(status: status, fields: fields)
    }
}
