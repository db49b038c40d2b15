import Logging

extension LoginService {
    /// Tells the operator what the browser is not told; names that nothing has are a stranger's, and are left out.
    func logRefusal(service: String?, token: String?, target: ReturnURL?) {
        let reason =
            service == nil
            ? "there is no such service"
            : token == nil
                ? "there is no such token"
                : target == nil
                    ? "the return address is neither https nor http on this machine, or is odd"
                    : "the return address is not allowed"
        var metadata: Logger.Metadata = ["reason": "\(reason)"]
        if let service { metadata["service"] = "\(service)" }
        if let token { metadata["token"] = "\(token)" }
        if let target { metadata["site"] = "\(target.site)" }
        self.logger.notice("A login was refused", metadata: metadata)
    }
}
