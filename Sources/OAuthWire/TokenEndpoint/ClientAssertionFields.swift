/// The fields by which a client proves who it is with a JWT (RFC 7523 section 2.2).
package enum ClientAssertionFields {
    package static func fields(_ assertion: String) -> [(name: String, value: String)] {
        [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", assertion),
        ]
    }
}
