import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    init(_ body: some Collection<UInt8>, contentType: String = JSONBody.contentType, status: HTTPResponse.Status = .ok)
    {
        self.init(
            status: status,
            headers: [.contentType: contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    init(json value: some Encodable, status: HTTPResponse.Status = .ok) throws {
        self.init(try JSONBody.encode(value), status: status)
    }
}
