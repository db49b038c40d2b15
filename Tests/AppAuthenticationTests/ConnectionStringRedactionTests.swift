import OAuthWire
import Testing

@testable import AppAuthentication

@Suite("ConnectionString hides secrets")
struct ConnectionStringRedactionTests {
    @Test(arguments: [
        ("RunAs=App;AppKey=s3cret", "RunAs=App;AppKey=<<Redacted>>"),
        ("RunAs=App;APPKEY = s3cret ; TenantId=T", "RunAs=App;APPKEY = <<Redacted>> ; TenantId=T"),
        ("AppKey='s3;cr''et';RunAs=App", "AppKey=<<Redacted>>;RunAs=App"),
        ("AppKey=\"s3cr\"\"et\";RunAs=App", "AppKey=<<Redacted>>;RunAs=App"),
        ("RunAs=App;Secret=s3cret", "RunAs=App;Secret=<<Redacted>>"),
        ("RunAs=App;ClientPassword=s3cret;AppId=x", "RunAs=App;ClientPassword=<<Redacted>>;AppId=x"),
        ("RunAs=App;AppKey=s3cret;TenantId=s3cret", "RunAs=App;AppKey=<<Redacted>>;TenantId=<<Redacted>>"),
        ("RunAs=App;TenantId=T AppKey=s3cret", "RunAs=App;TenantId=T AppKey=<<Redacted>>"),
        ("RunAs=App;AppKey=", "RunAs=App;AppKey="),
        // A semicolon in a secret without quotes, and what follows it.
        ("RunAs=App;AppKey=s3~first;second.half=third", "RunAs=App;AppKey=<<Redacted>>;<<Redacted>>"),
        ("AppKey=s3;a=bbb;c=ddd;TenantId=T", "AppKey=<<Redacted>>;<<Redacted>>;<<Redacted>>;TenantId=T"),
        ("RunAs=App;Unknown=x;AppKey=s3", "RunAs=App;Unknown=x;AppKey=<<Redacted>>"),
        // A secret that is a part of its own mark.
        ("RunAs=App;AppKey=s3Redacted;TenantId=<<Redacted>>", "RunAs=App;AppKey=<<Redacted>>;TenantId=<<Redacted>>"),
        (
            "RunAs=App;AppId=a;TenantId=t;CertificateThumbprint=1",
            "RunAs=App;AppId=a;TenantId=t;CertificateThumbprint=1"
        ),
        (
            "RunAs=App;KeyVaultCertificateSecretIdentifier=https://v/secrets/c",
            "RunAs=App;KeyVaultCertificateSecretIdentifier=https://v/secrets/c"
        ),
    ])
    func aReadableTextLosesTheValuesOfSecretKeysOnly(text: String, redacted: String) throws {
        let connectionString = try ConnectionStringParser.parse(text)
        #expect(connectionString.redacted == redacted)
        var dumped = ""
        dump(connectionString, to: &dumped)
        for shown in ["\(connectionString)", String(reflecting: connectionString), dumped] {
            #expect(!shown.contains("s3"))
        }
    }

    @Test(arguments: [
        ("RunAs=App;AppKey==s3cret", "RunAs=App;AppKey==<<Redacted>>"),
        ("RunAs=App;AppKey=s3;cret", "RunAs=App;AppKey=<<Redacted>>"),
        ("RunAs:App; AppKey: s3cret", "RunAs:App; AppKey: <<Redacted>>"),
        ("RunAs=App;appkey's3cret", "RunAs=App;appkey<<Redacted>>"),
        ("RunAs=App;Password==s3cret", "RunAs=App;Password==<<Redacted>>"),
        (
            "RunAs=App;KeyVaultCertificateSecretIdentifier=https://v/secrets/c;x",
            "RunAs=App;KeyVaultCertificateSecretIdentifier=https://v/secrets/c;x"
        ),
        ("RunAs", "RunAs"),
    ])
    func anUnreadableTextIsCutBehindTheFirstSecretWord(text: String, redacted: String) {
        #expect(throws: ConnectionStringError.improperFormat(redacted)) { try ConnectionStringParser.parse(text) }
    }

    @Test func aSecretThatIsAPartOfItsOwnMarkDoesNotMakeTheTextLonger() throws {
        let text = (0..<8).map { "AppKey\($0)=Redacted;Secret\($0)=<<;Pwd\($0)=e" }.joined(separator: ";")
        let redacted = try ConnectionStringParser.parse(text).redacted
        #expect(redacted.utf8.count < 24 * 40)
        #expect(redacted.hasPrefix("AppK<<Redacted>>y0=<<Redacted>>;S<<Redacted>>cr<<Redacted>>t0=<<Redacted>>"))
    }

    @Test(arguments: [
        ("RunAs=App;AppId=a", []),
        (
            "RunAs=App;AppId=a;Secret=s3cret",
            ["The key Secret is not known and has no effect; a client secret is called AppKey."]
        ),
        ("RunAs=App;TennantId=t", ["The key TennantId is not known and has no effect."]),
        (
            "RunAs=App;AppId=a;TenantId=t;AppKey=s3;cret=x",
            ["What follows a semicolon in a secret is ignored; a secret with a semicolon needs quotes."]
        ),
    ])
    func aKeyWithoutEffectIsWarnedAbout(text: String, warnings: [String]) throws {
        #expect(try ConnectionStringParser.parse(text).warnings == warnings)
    }

    @Test func aRepeatedSecretIsHiddenBothTimes() {
        let error = #expect(throws: ConnectionStringError.self) {
            try ConnectionStringParser.parse("AppKey=s3cret1;AppKey=s3cret2")
        }
        #expect(error?.message.contains("s3cret") == false)
    }

    @Test func aValueThatIsQuotedInAnErrorHidesTheSecretOfAForgottenSemicolon() {
        let error = #expect(throws: ConnectionStringError.self) {
            try ConnectionStringParser.parse("RunAs=App AppKey=s3cret").selection()
        }
        #expect(error?.message.contains("s3cret") == false)
        #expect(error?.message.contains("RunAs value 'App AppKey=<<Redacted>>' is not valid.") == true)
    }

    @Test func theSelectionDoesNotPrintTheSecret() throws {
        let selection = try ConnectionStringParser.parse("RunAs=App;AppId=a;TenantId=t;AppKey=s3cret").selection()
        var dumped = ""
        dump(selection, to: &dumped)
        #expect(!"\(selection) \(String(reflecting: selection)) \(dumped)".contains("s3cret"))
    }
}
