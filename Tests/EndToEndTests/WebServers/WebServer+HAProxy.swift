import Foundation

extension WebServer {
    /// The site of deploy/web-servers/haproxy.
    func startHAProxy() throws -> ChildProcess {
        var site = try SiteText("deploy/web-servers/haproxy/token-page.cfg")
        try site.removeLines(with: ["bind :::"])
        try site.replace("bind :80\n", by: "bind 127.0.0.1:\(self.plainPort)\n")
        if self.backEnd.isSecure {
            try site.replace(
                "bind :443 ssl crt /etc/haproxy/token-page.pem",
                by: "bind 127.0.0.1:\(self.port) ssl crt \(self.path("both.pem"))"
            )
        } else {
            try site.replace(
                "bind :443 ssl crt /etc/haproxy/token-page.pem ssl-min-ver TLSv1.2 no-tls-tickets alpn h2,http/1.1",
                by: "bind 127.0.0.1:\(self.port)"
            )
        }
        try site.replace("/usr/local/share/token-page/www", by: sharedFiles)
        try site.replace("unix@/token-page.sock", by: "unix@\(self.backEnd.socket)")
        try site.replace("sc_http_req_rate(0) gt 100", by: "sc_http_req_rate(0) gt 100000")
        let closed = "    http-request deny unless monitored\n"
        if !self.backEnd.haproxyUsers.isEmpty {
            // As the comments of the file say.
            let users = self.backEnd.haproxyUsers.map { "    user \($0)\n" }.joined()
            try site.replace(
                "frontend token-page-plain",
                by: "userlist token-page\n\(users)\nfrontend token-page-plain"
            )
            try site.replace(
                closed,
                by: """
                        http-request auth realm Token-page unless monitored or { http_auth(token-page) }
                        http-request set-var(txn.user) http_auth_user

                    """
            )
            try site.replace("    path-info ", by: "    set-param TOKEN_PAGE_USER %[var(txn.user)]\n    path-info ")
        } else if !self.backEnd.isClosed {
            try site.replace(closed, by: "    http-request deny unless monitored or { src 127.0.0.1 }\n")
        }
        if let secret = self.backEnd.secret {
            try site.replace(
                "#set-param TOKEN_PAGE_SECRET \"the secret of /etc/token-page/secret\"",
                by: "set-param TOKEN_PAGE_SECRET \(secret)"
            )
        }
        if let prefix = self.backEnd.prefix {
            try site.replace("path-info ^()(/.*)$", by: "path-info ^(\(prefix))(/.*)$")
            try site.replace(
                "    default_backend token-page\n",
                by:
                    "    http-request return status 404 unless { path_beg \(prefix)/ }\n    default_backend token-page\n"
            )
        }
        try site.replace("log global", by: "log stderr local0")
        try site.write(to: self.directory, as: "haproxy.cfg")
        return try self.run("haproxy", ["-db", "-f", self.path("haproxy.cfg")])
    }
}
