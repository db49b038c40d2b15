extension HostingEnvironment {
    /// Sets apart the socket of systemd with a name (`FileDescriptorName=` of systemd.socket(5)), which is for something else
    /// than FastCGI.
    ///
    /// - Returns: How this process was started but for that socket, and the descriptor of it; nil when there is none.
    package func settingApart(socketNamed name: String) -> (mode: HostingMode, descriptor: Int32?) {
        // Descriptor 3 is the first of systemd's; one socket on another descriptor is not from there.
        guard self.mode.socketNames != nil || self.mode.inheritedDescriptor == 3,
            let names = self.variables["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false),
            String(names.count) == self.variables["LISTEN_FDS"], let index = names.firstIndex(where: { $0 == name })
        else { return (self.mode, nil) }
        let rest = names.indices.filter { $0 != index }
        let mode: HostingMode =
            switch rest.count {
            case 0: .commandLine
            case 1: .inherited(descriptor: 3 + Int32(rest[0]))
            default: .severalSockets(names: rest.map { String(names[$0]) })
            }
        return (mode, 3 + Int32(index))
    }
}
