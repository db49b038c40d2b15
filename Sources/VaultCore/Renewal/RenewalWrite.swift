package import Foundation

/// What a store writes in the transaction that changes a ``RenewalRow``.
package enum RenewalWrite: Sendable, Hashable {
    /// Take this credential in place of the one of the row, with a new version; a refresh token that it lacks stays.
    case replaceCredential(Credential)
    /// Keep the provider's answer, sealed, in the place for the one that nobody has read yet.
    case keepAnswer(Data)
    /// The kept answer is not needed any more.
    case forgetAnswer
    /// Keep an answer, sealed, that must not take the place of the credential: whoever sets things right may need it.
    case quarantine(Data)
    /// Move the kept answer there.
    case quarantineKeptAnswer
    /// Write down what happened in the audit.
    case note(RenewalNote)

    package var note: RenewalNote? {
        if case .note(let note) = self { note } else { nil }
    }
}
