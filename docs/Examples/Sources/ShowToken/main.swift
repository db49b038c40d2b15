// Asks Azure Resource Manager for the subscriptions that this identity can see: swift run ShowToken

import AppAuthentication
import Foundation
import FoundationNetworking

let provider = try AzureServiceTokenProvider()
let token = try await provider.accessToken(forResource: "https://management.azure.com")
print(token.principal)  // IsAuthenticated:True Type:App AppId:… TenantId:…

if let url = URL(string: "https://management.azure.com/subscriptions?api-version=2022-12-01") {
    var request = URLRequest(url: url)
    request.setValue("Bearer \(token.token)", forHTTPHeaderField: "Authorization")
    let (body, _) = try await URLSession.shared.data(for: request)
    print(String(decoding: body, as: UTF8.self))
}
