import Foundation
import Logging

/// The variables of the environment without what cannot be a part of their values.
///
/// Values come out of files, secrets of Kubernetes and the clipboard, often with a line feed at the end. Sent as it is, a
/// header with it is refused without a word, and an id with it is nobody's: another identity of the machine would be used
/// instead.
struct CleanedEnvironment: Sendable {
    /// Ids, addresses, names, paths, and the proofs that are sent as headers: none of them begins or ends with white space.
    private static let plain = [
        "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "DEFAULT_IDENTITY_CLIENT_ID", "IDENTITY_ENDPOINT", "IDENTITY_HEADER",
        "IDENTITY_SERVER_THUMBPRINT", "IDENTITY_API_VERSION", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET",
        "AZURE_AUTHORITY_HOST", "AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
        "AZURE_IDENTITY_DISABLE_MULTITENANTAUTH", "AZURE_TOKEN_CREDENTIALS", "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_CLIENT_CERTIFICATE_PATH", "AzureCLIPath",
    ]
    /// Those of them that quotes are never a part of; some tools hand on the quotes of a file of variables.
    private static let unquoted: Set = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "DEFAULT_IDENTITY_CLIENT_ID"]
    /// A person may have chosen a password that ends with a blank, but none that ends with a line.
    private static let passwords = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD"]

    let variables: [String: String]
    /// The names of the variables that something was taken from, in order.
    let cleaned: [String]

    init(_ environment: [String: String]) {
        var variables = environment
        for name in Self.plain {
            guard let value = variables[name] else { continue }
            variables[name] = Self.trimmed(value, isUnquoted: Self.unquoted.contains(name))
        }
        for name in Self.passwords {
            guard let value = variables[name] else { continue }
            variables[name] = String(String.UnicodeScalarView(Self.withoutLineEnd(value.unicodeScalars[...])))
        }
        self.cleaned = (Self.plain + Self.passwords).filter { variables[$0] != environment[$0] }.sorted()
        self.variables = variables
    }

    /// The variables, and a warning about those that something was taken from.
    func variables(warning logger: Logger) -> [String: String] {
        if !self.cleaned.isEmpty {
            logger.warning(
                "white space or quotes around the value of a variable are ignored",
                metadata: ["variables": "\(self.cleaned)"]
            )
        }
        for warning in MistypedVariables.warnings(self.variables) {
            logger.warning("a variable of the environment has no effect", metadata: ["reason": "\(warning)"])
        }
        return self.variables
    }

    private static func trimmed(_ value: String, isUnquoted: Bool) -> String {
        let isPadding = { (scalar: Unicode.Scalar) in
            // A byte order mark is a character for formats.
            scalar.properties.isWhitespace || [.control, .format].contains(scalar.properties.generalCategory)
        }
        let scalars = value.unicodeScalars
        guard let first = scalars.firstIndex(where: { !isPadding($0) }),
            let last = scalars.lastIndex(where: { !isPadding($0) })
        else { return "" }
        let text = String(scalars[first...last])
        guard isUnquoted, text.count > 1, let quote = text.first, quote == "\"" || quote == "'", text.last == quote
        else {
            return text
        }
        return Self.trimmed(String(text.dropFirst().dropLast()), isUnquoted: false)
    }

    private static func withoutLineEnd(_ scalars: Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        var scalars = scalars
        while let last = scalars.last, last == "\n" || last == "\r" { scalars.removeLast() }
        return scalars
    }
}
