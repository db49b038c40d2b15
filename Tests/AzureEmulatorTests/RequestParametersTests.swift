import Testing

@testable import AzureEmulator

@Suite
struct RequestParametersTests {
    @Test
    func namesAndValuesAreDecoded() throws {
        let parameters = try RequestParameters("a=b+c&%64=%C3%A9%2B&empty=&bare&&e=f=g")
        #expect(parameters["a"] == "b c")
        #expect(parameters["d"] == "\u{E9}+")
        #expect(parameters["empty"] == nil)
        #expect(parameters["bare"] == nil)
        #expect(parameters["e"] == "f=g")
        #expect(parameters["missing"] == nil)
    }

    @Test(arguments: [
        ("a=1&a=2", RequestParameters.Malformed.repeated("a")),
        ("a=1&%61=2", .repeated("a")),
        ("a=%FF", .encoding("a")),
        ("a=%", .encoding("a")),
        ("%FF=1", .encoding("%FF")),
    ])
    func whatCannotBeReadIsNamed(text: String, error: RequestParameters.Malformed) {
        #expect(throws: error) { try RequestParameters(text) }
    }
}
