extension Provider {
    /// Reads a row.
    ///
    /// - Throws: ``ProviderRowError``, which names the column.
    package init(name: String, row: JSONValue) throws(ProviderRowError) {
        var row = try RowReader(row, place: name)
        self.init(name: name, displayName: try row.text("displayName"))
        self.discoveryURL = try row.text("discoveryUrl")
        self.authorizeURL = try row.text("authorizeUrl")
        self.tokenURL = try row.text("tokenUrl")
        self.refreshURL = try row.text("refreshUrl")
        self.deviceURL = try row.text("deviceUrl")
        self.usesTemplates = try row.flag("templates") ?? false
        for (name, var reader) in try row.objects("placeholders") {
            self.placeholders[name.lowercased()] = try Placeholder(&reader)
        }
        self.authorizeParameters = try row.parameters("authParams")
        self.tokenParameters = try row.parameters("tokenParams")
        self.refreshParameters = try row.parameters("refreshParams")
        self.headers = try row.names("headers")
        self.clientAuthentication = try row.choice("clientAuth") ?? .post
        self.body = try row.choice("body") ?? .form
        self.tokenMethod = try row.choice("method") ?? .post
        self.refreshMethod = try row.choice("refreshMethod")
        self.scope = try ScopeRules(&row)
        self.usesPKCE = try row.flag("pkce") ?? true
        self.issuer = try row.text("issuer")
        self.requiresIssuer = try row.flag("issRequired") ?? false
        if var reader = try row.object("answer") { self.answer = try AnswerRules(&reader) }
        self.lifetime = try LifetimeRules(&row)
        self.rotation = try RotationRules(&row)
        self.renewal = try row.choice("renewWith") ?? .refreshToken
        if var reader = try row.object("upgrade") { self.upgrade = try Upgrade(&reader) }
        self.codeParameter = try row.text("codeParam") ?? "code"
        self.keptFromRedirect = try row.texts("fromRedirect")
        self.keptFromAnswer = try row.texts("fromAnswer")
        if var reader = try row.object("identity") { self.identity = try IdentityRules(&reader) }
        if var reader = try row.object("revoke") { self.revocation = try Revocation(&reader) }
        self.allowsPrivateNetwork = try row.flag("privateNetwork") ?? false
        try row.refuseOthers()
    }
}

extension Provider.Placeholder {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        guard let pattern = try row.text("pattern") else {
            throw ProviderRowError(row.place, "has no pattern: say which values are allowed.")
        }
        self.pattern = pattern
        self.defaultValue = try row.text("default")
        self.values = try row.texts("values")
        self.redirectParameter = try row.text("redirect")
        try row.refuseOthers()
    }
}

extension Provider.ScopeRules {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        self.parameter = try row.text("scopeParam") ?? "scope"
        self.separator = try row.text("scopeSep") ?? " "
        self.defaults = try row.texts("scopes")
        self.required = try row.texts("requiredScopes")
        self.isRepeatedOnRefresh = try row.flag("scopeOnRefresh") ?? false
    }
}

extension Provider.AnswerRules {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        if let path = try row.text("path") { self.paths = [path] }
        let paths = try row.texts("paths")
        if !paths.isEmpty { self.paths = paths }
        self.rename = try row.names("rename")
        let statuses = try row.integers("status")
        if !statuses.isEmpty { self.statuses = statuses }
        self.error = try row.text("error") ?? self.error
        self.errorDescription = try row.text("errorDescription") ?? self.errorDescription
        self.okField = try row.text("ok")
        self.errorCodes = try row.names("errorCodes")
        try row.refuseOthers()
    }
}

extension Provider.LifetimeRules {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        self.unit = try row.choice("ttlUnit") ?? .seconds
        self.base = try row.choice("expiryBase") ?? .received
        self.defaultSeconds = try row.seconds("defaultTTL")
        self.marginCap = try row.seconds("marginCap")
    }
}

extension Provider.RotationRules {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        self.kind = try row.choice("rotation")
        self.reuse = try row.choice("reuse")
        self.grace = try row.seconds("grace")
        self.idle = try row.seconds("rtIdle")
        self.hardLimit = try row.seconds("rtHard")
        self.maxGrants = try row.integer("maxGrants")
    }
}

extension Provider.Upgrade {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        guard let url = try row.text("url") else { throw ProviderRowError(row.place, "has no url.") }
        self.url = url
        self.method = try row.choice("method") ?? .post
        self.parameters = try row.parameters("params")
        try row.refuseOthers()
    }
}

extension Provider.IdentityRules {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        self.answer = try row.names("answer")
        self.idToken = try row.flag("idToken") ?? false
        if var reader = try row.object("userinfo") {
            guard let url = try reader.text("url") else { throw ProviderRowError(reader.place, "has no url.") }
            var info = UserInfo(url: url)
            info.method = try reader.choice("method") ?? .get
            info.fields = try reader.names("fields")
            try reader.refuseOthers()
            self.userInfo = info
        }
        try row.refuseOthers()
        for field in Set(self.answer.keys).union(self.userInfo?.fields.keys.map(\.self) ?? [])
        where !["subject", "email", "login"].contains(field) {
            throw ProviderRowError(row.place(of: field), "is none of subject, email, login.")
        }
    }
}

extension Provider.Revocation {
    fileprivate init(_ row: inout RowReader) throws(ProviderRowError) {
        guard let url = try row.text("url") else { throw ProviderRowError(row.place, "has no url.") }
        self.url = url
        self.method = try row.choice("method") ?? .post
        self.authentication = try row.choice("auth") ?? .post
        self.body = try row.choice("body") ?? .form
        self.token = try row.choice("token") ?? .refreshToken
        self.parameters = try row.parameters("params")
        self.endsGrant = try row.flag("full") ?? true
        let statuses = try row.integers("status")
        if !statuses.isEmpty { self.statuses = statuses }
        try row.refuseOthers()
    }
}
