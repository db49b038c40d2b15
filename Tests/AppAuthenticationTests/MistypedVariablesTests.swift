import Testing

@testable import AppAuthentication

@Suite("MistypedVariables")
struct MistypedVariablesTests {
    @Test(arguments: [
        ("AZURE_CLIENT_SECERT", "AZURE_CLIENT_SECRET"), ("AZURE_TENNANT_ID", "AZURE_TENANT_ID"),
        ("AZURE_CLIENTID", "AZURE_CLIENT_ID"), ("azure_client_id", "AZURE_CLIENT_ID"),
        ("AZURE_CLIENT_IDD", "AZURE_CLIENT_ID"),
        ("AzureServicesAuthConectionString", "AzureServicesAuthConnectionString"), ("AZURECLIPATH", "AzureCLIPath"),
        ("AZURE_AUTHORITY_HOTS", "AZURE_AUTHORITY_HOST"), ("AZURE_TENANTID", "AZURE_TENANT_ID"),
    ])
    func aNameWithATypingErrorIsWarnedAbout(name: String, meant: String) {
        #expect(
            MistypedVariables.warnings([name: "s3cret"]) == ["The variable \(name) has no effect; is \(meant) meant?"]
        )
    }

    @Test(arguments: [
        "AZURE_CLIENT_ID", "AZURE_SUBSCRIPTION_ID", "AZURE_CONFIG_DIR", "AZURE_USERNAME", "AZURE_PASSWORD",
        "AZURE_LOCATION",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "HOME", "PATH", "",
        "AZURE_RESOURCE_GROUP",
        "ARM_CLIENT_SECRET", "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "AZURE_ENV_NAME", "IDENTITY_HEADER",
    ])
    func otherNamesAreNot(name: String) {
        #expect(MistypedVariables.warnings([name: "x"]).isEmpty)
    }
}
