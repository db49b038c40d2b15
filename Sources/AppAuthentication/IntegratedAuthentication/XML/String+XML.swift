extension String {
    /// The text as it stands between two tags, or in an attribute with double quotes.
    var escapedForXML: String {
        self.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
