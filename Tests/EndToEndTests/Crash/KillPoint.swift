/// Where a vault is killed.
enum KillPoint: String, Sendable, CaseIterable, CustomStringConvertible {
    case afterArm = "after arm"
    case afterConnect = "after connect"
    case midRequest = "mid request"
    case afterRequest = "after the request"
    case firstByte = "first byte of the answer"
    case afterAnswer = "after the answer"
    case afterSeal = "after the raw seal"
    case afterParse = "after parse"
    case afterLand = "after land"
    case beforeReply = "before the reply"
    case inSave = "in save"
    case inRedirect = "in redirect"
    case inSweep = "in the sweep"

    var description: String { self.rawValue }
}

/// What became of one kill.
struct KillResult: Sendable {
    let point: KillPoint
    let kind: GrantLedger.Kind
    /// How many grants were being renewed.
    var grants = 1
    /// Requests for new tokens that these brought altogether, and how many times somebody armed.
    var requests = 0
    var arms = 0
    /// How many grants need a new login.
    var lost = 0
    /// How many showed that they may be lost, and how long after the restart the last of these did.
    var uncertain = 0
    var labelledAfter: Duration = .zero
    /// What is wrong with it, in words.
    var complaints: [String] = []
}
