import Foundation

extension WebServer {
    /// The site of deploy/web-servers/lighttpd.
    func startLighttpd() throws -> ChildProcess {
        let folder = "deploy/web-servers/lighttpd/"
        var site = try SiteText(folder + "token-page.conf")
        try site.replace("$SERVER[\"socket\"] == \":443\"", by: "$SERVER[\"socket\"] == \"127.0.0.1:\(self.port)\"")
        if self.backEnd.isSecure {
            let folder = "/etc/letsencrypt/live/token-page.example.com/"
            try site.replace(folder + "fullchain.pem", by: self.path("server.pem"))
            try site.replace(folder + "privkey.pem", by: self.path("server.key"))
        } else {
            try site.removeLines(with: ["    ssl."])
            // There is one scheme then, and so the redirect of the other is not there.
            try site.replace("$HTTP[\"scheme\"] == \"http\"", by: "$HTTP[\"scheme\"] == \"none\"")
            try site.replace("$HTTP[\"scheme\"] == \"https\"", by: "$HTTP[\"scheme\"] == \"http\"")
        }
        try site.replace("/usr/local/share/token-page/web-servers/lighttpd/", by: self.path(""))
        try site.replace("/usr/local/share/token-page/www", by: sharedFiles)
        try site.replace("/var/log/lighttpd/", by: self.path("log/"))
        if !self.backEnd.isClosed {
            try site.replace("$HTTP[\"remoteip\"] != \"192.0.2.0/24\"", by: "$HTTP[\"remoteip\"] != \"127.0.0.1\"")
        }
        if self.kind == .lighttpdCGI {
            try site.replace("token-page-fastcgi.conf\"", by: "token-page-cgi.conf\"")
            try site.replace("\"mod_fastcgi\"", by: "\"mod_cgi\"")
        }
        try site.write(to: self.directory, as: "site.conf")

        var text = try SiteText(folder + "token-page-fastcgi.conf")
        try text.replace("/run/token-page.sock", by: self.backEnd.socket)
        try text.replace("/etc/lighttpd/token-page-secret.con[f]", by: self.path("secret.con[f]"))
        if let prefix = self.backEnd.prefix {
            try text.replace("\"/\" => ((", by: "\"\(prefix)\" => ((")
            try text.removeLines(with: ["fix-root-scriptname"])
        }
        try text.write(to: self.directory, as: "token-page-fastcgi.conf")
        var program = try SiteText(folder + "token-page-cgi.conf")
        try program.replace("/usr/local/bin/token-page/", by: Checkout.program("token-page") + "/")
        try program.removeLines(with: ["\"TOKEN_VAULT_URL\" =>"])
        let settings = self.backEnd.environment.map { "    \"\($0.key)\" => \"\($0.value)\"," }
        try program.replace("set-environment = (", by: "set-environment = (\n" + settings.joined(separator: "\n"))
        try program.write(to: self.directory, as: "token-page-cgi.conf")
        if let secret = self.backEnd.secret {
            try "setenv.set-environment = ( \"TOKEN_PAGE_SECRET\" => \"\(secret)\" )\n"
                .write(to: self.directory.appending(path: "secret.conf"), atomically: true, encoding: .utf8)
        }
        try """
        server.modules = ( "mod_access", "mod_alias", "mod_redirect" )
        server.document-root = "\(self.path("temp"))"
        server.upload-dirs = ( "\(self.path("temp"))" )
        server.errorlog = "\(self.path("log/lighttpd-error.log"))"
        server.bind = "127.0.0.1"
        server.port = \(self.plainPort)
        mimetype.assign = ( ".css" => "text/css", ".svg" => "image/svg+xml", ".html" => "text/html" )
        include "site.conf"
        server.modules += ( "mod_staticfile" )
        """
        .write(to: self.directory.appending(path: "lighttpd.conf"), atomically: true, encoding: .utf8)
        return try self.run("lighttpd", ["-D", "-f", self.path("lighttpd.conf")])
    }
}
