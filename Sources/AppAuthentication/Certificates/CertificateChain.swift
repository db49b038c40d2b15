import COpenSSL

/// The certificates that lead from one to its root, out of those that a file happens to have.
enum CertificateChain {
    /// More than any authority has.
    private static let maxLength = 10

    /// The issuer, its issuer and so on, as far as they are there; all others are left out.
    static func issuers(of certificate: OpaquePointer, among candidates: [OpaquePointer]) -> [OpaquePointer] {
        var chain: [OpaquePointer] = []
        var last = certificate
        while chain.count < Self.maxLength, !Self.isIssuer(last, of: last),
            let issuer = candidates.first(where: { !chain.contains($0) && Self.isIssuer($0, of: last) })
        {
            chain.append(issuer)
            last = issuer
        }
        OpenSSLError.clear()
        return chain
    }

    /// By the names, and by the signature: an authority that got a new key keeps its name.
    private static func isIssuer(_ issuer: OpaquePointer, of certificate: OpaquePointer) -> Bool {
        X509_check_issued(issuer, certificate) == X509_V_OK
            && X509_verify(certificate, X509_get0_pubkey(issuer)) == 1
    }
}
