/// What stands at a path, told without waiting for anything.
package enum FileKind: Sendable, Hashable {
    case regular
    case directory
    case pipe
    /// A socket or a device.
    case other

    /// Follows symbolic links; nil when nothing is there, or nothing that this process may look at.
    package init?(path: String) {
        guard let status = FileStatus(targetOf: path) else { return nil }
        self = status.kind
    }
}
