/// How a program ends: the codes of sysexits.h, where one fits.
///
/// The units in deploy/ go by them: after 64 and 78 nothing is tried again, since only a person can change a command line
/// or a setting.
package enum ExitStatus: Int32, Sendable {
    case success = 0
    /// It failed for a reason that has no code of its own.
    case failure = 1
    /// `EX_USAGE`: the command line is wrong.
    case usage = 64
    /// `EX_IOERR`: what was asked for cannot be written out.
    case output = 74
    /// `EX_TEMPFAIL`: it may work later, as it is.
    case unavailable = 75
    /// `EX_CONFIG`: a setting cannot be used.
    case configuration = 78

    package init(_ error: any Error) {
        self = (error as? any ProgramError)?.exitStatus ?? .failure
    }
}
