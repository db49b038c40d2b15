import Foundation

extension WebServer {
    /// The site of nginx/ and its snippets.
    func startNginx() throws -> ChildProcess {
        try self.writeNginxSite()
        try self.writeNginxSnippets()
        try """
        pid nginx.pid;
        worker_processes 1;
        events { worker_connections 512; }
        http {
            include /etc/nginx/mime.types;
            client_body_temp_path temp/body;
            fastcgi_temp_path temp/fastcgi;
            proxy_temp_path temp/proxy;
            scgi_temp_path temp/scgi;
            uwsgi_temp_path temp/uwsgi;
            include site.conf;
        }
        """
        .write(to: self.directory.appending(path: "nginx.conf"), atomically: true, encoding: .utf8)
        if let secret = self.backEnd.secret {
            try "fastcgi_param TOKEN_PAGE_SECRET \(secret);\n"
                .write(to: self.directory.appending(path: "secret.conf"), atomically: true, encoding: .utf8)
        }
        let user = getuid() == 0 ? " user root;" : ""
        return try self.run(
            "nginx",
            ["-p", self.path(""), "-c", "nginx.conf", "-e", "stderr", "-g", "daemon off;" + user]
        )
    }

    private func writeNginxSite() throws {
        var site = try SiteText("nginx/token-page.conf")
        try site.replace("listen 80;", by: "listen 127.0.0.1:\(self.plainPort);")
        if self.backEnd.isSecure {
            try site.replace("listen 443 ssl;", by: "listen 127.0.0.1:\(self.port) ssl;")
            try site.removeLines(with: ["listen [::]"])
            try site.replace("/etc/letsencrypt/live/token-page.example.com/fullchain.pem;", by: "server.pem;")
            try site.replace(
                "/etc/letsencrypt/live/token-page.example.com/privkey.pem;",
                by: "server.key;\n    ssl_client_certificate clients.pem;\n    ssl_verify_client optional;"
            )
        } else {
            try site.replace("listen 443 ssl;", by: "listen 127.0.0.1:\(self.port);")
            try site.removeLines(with: ["listen [::]", "ssl_certificate", "ssl_protocols", "ssl_session"])
        }
        try site.replace("/usr/local/share/token-page/www", by: sharedFiles)
        try site.replace("/var/log/nginx/", by: "log/")
        try site.replace("/etc/nginx/token-page-secret[.]conf", by: "secret[.]conf")
        // Tests ask more often than a person does.
        try site.replace("rate=10r/s", by: "rate=10000r/s")
        try site.replace("limit_conn token_page_connections 20;", by: "limit_conn token_page_connections 200;")
        try site.replace("server unix:/run/token-page.sock;", by: "server unix:\(self.backEnd.socket);")
        switch self.kind {
        case .nginxKept: break
        case .fcgiwrap:
            try site.removeLines(with: ["fastcgi_pass", "fastcgi_keep_conn"])
            try site.replace("snippets/token-page-fastcgi.conf", by: "snippets/token-page-cgi.conf")
        default:
            try site.replace("fastcgi_keep_conn on;", by: "fastcgi_keep_conn off;")
        }
        if let prefix = self.backEnd.prefix {
            try site.replace(
                "location / {\n        # WHO",
                by: "location ~ ^\(prefix)(?<token_page_path>/.*)$ {\n        # WHO"
            )
            // The last value of a parameter counts.
            try site.replace(
                "fastcgi_param HTTP_AUTHORIZATION \"\";",
                by: """
                    fastcgi_param HTTP_AUTHORIZATION "";
                            fastcgi_param SCRIPT_NAME \(prefix);
                            fastcgi_param PATH_INFO $token_page_path;
                    """
            )
        }
        if !self.backEnd.isClosed {
            let access = self.backEnd.nginxAccess ?? "allow 127.0.0.1;\n        deny all;"
            try site.replace("        deny all;\n\n        include", by: "        \(access)\n\n        include")
        }
        try site.write(to: self.directory, as: "site.conf")
    }

    private func writeNginxSnippets() throws {
        try FileManager.default.createDirectory(
            at: self.directory.appending(path: "snippets"),
            withIntermediateDirectories: true
        )
        let folder = Checkout.root.appending(path: "nginx/snippets").path(percentEncoded: false)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            var snippet = try SiteText("nginx/snippets/" + name)
            switch name {
            case "token-page-cgi.conf":
                let settings = self.backEnd.environment.map { "fastcgi_param \($0.key) \"\($0.value)\";" }
                try snippet.removeLines(with: ["fastcgi_param TOKEN_VAULT_URL"])
                try snippet.replace("fastcgi_pass unix:/run/fcgiwrap.socket;", by: settings.joined(separator: "\n"))
                try snippet.replace("/usr/local/bin/token-page;", by: "\"\(Checkout.program("token-page"))\";")
                try snippet.replace(
                    "\n# The settings",
                    by: "\nfastcgi_pass unix:\(self.path("cgi.sock"));\n# The settings"
                )
            case "token-page-password.conf":
                try snippet.replace("/etc/token-page/htpasswd;", by: "\(self.backEnd.htpasswd);")
            case "token-page-login-proxy.conf":
                try snippet.replace("127.0.0.1:4180", by: "127.0.0.1:\(self.backEnd.loginProxyPort)")
            default: break
            }
            try snippet.write(to: self.directory.appending(path: "snippets"), as: name)
        }
    }
}
