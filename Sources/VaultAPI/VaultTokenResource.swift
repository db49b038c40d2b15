/// A token as the vault's API describes it: the answer to a GET.
package struct VaultTokenResource: Sendable, Hashable {
    /// Whether somebody is logged in behind a token.
    package enum Status: Sendable, Hashable {
        case ok
        case error(code: String, message: String)

        /// Nobody has logged in yet, or the login was undone; the service's own words.
        package static let unauthenticated = Self.error(
            code: "Unauthenticated",
            message: "This connection is not authenticated."
        )
    }

    package var name: String
    package var displayName: String
    package var parameterValues: [String: String]
    package var tokenURI: String
    package var loginURI: String
    /// The access token, `nil` as long as the status is an error.
    package var value: VaultToken?
    package var status: Status
    package var location: String
    /// What else is known; it is ours.
    package var details: VaultTokenDetails?

    package init(
        name: String,
        displayName: String,
        parameterValues: [String: String] = [:],
        tokenURI: String,
        loginURI: String,
        value: VaultToken?,
        status: Status,
        location: String,
        details: VaultTokenDetails? = nil
    ) {
        self.name = name
        self.displayName = displayName
        self.parameterValues = parameterValues
        self.tokenURI = tokenURI
        self.loginURI = loginURI
        self.value = value
        self.status = status
        self.location = location
        self.details = details
    }
}
