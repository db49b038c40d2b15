import Foundation

extension ProviderFile {
    /// The rows that are compiled into the program, so that no installation can be without them or have other ones.
    static func builtIn() throws(ProviderFileError) -> ProviderFile {
        try ProviderFile(
            path: "providers.json",
            isTrusted: false,
            contents: Data(PackageResources.providers_json)
        )
    }
}
