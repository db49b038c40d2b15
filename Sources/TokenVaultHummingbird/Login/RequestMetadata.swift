import HTTPTypes

/// What a browser says about why it asks (Fetch Metadata, and the older names of prefetching).
struct RequestMetadata: Sendable {
    private let headers: HTTPFields

    init(_ headers: HTTPFields) {
        self.headers = headers
    }

    /// It fetches in advance what somebody may open; nothing may be used up for that.
    var isPrefetch: Bool {
        ["Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"].contains { name in
            let value = self.value(name)?.lowercased() ?? ""
            return value.contains("prefetch") || value.contains("prerender") || value.contains("preview")
        }
    }

    /// Another site made the browser ask, with a link, a picture or a form of its own; false where it does not say.
    var isFromAnotherSite: Bool {
        ["cross-site", "same-site"].contains(self.value("Sec-Fetch-Site") ?? "")
    }

    /// Whether a form was sent by a page of this site, as far as the browser says.
    func isForm(of address: SiteAddress) -> Bool {
        if let site = self.value("Sec-Fetch-Site"), site != "same-origin" { return false }
        // A page that tells nobody where it was sends `null`.
        if let origin = self.value("Origin"), origin != "null", origin.lowercased() != address.origin { return false }
        return true
    }

    private func value(_ name: String) -> String? {
        HTTPField.Name(name).flatMap { self.headers[$0] }
    }
}
