import HTTPTypes

extension HTTPFields {
    /// The value of a header that HTTPTypes has no name for.
    subscript(named name: String) -> String? {
        HTTPField.Name(name).flatMap { self[$0] }
    }
}
