import Foundation

extension WebServer {
    private static let modules = [
        "mpm_event", "authn_core", "authn_file", "authz_core", "authz_host", "authz_user", "auth_basic", "alias", "dir",
        "env", "mime", "ssl", "headers", "proxy", "proxy_fcgi", "reqtimeout", "setenvif", "cgid",
    ]

    /// The site of deploy/web-servers/apache.
    func startApache() throws -> ChildProcess {
        let folder = "deploy/web-servers/apache/"
        var site = try SiteText(folder + "token-page.conf")
        try site.replace("*:80>", by: "127.0.0.1:\(self.plainPort)>")
        try site.replace("*:443>", by: "127.0.0.1:\(self.port)>")
        if self.backEnd.isSecure {
            try site.replace("/etc/letsencrypt/live/token-page.example.com/fullchain.pem", by: "server.pem")
            try site.replace(
                "/etc/letsencrypt/live/token-page.example.com/privkey.pem",
                by: "server.key\n    SSLCACertificateFile clients.pem\n    SSLVerifyClient optional"
            )
        } else {
            try site.removeLines(with: ["SSLEngine", "SSLProtocol", "SSLSession", "SSLCertificate"])
            try site.replace(" handshake=10", by: "")
        }
        try site.replace("/usr/local/share/token-page/web-servers/apache/", by: self.path(""))
        if self.kind == .apacheCGI {
            try site.replace(
                "Include \(self.path("token-page-fastcgi.conf"))",
                by: "Include \(self.path("token-page-cgi.conf"))"
            )
        }
        if !self.backEnd.isClosed {
            let access = self.backEnd.apacheAccess ?? "Require ip 127.0.0.1"
            try site.replace("        Require all denied", by: "        " + access)
        }
        try site.write(to: self.directory, as: "site.conf")

        var files = try SiteText(folder + "token-page-static.conf")
        try files.replace("/usr/local/share/token-page/www", by: sharedFiles)
        try files.write(to: self.directory, as: "token-page-static.conf")
        try self.writeApacheFastCGI(folder)
        var program = try SiteText(folder + "token-page-cgi.conf")
        try program.replace("/usr/local/share/token-page/www", by: sharedFiles)
        try program.replace("/usr/local/bin/token-page", by: Checkout.program("token-page"))
        try program.removeLines(with: ["SetEnv TOKEN_VAULT_URL"])
        let settings = self.backEnd.environment.map { "SetEnv \($0.key) \"\($0.value)\"" }
        try program.replace("RequestHeader", by: settings.joined(separator: "\n") + "\nRequestHeader")
        try program.write(to: self.directory, as: "token-page-cgi.conf")
        if let secret = self.backEnd.secret {
            try "ProxyFCGISetEnvIf \"true\" TOKEN_PAGE_SECRET \"\(secret)\"\n"
                .write(to: self.directory.appending(path: "secret.conf"), atomically: true, encoding: .utf8)
        }
        let load = Self.modules.map { "LoadModule \($0)_module /usr/lib/apache2/modules/mod_\($0).so" }
        try """
        ServerRoot \(self.path(""))
        DefaultRuntimeDir \(self.path(""))
        PidFile apache.pid
        ServerName localhost
        Define APACHE_LOG_DIR \(self.path("log"))
        ErrorLog log/apache-error.log
        Listen 127.0.0.1:\(self.port)
        Listen 127.0.0.1:\(self.plainPort)
        \(load.joined(separator: "\n"))
        User #65534
        Group #65534
        StartServers 1
        ScriptSock cgid.sock
        TypesConfig /etc/mime.types
        Include site.conf
        """
        .write(to: self.directory.appending(path: "apache.conf"), atomically: true, encoding: .utf8)
        return try self.run("apache2", ["-f", self.path("apache.conf"), "-DFOREGROUND"])
    }

    private func writeApacheFastCGI(_ folder: String) throws {
        var text = try SiteText(folder + "token-page-fastcgi.conf")
        try text.replace("/run/token-page.sock", by: self.backEnd.socket)
        try text.replace("/etc/apache2/token-page-secret.con[f]", by: self.path("secret.con[f]"))
        if let prefix = self.backEnd.prefix {
            try text.replace("ProxyPass \"/\" ", by: "ProxyPass \"\(prefix)/\" ")
            try text.replace(
                "ProxyFCGISetEnvIf \"true\" SCRIPT_NAME \"\"",
                by: "ProxyFCGISetEnvIf \"true\" SCRIPT_NAME \"\(prefix)\""
            )
            try text.replace(
                "ProxyFCGISetEnvIf \"true\" PATH_INFO \"%{REQUEST_URI}\"",
                by: "ProxyFCGISetEnvIf \"%{REQUEST_URI} =~ m#^\(prefix)(/.*)$#\" PATH_INFO \"$1\""
            )
        }
        try text.write(to: self.directory, as: "token-page-fastcgi.conf")
    }
}
