/// The refusal of a federation service.
struct SOAPFault: Sendable, Hashable {
    private static let soap = "http://www.w3.org/2003/05/soap-envelope"
    /// SOAP 1.1, in which a proxy may answer for the service.
    private static let soap11 = "http://schemas.xmlsoap.org/soap/envelope/"

    /// The reason, and in parentheses the name of the kind of refusal where the service gives one.
    let text: String

    /// Finds the refusal in an answer; nil when the answer is something else.
    init?(_ body: [UInt8]) {
        guard let envelope = try? XMLReader.read(body), envelope.name.local == "Envelope" else { return nil }
        let reason: String
        let code: String?
        if let fault = envelope.child(Self.soap, "Body")?.child(Self.soap, "Fault") {
            reason = fault.child(Self.soap, "Reason")?.child(Self.soap, "Text")?.text.trimmed ?? ""
            let element = fault.child(Self.soap, "Code")
            code = (element?.child(Self.soap, "Subcode") ?? element)?.child(Self.soap, "Value")?.text
        } else if let fault = envelope.child(Self.soap11, "Body")?.child(Self.soap11, "Fault") {
            reason = fault.child("", "faultstring")?.text.trimmed ?? ""
            code = fault.child("", "faultcode")?.text
        } else {
            return nil
        }
        let kind = code?.trimmed.split(separator: ":").last.map(String.init) ?? ""
        switch (reason.isEmpty, kind.isEmpty) {
        case (false, false): self.text = "\(reason) (\(kind))"
        case (false, true): self.text = reason
        case (true, false): self.text = kind
        case (true, true): self.text = "The service gave no reason."
        }
    }
}
