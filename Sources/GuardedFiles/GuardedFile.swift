package import Foundation
import Glibc

/// A file that is read only when nobody could have tampered with it, and a secret one only when nobody else can read it.
///
/// What is checked is the file that was opened, and not whatever stands at its path a moment before or after. Nothing that
/// somebody may have put in its place, a pipe or a device, makes the reader wait.
package struct GuardedFile: Sendable, Hashable {
    /// Who else may get at the file.
    package enum Privacy: Sendable, Hashable {
        /// The file is no secret.
        case none
        /// The file is no secret, and nobody but its owner, who is root or the user of this process, can have written it.
        case writtenByOwnerAlone
        /// The owner alone, who is root or the user of this process: what a program has made for itself.
        case ownerAlone
        /// The owner alone, who is root or the user of this process; of root's files, a group of this process too.
        ///
        /// A file that lies directly in the directory of credentials, which is what systemd made for this service
        /// (`$CREDENTIALS_DIRECTORY`), is taken as it was made: systemd guards it with an access control list.
        case secret(credentialsDirectory: String?)
        /// Nobody but root can have written it; anybody may read it.
        case ownedByRoot
        /// Anybody may have written it but everybody: whoever owns it, and the group.
        case notWritableByEverybody
        /// The platform put the file there and guards it, so that its owner and mode say nothing.
        case guardedByPlatform
    }

    /// Which symbolic links the path may end with.
    package enum Links: Sendable, Hashable {
        case refused
        /// Those of a volume that Kubernetes has mounted: inside one mount that is root's and read-only.
        case ofProjectedVolume
        case followed
    }

    package let path: String
    package let privacy: Privacy
    package let links: Links
    package let sizeLimit: Int

    package init(path: String, privacy: Privacy, links: Links, sizeLimit: Int) {
        self.path = path
        self.privacy = privacy
        self.links = links
        self.sizeLimit = sizeLimit
    }

    /// The bytes of the file; nil when there is none.
    ///
    /// The call blocks for as long as the file system takes.
    ///
    /// - Throws: ``GuardedFileError``.
    package func contents() throws(GuardedFileError) -> Data? {
        try self.document()?.contents
    }

    /// The bytes of the file, and whether nobody but root can have written them; nil when there is none.
    ///
    /// The call blocks for as long as the file system takes.
    ///
    /// - Throws: ``GuardedFileError``.
    package func document() throws(GuardedFileError) -> (contents: Data, isOfRootAlone: Bool)? {
        guard let descriptor = try self.open() else { return nil }
        defer { close(descriptor) }
        let status = try FileStatus(descriptor: descriptor, path: self.path)
        guard status.isRegular else { throw GuardedFileError(self.path, .notRegular) }
        if let problem = self.problem(of: status, for: .current) { throw GuardedFileError(self.path, problem) }
        return (try self.read(descriptor), status.owner == 0 && !status.isWritableByOthers)
    }

    /// Checks what stands at the path without opening it, as for a database: to close a descriptor of one drops its locks.
    ///
    /// - Throws: ``GuardedFileError``, also when there is no file.
    package func check() throws(GuardedFileError) {
        guard let status = FileStatus(path: self.path) else {
            throw GuardedFileError(self.path, .unreadable(code: errno))
        }
        guard status.isRegular else { throw GuardedFileError(self.path, .notRegular) }
        if let problem = self.problem(of: status, for: .current) { throw GuardedFileError(self.path, problem) }
    }

    /// The text of the file without white space at either end, read where that may take its time.
    ///
    /// - Throws: ``GuardedFileError``, also when there is no file.
    package func text() async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async {
                continuation.resume(
                    with: Result { () throws(GuardedFileError) in
                        guard let contents = try self.contents() else {
                            throw GuardedFileError(self.path, .unreadable(code: ENOENT))
                        }
                        return String(decoding: contents, as: UTF8.self)
                            .trimmingCharacters(in: .whitespacesAndNewlines)
                    }
                    .mapError { $0 as any Error }
                )
            }
        }
    }

    /// Opens the file; nil when there is none.
    private func open() throws(GuardedFileError) -> Int32? {
        // Nonblocking, because opening a pipe would wait for someone to write into it.
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
        let descriptor = Glibc.open(self.path, self.links == .followed ? flags : flags | O_NOFOLLOW)
        guard descriptor < 0 else { return descriptor }
        switch errno {
        case ENOENT:
            return nil
        case ELOOP where self.links == .ofProjectedVolume:
            guard let target = ProjectedVolume.target(of: self.path) else {
                throw GuardedFileError(self.path, .symbolicLink)
            }
            let descriptor = Glibc.open(target, flags | O_NOFOLLOW)
            guard descriptor >= 0 else { throw GuardedFileError(self.path, .unreadable(code: errno)) }
            return descriptor
        case ELOOP where self.links == .refused:
            throw GuardedFileError(self.path, .symbolicLink)
        case let code:
            throw GuardedFileError(self.path, .unreadable(code: code))
        }
    }

    /// What makes a file unfit for a reader; nil when nothing does.
    func problem(of status: FileStatus, for reader: ProcessIdentity) -> GuardedFileError.Problem? {
        if self.privacy == .ownedByRoot {
            if status.owner != 0 { return .notRoots }
            return status.isWritableByOthers ? .writableByOthers : nil
        }
        if self.privacy == .notWritableByEverybody {
            return status.permissions & 0o002 == 0 ? nil : .writableByEverybody
        }
        guard self.privacy != .none, self.privacy != .guardedByPlatform else { return nil }
        guard status.owner == reader.user || status.owner == 0 else { return .foreignOwner }
        if self.privacy == .writtenByOwnerAlone {
            return status.permissions & 0o022 == 0 ? nil : .writableByOthers
        }
        if status.permissions & 0o077 == 0 { return nil }
        guard case .secret(let credentialsDirectory) = self.privacy else {
            return .openToOthers(permissions: status.permissions)
        }
        if let credentialsDirectory,
            CredentialsDirectory(credentialsDirectory, reader: reader)?.holds(self.path) == true
        {
            return nil
        }
        // As PostgreSQL has it for the keys of its certificates: Debian's ssl-cert, and the fsGroup of Kubernetes.
        if status.owner == 0, status.permissions & 0o037 == 0, reader.groups.contains(status.group) { return nil }
        return .openToOthers(permissions: status.permissions)
    }

    private func read(_ descriptor: Int32) throws(GuardedFileError) -> Data {
        var contents = Data()
        var chunk = [UInt8](repeating: 0, count: min(self.sizeLimit + 1, 16_384))
        while contents.count <= self.sizeLimit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count > 0 {
                contents.append(contentsOf: chunk[..<count])
            } else if count == 0 {
                return contents
            } else if errno != EINTR {
                throw GuardedFileError(self.path, .unreadable(code: errno))
            }
        }
        throw GuardedFileError(self.path, .tooLarge(limit: self.sizeLimit))
    }
}
