package import Foundation

/// A service as it is stored: a third-party API that tokens are for.
package struct StoredService: Sendable, Hashable {
    package let name: String
    package let configuration: ServiceConfiguration
    package let configurationHash: String
    package let createdOn: Date
    package let changedOn: Date

    package init(
        name: String,
        configuration: ServiceConfiguration,
        configurationHash: String,
        createdOn: Date,
        changedOn: Date
    ) {
        self.name = name
        self.configuration = configuration
        self.configurationHash = configurationHash
        self.createdOn = createdOn
        self.changedOn = changedOn
    }

    package var provider: String { self.configuration.provider }
}
