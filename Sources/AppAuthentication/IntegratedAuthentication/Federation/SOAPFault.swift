/// The refusal of a federation service.
struct SOAPFault: Sendable, Hashable {
    private static let soap = "http://www.w3.org/2003/05/soap-envelope"

    /// The reason, and in parentheses the name of the kind of refusal where the service gives one.
    let text: String

    /// Finds the refusal in an answer; nil when the answer is something else.
    init?(_ body: [UInt8]) {
        guard let envelope = try? XMLReader.read(body),
            envelope.name == XMLElement.Name(Self.soap, "Envelope"),
            let fault = envelope.child(Self.soap, "Body")?.child(Self.soap, "Fault")
        else { return nil }
        let reason = fault.child(Self.soap, "Reason")?.child(Self.soap, "Text")?.text.trimmed ?? ""
        let code = fault.child(Self.soap, "Code")
        let subcode = code?.child(Self.soap, "Subcode")?.child(Self.soap, "Value") ?? code?.child(Self.soap, "Value")
        let kind = subcode?.text.trimmed.split(separator: ":").last.map(String.init) ?? ""
        switch (reason.isEmpty, kind.isEmpty) {
        case (false, false): self.text = "\(reason) (\(kind))"
        case (false, true): self.text = reason
        case (true, false): self.text = kind
        case (true, true): self.text = "The service gave no reason."
        }
    }
}
