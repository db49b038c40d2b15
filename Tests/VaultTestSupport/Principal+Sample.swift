package import VaultCore

extension Principal {
    package static let sample = Principal(
        tenantID: "11111111-1111-1111-1111-111111111111",
        objectID: "22222222-2222-2222-2222-222222222222"
    )
}
