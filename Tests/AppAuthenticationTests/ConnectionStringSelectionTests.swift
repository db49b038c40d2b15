import OAuthWire
import Testing

@testable import AppAuthentication

@Suite("ConnectionString selects a credential")
struct ConnectionStringSelectionTests {
    private static let app = "RunAs=App;AppId=\(Sample.appID)"
    private static let inTenant = "\(app);TenantId=\(Sample.tenantID)"

    private static let noStoreLocation =
        "Must contain 'CertificateStoreLocation' attribute and it must not be empty "
        + "when using 'CertificateThumbprint' and 'CertificateSubjectName' attributes"

    private static func secret(_ value: String) -> CredentialSelection {
        .clientSecret(clientID: Sample.appID, tenantID: Sample.tenantID, secret: Secret(value))
    }

    private static func certificate(
        _ identifier: CertificateReference.Identifier,
        _ location: CertificateReference.StoreLocation = .currentUser
    ) -> CredentialSelection {
        .certificate(
            CertificateReference(identifier: identifier, location: location),
            clientID: Sample.appID,
            tenantID: Sample.tenantID
        )
    }

    private static func vault(
        tenantID: String? = nil,
        identityID: String? = nil,
        retryTimeout: Int32 = 0
    ) -> CredentialSelection {
        .keyVaultCertificate(
            KeyVaultCertificateReference(
                secretIdentifier: "SecretIdentifier",
                managedIdentityClientID: identityID,
                retryTimeout: retryTimeout
            ),
            clientID: Sample.appID,
            tenantID: tenantID
        )
    }

    @Test(
        arguments: [
            ("RunAs=Developer; DeveloperTool=AzureCli", .azureCLI(.default)),
            ("RunAs=Developer; DeveloperTool=AzureCLI; ", .azureCLI(.default)),
            ("runas=developer;developertool=azurecli", .azureCLI(.default)),
            ("RunAs=Developer;DeveloperTool=AzureCLI;TenantId=;Subscription=' '", .azureCLI(.default)),
            ("RunAs=Developer;DeveloperTool=AzureCLI;TenantId=a.b", .azureCLI(DeveloperAccount(tenantID: "a.b"))),
            (
                "RunAs=Developer;DeveloperTool=AzureCLI;Subscription=My_s. 1-2",
                .azureCLI(DeveloperAccount(subscription: "My_s. 1-2"))
            ),
            (
                "RunAs=Developer;DeveloperTool=azuredevelopercli;TenantId=T",
                .azureDeveloperCLI(DeveloperAccount(tenantID: "T"))
            ),
            ("RunAs=Developer;DeveloperTool=AzurePowerShell", .azurePowerShell(.default)),
            ("RunAs=Developer; DeveloperTool=VisualStudio", .visualStudio),
            ("RunAs=CurrentUser;", .integratedAuthentication(userName: nil)),
            ("RunAs=CurrentUser;UserName= ann@contoso.com ", .integratedAuthentication(userName: "ann@contoso.com")),
            ("RunAs=App;", .managedIdentity(.systemAssigned, retryTimeout: nil)),
            ("RunAs=App;TenantId=T;AppKey=x", .managedIdentity(.systemAssigned, retryTimeout: nil)),
            ("RunAs=App;MsiRetryTimeout=30", .managedIdentity(.systemAssigned, retryTimeout: .seconds(30))),
            ("RunAs=App;MsiRetryTimeout=0", .managedIdentity(.systemAssigned, retryTimeout: nil)),
            (Self.app, .managedIdentity(.clientID(Sample.appID), retryTimeout: nil)),
            ("\(Self.app);MsiRetryTimeout= +7 ", .managedIdentity(.clientID(Sample.appID), retryTimeout: .seconds(7))),
            ("\(Self.inTenant);Secret=x", .managedIdentity(.clientID(Sample.appID), retryTimeout: nil)),
            ("RunAs=App;ObjectId=o", .managedIdentity(.objectID("o"), retryTimeout: nil)),
            (
                "RunAs=App;resourceid=/r;MsiRetryTimeout=1",
                .managedIdentity(.resourceID("/r"), retryTimeout: .seconds(1))
            ),
            ("\(Self.inTenant);AppKey=x;ObjectId=o", Self.secret("x")),
            ("\(Self.inTenant);AppKey=x", Self.secret("x")),
            ("\(Self.inTenant);AppKey='a;b=c'", Self.secret("a;b=c")),
            (
                "\(Self.inTenant);CertificateThumbprint=123;CertificateStoreLocation=CurrentUser",
                Self.certificate(.thumbprint("123"))
            ),
            (
                "\(Self.inTenant);CertificateSubjectName=CN=x;CertificateStoreLocation= localmachine ",
                Self.certificate(.subjectName("CN=x"), .localMachine)
            ),
            (
                "\(Self.inTenant);CertificateSubjectName=s;CertificateThumbprint=t;CertificateStoreLocation=1;AppKey=x",
                Self.certificate(.thumbprint("t"))
            ),
            ("\(Self.app);KeyVaultCertificateSecretIdentifier=SecretIdentifier", Self.vault()),
            ("\(Self.app);AppKey=x;keyvaultcertificatesecretidentifier=SecretIdentifier", Self.vault()),
            (
                "\(Self.inTenant);KeyVaultCertificateSecretIdentifier=SecretIdentifier;KeyVaultAppId=ignored",
                Self.vault(tenantID: Sample.tenantID)
            ),
            (
                "\(Self.app);KeyVaultCertificateSecretIdentifier=SecretIdentifier;"
                    + "KeyVaultUserAssignedManagedIdentityId=\(Sample.userAssignedID);MsiRetryTimeout=-1",
                Self.vault(identityID: Sample.userAssignedID, retryTimeout: -1)
            ),
        ] as [(String, CredentialSelection)]
    )
    func theSelectionFollowsTheKeys(text: String, selection: CredentialSelection) throws {
        #expect(try ConnectionStringParser.parse(text).selection() == selection)
    }

    /// What follows `Connection string … is not valid. `.
    @Test(arguments: [
        ("DeveloperTool=AzureCLI", "Must contain 'RunAs' attribute and it must not be empty."),
        ("'RunAs'=App", "Must contain 'RunAs' attribute and it must not be empty."),
        ("RunAs=' '", "Must contain 'RunAs' attribute and it must not be empty."),
        (
            "RunAs=Invalid; DeveloperTool=AzureCLI",
            "RunAs value 'Invalid' is not valid.  Allowed values are Developer, CurrentUser, or App"
        ),
        ("RunAs=Developer", "Must contain 'DeveloperTool' attribute and it must not be empty."),
        (
            "RunAs=Developer;DeveloperTool=Rider",
            "DeveloperTool 'Rider' is not valid. Allowed values are AzureCLI or VisualStudio, "
                + "and here AzureDeveloperCLI or AzurePowerShell too"
        ),
        (
            "RunAs=Developer;DeveloperTool=AzureCLI;TenantId=T;Subscription=S",
            "Only one of TenantId and Subscription can choose the account of the Azure CLI."
        ),
        (
            "RunAs=Developer;DeveloperTool=AzurePowerShell;Subscription=S",
            "Subscription chooses an account of the Azure CLI only. Use TenantId."
        ),
        (
            "RunAs=Developer;DeveloperTool=AzureDeveloperCLI;TenantId=a b",
            "TenantId has characters that it cannot have."
        ),
        (
            "RunAs=Developer;DeveloperTool=AzureCLI;Subscription=--x",
            "Subscription has characters that it cannot have."
        ),
        ("\(Self.app);ObjectId=o", "Only one of AppId, ObjectId and ResourceId can name a managed identity."),
        (
            "RunAs=App;ObjectId=o;ResourceId=r",
            "Only one of AppId, ObjectId and ResourceId can name a managed identity."
        ),
        ("RunAs=App;ObjectId= ", "Must contain 'ObjectId' attribute and it must not be empty."),
        ("RunAs=App;ResourceId=", "Must contain 'ResourceId' attribute and it must not be empty."),
        ("RunAs=App;AppId=", "Must contain 'AppId' attribute and it must not be empty."),
        ("\(Self.app);TenantId=T;AppKey=", "Must contain 'AppKey' attribute and it must not be empty."),
        (
            "\(Self.app);CertificateThumbprint=1;CertificateStoreLocation=CurrentUser",
            "Must contain 'TenantId' attribute and it must not be empty."
        ),
        (
            "\(Self.app);CertificateThumbprint=1;CertificateStoreLocation=",
            "Must contain 'CertificateStoreLocation' attribute and it must not be empty."
        ),
        (
            "\(Self.app);CertificateStoreLocation=",
            "Must contain at least one of CertificateSubjectName or CertificateThumbprint attributes."
        ),
        (
            "\(Self.inTenant);CertificateThumbprint=1;CertificateStoreLocation=Invalid",
            "StoreLocation Invalid is not valid. Valid values are CurrentUser and LocalMachine."
        ),
        (
            // The location comes before the tenant, which is missing too.
            "\(Self.app);CertificateThumbprint=1;CertificateStoreLocation=Invalid",
            "StoreLocation Invalid is not valid. Valid values are CurrentUser and LocalMachine."
        ),
        (
            // A number that .NET would take, though it is no location.
            "\(Self.inTenant);CertificateThumbprint=1;CertificateStoreLocation=99",
            "StoreLocation 99 is not valid. Valid values are CurrentUser and LocalMachine."
        ),
        ("\(Self.app);AppKey=", "Must contain 'AppKey' attribute and it must not be empty."),
        ("\(Self.app);CertificateSubjectName=x;AppKey=", Self.noStoreLocation),
        (
            "\(Self.inTenant);CertificateThumbprint=123;",
            Self.noStoreLocation
        ),
        (
            // A bad limit comes before an identifier that is missing.
            "\(Self.app);KeyVaultCertificateSecretIdentifier=;MsiRetryTimeout=1.5",
            "MsiRetryTimeout 1.5 is not valid. Valid values are integers greater than or equal to 0."
        ),
        (
            "RunAs=App;MsiRetryTimeout=2147483648",
            "MsiRetryTimeout 2147483648 is not valid. Valid values are integers greater than or equal to 0."
        ),
        (
            "RunAs=App;MsiRetryTimeout=soon",
            "MsiRetryTimeout soon is not valid. Valid values are integers greater than or equal to 0."
        ),
        (
            "RunAs=App;MsiRetryTimeout=",
            "MsiRetryTimeout  is not valid. Valid values are integers greater than or equal to 0."
        ),
        (
            "\(Self.app);KeyVaultCertificateSecretIdentifier=x;MsiRetryTimeout=99999999999",
            "MsiRetryTimeout 99999999999 is not valid. Valid values are integers greater than or equal to 0."
        ),
    ])
    func badSettingsAreNamedInTheWordsOfDotNET(text: String, message: String) {
        let error = #expect(throws: ConnectionStringError.self) { try ConnectionStringParser.parse(text).selection() }
        #expect(error?.message == "Connection string \(text) is not valid. \(message)")
    }

    @Test(arguments: [
        (
            "RunAs=App;MsiRetryTimeout=-1",
            "MsiRetryTimeout -1 is not valid. Valid values are integers greater than or equal to 0."
        ),
        (
            "\(Self.inTenant);CertificateThumbprint=;CertificateStoreLocation=CurrentUser",
            "Value cannot be null. (Parameter 'certificateIdentifier')"
        ),
        (
            "\(Self.app);KeyVaultCertificateSecretIdentifier= ",
            "Value cannot be null. (Parameter 'certificateIdentifier')"
        ),
        (
            "\(Self.app);TenantId= ;AppKey=x",
            "Connection string \(Self.app);TenantId= ;AppKey=<<Redacted>> is not valid. "
                + "Must contain 'TenantId' attribute and it must not be empty."
        ),
        (
            "\(Self.app);AppKey=x",
            "Connection string \(Self.app);AppKey=<<Redacted>> is not valid. "
                + "Must contain 'TenantId' attribute and it must not be empty."
        ),
    ])
    func someErrorsHaveAFormOfTheirOwn(text: String, message: String) {
        let error = #expect(throws: ConnectionStringError.self) { try ConnectionStringParser.parse(text).selection() }
        #expect(error?.message == message)
    }
}
