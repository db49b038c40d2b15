import Testing

@testable import AppAuthentication

@Suite("CleanedEnvironment")
struct CleanedEnvironmentTests {
    @Test(arguments: [
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "DEFAULT_IDENTITY_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT", "IDENTITY_API_VERSION", "MSI_ENDPOINT", "MSI_SECRET", "AZURE_AUTHORITY_HOST",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_ADDITIONALLY_ALLOWED_TENANTS", "AZURE_TOKEN_CREDENTIALS",
        "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_CERTIFICATE_PATH", "AzureCLIPath",
    ])
    func whiteSpaceAroundAValueThatCannotHaveItGoes(name: String) {
        for value in ["value\n", "value\r\n", " value ", "\tvalue", "\u{FEFF}value", "value\u{A0}", "value\0"] {
            let cleaned = CleanedEnvironment([name: value, "OTHER": value])
            #expect(cleaned.variables == [name: "value", "OTHER": value])
            #expect(cleaned.cleaned == [name])
        }
        #expect(CleanedEnvironment([name: "a b"]).cleaned.isEmpty)
    }

    /// A password may end with a blank, but not with a line.
    @Test(arguments: [
        ("s3cret\n", "s3cret"), ("s3cret\r\n", "s3cret"), (" s3cret ", " s3cret "), ("\"s\"", "\"s\""), ("\n", ""),
    ])
    func ofAPasswordOnlyTheEndOfTheLineGoes(value: String, expected: String) {
        for name in ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD"] {
            let cleaned = CleanedEnvironment([name: value])
            #expect(cleaned.variables[name] == expected)
            #expect(cleaned.cleaned == (value == expected ? [] : [name]))
        }
    }

    @Test func quotesThatAToolHandedOnAreNoPartOfAnID() {
        let cleaned = CleanedEnvironment([
            "AZURE_CLIENT_ID": "\"id\"", "AZURE_TENANT_ID": "' id '", "IDENTITY_HEADER": "\"h\"",
        ])
        #expect(cleaned.variables == ["AZURE_CLIENT_ID": "id", "AZURE_TENANT_ID": "id", "IDENTITY_HEADER": "\"h\""])
    }
}
