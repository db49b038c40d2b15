import Foundation
import Glibc
import GuardedFiles
import OAuthWire
import TestSupport
import Testing

@testable import AppAuthentication

@Suite("CertificateStore", .timeLimit(.minutes(5)))
struct CertificateStoreTests {
    @Test(arguments: [
        [], ["-keypbe", "NONE", "-certpbe", "NONE"], ["-legacy"],
        ["-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"],
        ["-legacy", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-RC2-40"],
    ])
    func filesOfEveryProtectionAreRead(extra: [String]) async throws {
        let sample = try await CertificateFixture.sample.value
        for password in ["", "s3cret"] {
            let fixture = try CertificateFixture()
            for name in ["sample.key", "sample.crt"] { try fixture.write(try sample.read(name), to: name) }
            try await fixture.makePFX("sample", password: password, extra: extra)
            let contents = await fixture.store(password: password.isEmpty ? nil : password).contents()
            #expect(contents.refusals == [])
            #expect(contents.certificates.map(\.thumbprint) == [try await sample.thumbprint("sample")])
        }
    }

    @Test func thePasswordBesideTheFileIsUsed() async throws {
        let sample = try await CertificateFixture.sample.value
        let fixture = try CertificateFixture()
        for name in ["sample.key", "sample.crt"] { try fixture.write(try sample.read(name), to: name) }
        try await fixture.makePFX("sample", password: "s3cret")
        let path = "\(fixture.path)/sample.pfx"
        #expect(
            await fixture.store().contents().refusals
                == ["\(path) cannot be used. It needs a password, and none was given."]
        )
        #expect(
            await fixture.store(password: "wrong-one").contents().refusals
                == ["\(path) cannot be used. Its password is wrong."]
        )
        try fixture.write("wrong-one\n", to: "sample.password")
        #expect(
            await fixture.store(password: "s3cret").contents().refusals
                == ["\(path) cannot be used. Its password is wrong."]
        )
        try fixture.write("s3cret\n", to: "sample.password")
        #expect(await fixture.store().contents().certificates.count == 1)
        try fixture.setMode(0o644, "sample.password")
        let refusal = try #require(await fixture.store().contents().refusals.first)
        #expect(refusal.hasPrefix("\(fixture.path)/sample.password was not read, because its group or others"))
    }

    @Test func textFilesAreReadInEveryOrderAndForm() async throws {
        let sample = try await CertificateFixture.sample.value
        let thumbprint = try await sample.thumbprint("sample")
        let fixture = try CertificateFixture()
        for name in ["sample.key", "sample.crt"] { try fixture.write(try sample.read(name), to: name) }
        try await fixture.makeCertificate("issuer", subject: "/CN=issuer")
        try await fixture.openssl(["rsa", "-traditional", "-in", "sample.key", "-out", "sample.key1"])
        try await fixture.openssl([
            "pkcs8", "-topk8", "-in", "sample.key", "-passout", "pass:s3cret", "-out", "sample.key8",
        ])
        try fixture.write(try fixture.read("issuer.crt"), to: "sample.issuer")
        for (parts, chain) in [
            (["key", "crt"], 1), (["crt", "key"], 1), (["key1", "crt", "issuer"], 1), (["issuer", "crt", "key8"], 1),
        ] {
            try fixture.makePEM("sample", parts: parts)
            let contents = await fixture.store(password: "s3cret").contents()
            #expect(contents.refusals == [])
            #expect(contents.certificates.map(\.thumbprint) == [thumbprint])
            #expect(contents.certificates.first?.chain.count == chain)
        }
        #expect(
            await fixture.store().contents().refusals
                == ["\(fixture.path)/sample.pem cannot be used. Its private key needs a password."]
        )
        #expect(
            await fixture.store(password: "wrong").contents().refusals
                == ["\(fixture.path)/sample.pem cannot be used. The password of its private key is wrong."]
        )
    }

    @Test(arguments: [
        ("", "It is empty."), ("hello", "It is no PKCS#12 file: "),

        (
            "-----BEGIN CERTIFICATE-----\n",
            "Its block 1 (CERTIFICATE) is damaged: it does not end with -----END CERTIFICATE-----."
        ),
        ("-----BEGIN X-----\nAAAA\n-----END X-----\n", "It holds no private key."),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "Its private key cannot be read: "),
    ])
    func aFileThatIsNoCertificateIsExplained(text: String, reason: String) async throws {
        let fixture = try CertificateFixture()
        try fixture.write(text, to: "bad.pfx")
        let contents = await fixture.store().contents()
        #expect(contents.certificates.isEmpty)
        #expect(contents.refusals.count == 1)
        #expect(contents.refusals.first?.hasPrefix("\(fixture.path)/bad.pfx cannot be used. \(reason)") == true)
    }

    @Test func aKeyWithoutCertificateIsExplained() async throws {
        let fixture = try CertificateFixture()
        try fixture.write(try await CertificateFixture.sample.value.read("sample.key"), to: "key.pem")
        #expect(
            await fixture.store().contents().refusals
                == ["\(fixture.path)/key.pem cannot be used. It holds no certificate."]
        )
    }

    // The group of a test that runs as root may read what is root's, as PostgreSQL has it for its keys.
    @Test(arguments: [
        (0o600, true), (0o400, true), (0o640, geteuid() == 0), (0o440, geteuid() == 0), (0o604, false), (0o620, false),
        (0o644, false),
    ])
    func aKeyThatOthersCanReachIsRefused(mode: Int, isUsed: Bool) async throws {
        let sample = try await CertificateFixture.sample.value
        let fixture = try CertificateFixture()
        try FileManager.default.copyItem(atPath: "\(sample.path)/sample.pfx", toPath: "\(fixture.path)/sample.pfx")
        try fixture.setMode(mode, "sample.pfx")
        let contents = await fixture.store().contents()
        #expect(contents.certificates.count == (isUsed ? 1 : 0))
        #expect(
            contents.refusals
                == (isUsed
                    ? []
                    : [
                        "\(fixture.path)/sample.pfx was not read, because its group or others can get at it, and "
                            + "whoever has it can sign in as this application; run chmod 600 on it."
                    ])
        )
        let guarded = CertificateStore([.init(fixture.path, privacy: .guardedByPlatform)])
        #expect(await guarded.contents().certificates.count == 1)
    }

    @Test(arguments: [0o440, 0o444, 0o640])
    func aCertificateThatSystemdHandsOverIsTakenAsItWasMade(mode: Int) async throws {
        let sample = try await CertificateFixture.sample.value
        let fixture = try CertificateFixture()
        try FileManager.default.copyItem(atPath: "\(sample.path)/sample.pfx", toPath: "\(fixture.path)/sample.pfx")
        try fixture.setMode(mode, "sample.pfx")
        let dependencies = CredentialDependencies.fake(environment: ["CREDENTIALS_DIRECTORY": fixture.path])
        #expect(await CertificateStore(.localMachine, dependencies: dependencies).contents().certificates.count == 1)
        let named = CertificateStore(
            file: "\(fixture.path)/sample.pfx",
            password: nil,
            credentialsDirectory: fixture.path
        )
        #expect(await named.contents().certificates.count == 1)
    }

    @Test func whatIsNoFileIsNotWaitedFor() async throws {
        let fixture = try CertificateFixture()
        try #require(mkfifo("\(fixture.path)/pipe.pfx", 0o600) == 0)
        try FileManager.default.createDirectory(atPath: "\(fixture.path)/d.pem", withIntermediateDirectories: false)
        #expect(
            await fixture.store().contents().refusals == [
                "\(fixture.path)/d.pem was not read, because it is not a regular file.",
                "\(fixture.path)/pipe.pfx was not read, because it is not a regular file.",
            ]
        )
    }

    @Test func onlyTheEndingsOfAPlaceCount() async throws {
        let sample = try await CertificateFixture.sample.value
        #expect(await CertificateStore([.init(sample.path, endings: ["p12"])]).contents() == .init())
        #expect(await CertificateStore([.init("\(sample.path)/nothing")]).contents() == .init())
    }

    @Test func aCertificateInTwoPlacesCountsOnce() async throws {
        let sample = try await CertificateFixture.sample.value
        let store = CertificateStore([.init(sample.path), .init(sample.path)])
        #expect(await store.contents().certificates.count == 1)
    }

    @Test func aRenewedCertificateIsFoundAtOnceAndComesFirst() async throws {
        let fixture = try CertificateFixture()
        let store = fixture.store()
        let old = try await fixture.makeCertificate("old", years: 2020..<2040)
        try fixture.makePEM("old")
        #expect(await store.contents().certificates.map(\.thumbprint) == [old])
        let new = try await fixture.makeCertificate("new", years: 2021..<2040)
        try fixture.makePEM("new")
        let matching = await store.contents().certificates(matching: .subjectName("cn=SAMPLE"))
        #expect(matching.map(\.thumbprint) == [new, old])
        try fixture.remove("old.pem")
        #expect(await store.contents().certificates.map(\.thumbprint) == [new])
    }

    @Test func aCertificateIsFoundByItsWholeNameOrThumbprintInAnyCase() async throws {
        let fixture = try CertificateFixture()
        let thumbprint = try await fixture.makeCertificate("a", subject: "/O=Bar/CN=Foo")
        try fixture.makePEM("a")
        let contents = await fixture.store().contents()
        // As the certificate manager of Windows, openssl and PowerShell show it.
        let pairs = stride(from: 0, to: 40, by: 2).map { String(thumbprint.dropFirst($0).prefix(2)) }
        for spelling in [
            "\u{200E}" + thumbprint, pairs.joined(separator: " "), pairs.joined(separator: ":"),
            " \u{200E}\(pairs.joined(separator: " ").lowercased())\u{200F}\n", pairs.joined(separator: "\u{A0}"),
        ] {
            #expect(contents.certificates(matching: .thumbprint(spelling)).count == 1, "\(spelling)")
        }
        for (identifier, count) in [
            (CertificateReference.Identifier.thumbprint(thumbprint), 1), (.thumbprint(thumbprint.lowercased()), 1),
            (.thumbprint(String(thumbprint.dropLast())), 0), (.subjectName("CN=Foo, O=Bar"), 1),
            (.subjectName("cn=foo, o=bar"), 1), (.subjectName("CN=Foo"), 0), (.subjectName("Foo"), 0),
            (.subjectName("O=Bar, CN=Foo"), 0), (.subjectName(UUID().uuidString), 0),
        ] {
            #expect(contents.certificates(matching: identifier).count == count, "\(identifier)")
        }
        #expect(contents.certificates(matching: nil).count == 1)
    }

    @Test func theStoresOfNETAreDirectoriesOfLinux() {
        let home = CredentialDependencies.fake(environment: [
            "HOME": "/home/a", "AZURE_CLIENT_CERTIFICATE_PASSWORD": "p",
        ])
        #expect(
            CertificateStore(.currentUser, dependencies: home)
                == CertificateStore(
                    [
                        .init("/home/a/.dotnet/corefx/cryptography/x509stores/my", endings: ["pfx"]),
                        .init("/home/a/.config/azure-app-authentication/certificates"),
                    ],
                    password: Secret("p")
                )
        )
        #expect(
            CertificateStore(.currentUser, dependencies: .fake(environment: ["XDG_CONFIG_HOME": "/x"]))
                == CertificateStore([.init("/x/azure-app-authentication/certificates")])
        )
        #expect(
            CertificateStore(.localMachine, dependencies: .fake(environment: ["CREDENTIALS_DIRECTORY": "/run/c"]))
                == CertificateStore([
                    .init("/var/ssl/private", endings: ["p12"], privacy: .guardedByPlatform),
                    .init("/run/c", privacy: .secret(credentialsDirectory: "/run/c")),
                    .init("/etc/azure-app-authentication/certificates"),
                ])
        )
    }

    @Test func nothingThatIsPrintedShowsAKeyOrAPassword() async throws {
        let certificate = try await CertificateFixture.sampleCertificate()
        let store = CertificateStore([.init("/nowhere")], password: Secret("s3cret"))
        var text = "\(certificate) \(certificate.privateKey) \(store)"
        dump(certificate, to: &text)
        dump(certificate.privateKey, to: &text)
        dump(store, to: &text)
        #expect(text.contains(certificate.thumbprint))
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("encoded"))
        #expect(text.contains("<redacted>"))
    }
}
