import ForeignText
import Hummingbird

/// A request that is answered with an error, in the form of the service that it was meant for.
protocol EmulatorError: HTTPResponseError {
    /// Why, in one sentence without any secret.
    var reason: String { get }
}

extension String {
    /// The text as it may stand in a message or a log: cut, and without control characters.
    var printable: String {
        PrintableText.marked(String(String.UnicodeScalarView(self.unicodeScalars.prefix(128))), with: "?")
            + (self.unicodeScalars.count > 128 ? "..." : "")
    }
}
