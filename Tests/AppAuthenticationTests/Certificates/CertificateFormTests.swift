import Foundation
import OAuthWire
import TestSupport
import Testing

@testable import AppAuthentication

/// The forms that tools give to a certificate and its key, made by the real `openssl`.
@Suite(.timeLimit(.minutes(5)))
struct CertificateFormTests {
    private static func fixture() async throws -> CertificateFixture {
        let sample = try await CertificateFixture.sample.value
        let fixture = try CertificateFixture()
        for name in ["sample.key", "sample.crt"] { try fixture.write(try sample.read(name), to: name) }
        return fixture
    }

    private static func refusal(_ fixture: CertificateFixture, password: String? = "s3cret") async -> [String] {
        await fixture.store(password: password).contents().refusals
            .map {
                $0.replacing("\(fixture.path)/sample.pem cannot be used. ", with: "").replacing(
                    "\(fixture.path)/",
                    with: ""
                )
            }
    }

    @Test(arguments: [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian])
    func aTextFileInUTF16SaysSo(encoding: String.Encoding) async throws {
        let fixture = try await Self.fixture()
        try fixture.makePEM("sample")
        let text = try fixture.read("sample.pem")
        try #require(text.data(using: encoding)).write(to: URL(filePath: "\(fixture.path)/sample.pem"))
        #expect(
            await Self.refusal(fixture) == [
                "It is UTF-16 text, as PowerShell and Notepad write it; save it as UTF-8, with `iconv -f UTF-16 -t UTF-8`."
            ]
        )
        try fixture.write("\u{FEFF}" + text, to: "sample.pem")
        #expect(await fixture.store().contents().certificates.count == 1)
    }

    @Test func aDamagedBlockIsNamedAndItIsNotThePassword() async throws {
        let fixture = try await Self.fixture()
        try await fixture.openssl([
            "pkcs8", "-topk8", "-in", "sample.key", "-passout", "pass:s3cret", "-out", "sample.key8",
        ])
        let (certificate, key) = (try fixture.read("sample.crt"), try fixture.read("sample.key8"))
        let cut = key.split(separator: "\n").dropLast(2).joined(separator: "\n")
        for (text, reason) in [
            (
                certificate + cut,
                "Its block 2 (ENCRYPTED PRIVATE KEY) is damaged: it does not end with -----END ENCRYPTED PRIVATE KEY-----."
            ),
            (
                cut + "\n" + certificate,
                "Its block 1 (ENCRYPTED PRIVATE KEY) is damaged: it does not end with -----END ENCRYPTED PRIVATE KEY-----."
            ),
            (
                key + certificate.replacing("MII", with: "M*I", maxReplacements: 1),
                "Its block 2 (CERTIFICATE) is damaged: it is not base64."
            ),
            (
                key + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "Its block 2 (CERTIFICATE) is damaged: it is empty."
            ),
            (
                key + certificate.replacing("MII", with: "AII", maxReplacements: 1),
                "Its block 2 (CERTIFICATE) is damaged: it is no certificate."
            ),
            (key + certificate, ""),
        ] {
            try fixture.write(text, to: "sample.pem")
            #expect(await Self.refusal(fixture) == (reason.isEmpty ? [] : [reason]))
        }
    }

    @Test(arguments: ["des", "rc2-cbc"])
    func aKeyUnderACipherThatIsGoneIsToldFromAWrongPassword(cipher: String) async throws {
        let fixture = try await Self.fixture()
        try await fixture.openssl([
            "rsa", "-traditional", "-in", "sample.key", "-provider", "legacy", "-provider", "default", "-\(cipher)",
            "-passout", "pass:s3cret", "-out", "sample.old",
        ])
        try fixture.makePEM("sample", parts: ["old", "crt"])
        let name = cipher == "des" ? "DES-CBC" : "RC2-CBC"
        #expect(
            await Self.refusal(fixture) == [
                "Its private key is encrypted with an old cipher (\(name)) that OpenSSL does not offer any more; encrypt it "
                    + "anew with `openssl pkcs8 -topk8 -provider legacy -provider default`."
            ]
        )
        #expect(await Self.refusal(fixture, password: nil) == ["Its private key needs a password."])
    }

    @Test func aKeyUnderTripleDESIsRead() async throws {
        let fixture = try await Self.fixture()
        try await fixture.openssl([
            "rsa", "-traditional", "-in", "sample.key", "-des3", "-passout", "pass:s3cret", "-out", "sample.old",
        ])
        try fixture.makePEM("sample", parts: ["old", "crt"])
        #expect(await Self.refusal(fixture) == [])
        #expect(await Self.refusal(fixture, password: "wrong") == ["The password of its private key is wrong."])
    }

    @Test func aFileWithoutAMACSaysSo() async throws {
        let fixture = try await Self.fixture()
        try await fixture.makePFX("sample", password: "s3cret", extra: ["-nomac"])
        #expect(
            await Self.refusal(fixture) == [
                "sample.pfx cannot be used. It has no MAC, so that nobody can tell whether it was changed; make it anew with "
                    + "`openssl pkcs12 -export`, and without -nomac."
            ]
        )
    }

    @Test func theChainGoesFromTheLeafToTheRootWhateverTheOrderOfTheFile() async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate("root", subject: "/CN=root")
        try await fixture.makeCertificate("stranger", subject: "/CN=stranger")
        // An authority with the same name and another key.
        try await fixture.makeCertificate("impostor", subject: "/CN=root")
        try await fixture.makeCertificate("middle", issuedBy: "root", isAuthority: true)
        try await fixture.makeCertificate("leaf", issuedBy: "middle")
        var expected: [Data] = []
        for name in ["leaf", "middle", "root"] {
            try await fixture.openssl(["x509", "-in", "\(name).crt", "-outform", "DER", "-out", "\(name).der"])
            expected.append(try Data(contentsOf: URL(filePath: "\(fixture.path)/\(name).der")))
        }
        let names = ["leaf", "middle", "root", "stranger", "impostor"]
        for shift in 0..<names.count {
            let order = Array(names[shift...] + names[..<shift])
            for files in [order, order.reversed()] {
                let text = try (["leaf.key"] + files.map { "\($0).crt" }).map { try fixture.read($0) }.joined()
                try fixture.write(text, to: "chain.pem")
                let certificate = try #require(await fixture.store().contents().certificates.first)
                #expect(certificate.chain == expected, "\(files)")
            }
        }
        try fixture.write(try names.dropFirst().map { try fixture.read("\($0).crt") }.joined(), to: "others.txt")
        try fixture.remove("chain.pem")
        try await fixture.makePFX("leaf", extra: ["-certfile", "others.txt"])
        let certificate = try #require(await fixture.store().contents().certificates.first)
        #expect(certificate.chain == expected)
    }
}
