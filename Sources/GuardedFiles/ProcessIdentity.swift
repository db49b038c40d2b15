import Glibc

/// Who reads a file: the user and the groups of this process.
struct ProcessIdentity: Sendable, Hashable {
    let user: UInt32
    let groups: Set<UInt32>

    static var current: Self {
        var groups: Set<UInt32> = [getegid()]
        let count = getgroups(0, nil)
        if count > 0 {
            var others = [gid_t](repeating: 0, count: Int(count))
            let written = getgroups(count, &others)
            if written > 0 { groups.formUnion(others.prefix(Int(written))) }
        }
        return Self(user: geteuid(), groups: groups)
    }
}
