import CLinux
import Foundation
import Glibc

/// A volume with secrets that Kubernetes has mounted.
///
/// Each file there is a symbolic link to `..data/NAME`, and `..data` is one to the directory of the current version, so that
/// all files change at once.
enum ProjectedVolume {
    /// What a symbolic link points to, when all of the way lies in one mount that is root's and read-only.
    ///
    /// Nobody in the container can change a link there, or put one.
    static func target(of path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        let target = String(cString: resolved)
        guard let link = FileStatus(path: path), let file = FileStatus(path: target),
            let parent = Self.directory(of: path).flatMap({ FileStatus(path: $0) }),
            link.owner == 0, file.owner == 0, parent.owner == 0,
            link.device == file.device, link.device == parent.device,
            let directory = Self.directory(of: path), is_on_read_only_mount(directory) == 1,
            is_on_read_only_mount(target) == 1, Self.isInside(target, directory)
        else { return nil }
        return target
    }

    private static func directory(of path: String) -> String? {
        let directory = (path as NSString).deletingLastPathComponent
        guard let resolved = realpath(directory.isEmpty ? "." : directory, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func isInside(_ target: String, _ directory: String) -> Bool {
        target.hasPrefix(directory.hasSuffix("/") ? directory : directory + "/")
    }
}
