import Testing

@testable import AppAuthentication

@Suite("AuthorityHost")
struct AuthorityHostTests {
    @Test(
        arguments: [
            (nil, nil, "https://login.microsoftonline.com/"),
            (nil, "", "https://login.microsoftonline.com/"),
            (nil, "login.microsoftonline.us", "https://login.microsoftonline.us/"),
            (nil, " https://login.microsoftonline.us/ ", "https://login.microsoftonline.us/"),
            (nil, "http://127.0.0.1:8081", "http://127.0.0.1:8081/"),
            ("https://login.chinacloudapi.cn", "login.microsoftonline.us", "https://login.chinacloudapi.cn/"),
            ("HTTPS://login.microsoftonline.com/", nil, "HTTPS://login.microsoftonline.com/"),
            (nil, "login.microsoftonline.us//", "https://login.microsoftonline.us/"),
            (nil, "login.partner.microsoftonline.cn/", "https://login.partner.microsoftonline.cn/"),
            (nil, "https://login.sovcloud-identity.fr", "https://login.sovcloud-identity.fr/"),
            ("http://localhost:1", nil, "http://localhost:1/"),
            ("http://[::1]:1/", nil, "http://[::1]:1/"),
            // The same forms, wherever it is written.
            ("login.microsoftonline.us", nil, "https://login.microsoftonline.us/"),
        ] as [(String?, String?, String)]
    )
    func theArgumentWinsOverTheEnvironment(argument: String?, host: String?, url: String) throws {
        let environment = host.map { ["AZURE_AUTHORITY_HOST": $0] } ?? [:]
        #expect(try AuthorityHost(argument: argument, environment: environment).url == url)
    }

    @Test(arguments: [
        "http://aadinstance/", "ftp://x/", "https://", "https:///x", "non sense",
        "http://127.0.0.1.example.com/", "https://x/?a=b",
    ])
    func anInstanceWhereASecretCouldBeReadIsRefused(text: String) {
        let error = #expect(throws: AzureServiceTokenProviderError.self) {
            try AuthorityHost(argument: text, environment: [:])
        }
        #expect(error?.code == .invalidInstance)
        #expect(error?.description == "azureAdInstance \(text) is not valid. It must use https.")
        let fromEnvironment = #expect(throws: AzureServiceTokenProviderError.self) {
            try AuthorityHost(argument: nil, environment: ["AZURE_AUTHORITY_HOST": text])
        }
        #expect(fromEnvironment?.description == "AZURE_AUTHORITY_HOST \(text) is not valid. It must use https.")
    }

    @Test(arguments: ["", " "])
    func anEmptyInstanceIsNoInstance(text: String) {
        let error = #expect(throws: AzureServiceTokenProviderError.self) {
            try AuthorityHost(argument: text, environment: [:])
        }
        #expect(error?.description == "Value cannot be null. (Parameter 'azureAdInstance')")
    }
}
