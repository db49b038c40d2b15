import Foundation
import OAuthWire
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("ClientAssertion", .timeLimit(.minutes(5)))
struct ClientAssertionTests {
    private static let audience = "https://login.microsoftonline.com/T/oauth2/token"
    private static let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    private static func assertion(
        _ certificate: ClientCertificate,
        _ algorithm: ClientAssertion.Algorithm
    ) throws -> ClientAssertion {
        try ClientAssertion(
            certificate: certificate,
            clientID: Sample.appID,
            audience: audience,
            algorithm: algorithm,
            now: Date(timeIntervalSince1970: 1_700_000_000.9),
            identifier: id
        )
    }

    private static func base64URL(hex: String) -> String {
        let digits = Array(hex)
        let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
            UInt8(String(digits[$0...$0 + 1]), radix: 16)
        }
        return Base64URL.encode(Data(bytes))
    }

    private static func decode(_ part: Substring) throws -> Data {
        try #require(Base64URL.decode(part))
    }

    @Test(arguments: [
        (ClientAssertion.Algorithm.rs256, "x5t", "-sha1", [] as [String]),
        (.ps256, "x5t#S256", "-sha256", ["rsa_padding_mode:pss", "rsa_pss_saltlen:32"]),
    ])
    func everyByteIsAsItShouldBe(
        algorithm: ClientAssertion.Algorithm,
        digestName: String,
        digest: String,
        padding: [String]
    ) async throws {
        let sample = try await CertificateFixture.sample.value
        let certificate = try await CertificateFixture.sampleCertificate()
        let fields = try Self.assertion(certificate, algorithm).fields
        #expect(fields.map(\.name) == ["client_assertion_type", "client_assertion"])
        #expect(fields[0].value == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        let parts = fields[1].value.split(separator: ".")
        try #require(parts.count == 3)

        let body = try sample.read("sample.crt").split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        let thumbprint = Self.base64URL(hex: try await sample.thumbprint("sample", digest: digest))
        #expect(
            String(decoding: try Self.decode(parts[0]), as: UTF8.self)
                == "{\"alg\":\"\(algorithm.rawValue)\",\"typ\":\"JWT\",\"x5c\":[\"\(body)\"],"
                + "\"\(digestName)\":\"\(thumbprint)\"}"
        )
        #expect(
            String(decoding: try Self.decode(parts[1]), as: UTF8.self)
                == "{\"aud\":\"\(Self.audience)\",\"exp\":1700000600,\"iss\":\"\(Sample.appID)\","
                + "\"jti\":\"01020304-0506-0708-090a-0b0c0d0e0f10\",\"nbf\":1700000000,\"sub\":\"\(Sample.appID)\"}"
        )
        // What openssl thinks of the signature, with the public key of the certificate.
        let fixture = try CertificateFixture()
        try fixture.write(try sample.read("sample.crt"), to: "sample.crt")
        try fixture.write("\(parts[0]).\(parts[1])", to: "message")
        try Self.decode(parts[2]).write(to: URL(fileURLWithPath: "\(fixture.path)/signature"))
        try fixture.write(
            try await fixture.openssl(["x509", "-in", "sample.crt", "-noout", "-pubkey"]),
            to: "public.pem"
        )
        let verdict = try await fixture.openssl(
            ["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature"]
                + padding.flatMap { ["-sigopt", $0] } + ["message"]
        )
        #expect(verdict == "Verified OK")
    }

    @Test func aSignatureOfTheFirstFormIsAlwaysTheSame() async throws {
        let certificate = try await CertificateFixture.sampleCertificate()
        #expect(
            try Self.assertion(certificate, .rs256).fields[1].value
                == Self.assertion(certificate, .rs256).fields[1].value
        )
        #expect(
            try Self.assertion(certificate, .ps256).fields[1].value
                != Self.assertion(certificate, .ps256).fields[1].value
        )
    }

    @Test func issuersAreSentBehindTheCertificate() async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("issuer", subject: "/CN=issuer")
        try await fixture.makeCertificate("leaf", issuedBy: "issuer")
        try await fixture.makePFX("leaf", extra: ["-certfile", "issuer.crt"])
        let certificate = try #require(await fixture.store().contents().certificates.first)
        let part = try #require(try Self.assertion(certificate, .rs256).fields[1].value.split(separator: ".").first)
        let header = try #require(
            try JSONSerialization.jsonObject(with: Self.decode(part)) as? [String: Any]
        )
        #expect((header["x5c"] as? [String])?.count == 2)
    }

    @Test(arguments: [
        (["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], "The private key is no RSA key"),
        (["rsa:1024"], "The RSA key has 1024 bits; make a certificate with 2048 or more."),
    ])
    func aKeyThatEntraDoesNotTakeIsRefused(key: [String], reason: String) async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("a", key: key)
        try fixture.makePEM("a")
        let certificate = try #require(await fixture.store().contents().certificates.first)
        let error = #expect(throws: CertificateError.self) { try Self.assertion(certificate, .rs256) }
        #expect(error?.reason.hasPrefix(reason) == true)
    }

    @Test func aKeyOfAnotherCertificateIsRefused() async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("a")
        try await fixture.makeCertificate("b")
        try fixture.write(try fixture.read("a.crt") + fixture.read("b.key"), to: "mixed.pem")
        let certificate = try #require(await fixture.store().contents().certificates.first)
        #expect(throws: CertificateError("The private key in the file does not belong to the certificate in it.")) {
            try Self.assertion(certificate, .rs256)
        }
    }

    @Test func nothingThatIsPrintedShowsIt() async throws {
        let assertion = try Self.assertion(await CertificateFixture.sampleCertificate(), .rs256)
        var text = "\(assertion)"
        dump(assertion, to: &text)
        #expect(text.hasPrefix("ClientAssertion(<redacted>)"))
        #expect(!text.contains("ey"))
    }
}
