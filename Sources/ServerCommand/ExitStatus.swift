import FastCGI

/// How a program ends when it fails: the codes of sysexits.h, where one fits.
///
/// The units in deploy/ go by them: 78 is not tried again, since only a person can change a setting.
enum ExitStatus: Int32 {
    /// It failed for a reason that has no code of its own.
    case failure = 1
    /// `EX_TEMPFAIL`: it may work later, as it is.
    case unavailable = 75
    /// `EX_CONFIG`: a setting cannot be used.
    case configuration = 78

    init(_ error: any Error) {
        switch error {
        case is ConfigurationError: self = .configuration
        case is UnavailableError: self = .unavailable
        case let error as FastCGIServerError where error.code == .invalidAddress: self = .configuration
        case let error as FastCGIServerError where error.code == .unavailable: self = .unavailable
        default: self = .failure
        }
    }
}
