import TestSupport
import Testing

@testable import AppAuthentication

@Suite("DistinguishedName", .timeLimit(.minutes(5)))
struct DistinguishedNameTests {
    @Test(arguments: [
        ("/CN=foo", "CN=foo"),
        ("/C=DE/ST=Hessen/L=Ort/O=bar/OU=unit/CN=foo", "CN=foo, OU=unit, O=bar, L=Ort, S=Hessen, C=DE"),
        ("/DC=net/DC=example/CN=foo/emailAddress=a@b.c", "E=a@b.c, CN=foo, DC=example, DC=net"),
        ("/O=Bar, Inc./CN=say \"hi\"", "CN=\"say \"\"hi\"\"\", O=\"Bar, Inc.\""),
        ("/O=a\\+b/CN=x", "CN=x, O=\"a+b\""),
        ("/CN= lead", "CN=\" lead\""),
        ("/O=Bücher/CN=x", "CN=x, O=Bücher"),
        ("/O=bar/CN=foo+serialNumber=7", "SERIALNUMBER=7 + CN=foo, O=bar"),
        ("/UID=u/CN=x", "CN=x, userId=u"),
    ])
    func aNameReadsAsInNET(subject: String, name: String) async throws {
        let fixture = try CertificateFixture()
        try await fixture.makeCertificate(
            "a",
            subject: subject,
            key: ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
            extra: ["-utf8", "-multivalue-rdn"]
        )
        try fixture.makePEM("a")
        let contents = await fixture.store().contents()
        #expect(contents.refusals == [])
        #expect(contents.certificates.first?.subject == name)
    }

    @Test func aPartThatNobodyKnowsIsWrittenAsItsNumber() async throws {
        let fixture = try CertificateFixture()
        try fixture.write(
            """
            oid_section = identifiers
            [identifiers]
            odd = 1.2.3.4.5
            [req]
            prompt = no
            distinguished_name = name
            [name]
            odd = v
            CN = x
            """,
            to: "req.conf"
        )
        try await fixture.openssl([
            "req", "-x509", "-nodes", "-config", "req.conf", "-keyout", "a.key", "-out", "a.crt", "-newkey", "rsa:2048",
        ])
        try fixture.makePEM("a")
        #expect(await fixture.store().contents().certificates.first?.subject == "CN=x, OID.1.2.3.4.5=v")
    }
}
