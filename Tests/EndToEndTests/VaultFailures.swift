import Testing

/// What a vault loses that is killed, stands still or has no disk: beside ``EndToEnd``, and one after the other as well, since that
/// waits for the most part.
@Suite(.serialized) struct VaultFailures {}
