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
