/// Which of the accounts of a developer tool is wanted; without either, the one that the tool itself would take.
struct DeveloperAccount: Sendable, Hashable {
    static let `default` = Self()

    let tenantID: String?
    /// The name or the id of a subscription, which the Azure CLI alone can choose by.
    let subscription: String?

    init(tenantID: String? = nil, subscription: String? = nil) {
        self.tenantID = tenantID
        self.subscription = subscription
    }

    /// What a subscription may be called, so that no argument can be taken for an option.
    static func isSubscription(_ text: String) -> Bool {
        !text.isEmpty && !text.hasPrefix("-")
            && text.unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric || "_. -".unicodeScalars.contains($0) }
    }
}
