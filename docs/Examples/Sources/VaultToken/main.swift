// Asks a token vault for a token: swift run VaultToken https://vault.example.com/services/dropbox/tokens/sampleToken

import AppAuthentication
import Foundation
import TokenTransport
import TokenVaultClient

guard let text = CommandLine.arguments.dropFirst().first, let url = URL(string: text) else {
    print("Give the URL of a token in a vault.")
    exit(64)
}

let provider = try AzureServiceTokenProvider()
let accessToken = try await provider.accessToken(forResource: "https://tokenvault.azure.net")
let client = try VaultClient(tokenURL: url, transport: URLSessionTransport.shared, timeout: .seconds(10))
do {
    let token = try await client.token(bearer: accessToken.token)
    print("The vault handed out a token of \(token.accessToken.count) characters.")
} catch let error as VaultError where error.refusal?.code == "Unauthenticated" {
    print("Nobody has logged in yet: \(error)")
}
