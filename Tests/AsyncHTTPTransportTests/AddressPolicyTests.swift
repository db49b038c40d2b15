import Foundation
import Testing
import TokenTransport

@testable import AsyncHTTPTransport

@Suite struct AddressPolicyTests {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "0.1.2.3", "::", "10.0.0.1", "172.16.0.1", "172.31.255.255",
        "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.169.254", "168.63.129.16", "224.0.0.1", "240.0.0.1",
        "255.255.255.255", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "fe80::1", "fc00::1", "fd12::1",
        "fec0::1", "ff02::1", "2001:db8::1", "100::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::8.8.8.8", "2002:7f00:1::", "2002:a00:1::1",
        "2002:a9fe:a9fe::1", "2001:0:1:2:3:4:f5ff:fffe",
    ])
    func anAddressThatIsNotOfThePublicInternetIsRefused(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(AddressPolicy.publicOnly().objection(to: address) != nil)
        #expect(AddressPolicy.unrestricted.objection(to: address) == nil)
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1",
    ])
    func aPublicAddressIsNot(_ text: String) throws {
        #expect(AddressPolicy.publicOnly().objection(to: try #require(IPAddress(text))) == nil)
    }

    @Test(arguments: [
        ("10.1.2.0/24", "10.1.2.3", true), ("10.1.2.0/24", "10.1.3.3", false), ("10.1.2.3", "10.1.2.3", true),
        ("10.1.2.3", "::ffff:10.1.2.3", true), ("10.1.2.3", "64:ff9b::10.1.2.3", true), ("fd00::/8", "fd12::1", true),
        ("fd00::/8", "fc12::1", false), ("fd00::/8", "10.1.2.3", false), ("127.0.0.0/8", "::1", false),
    ])
    func whatARowAllowsIsAllowedAndNothingElse(_ row: String, _ address: String, _ isAllowed: Bool) throws {
        let policy = AddressPolicy.publicOnly(allowing: [try #require(AddressRange(row))])
        #expect((policy.objection(to: try #require(IPAddress(address))) == nil) == isAllowed)
    }

    @Test(arguments: ["", "127.1", "0x7f000001", "2130706433", "127.0.0.1.example.com", "fe80::1%eth0", "1.2.3.4/8"])
    func whatIsNoAddressIsNone(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test func aFileOfRowsIsReadWithItsRemarks() throws {
        let text = "# our own provider\n\n10.1.2.3   # Keycloak\n fd00::/8\r\n"
        let ranges = try AddressAllowanceFile.ranges(in: text, path: "rows")
        #expect(ranges.map(\.description) == ["10.1.2.3/32", "fd00::/8"])
        let error = try #require(throws: AddressAllowanceFile.Failure.self) {
            try AddressAllowanceFile.ranges(in: "10.0.0.0/8\nkeycloak.corp", path: "rows")
        }
        #expect(error.description.hasPrefix("Line 2 of rows"))
    }

    @Test func aFileThatOthersCanWriteIsNotRead() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "rows-\(UUID().uuidString)")
        try Data("10.0.0.0/8".utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let path = url.path(percentEncoded: false)
        try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: path)
        #expect(throws: (any Error).self) { try AddressAllowanceFile(path: path).ranges() }
        guard getuid() == 0 else { return }
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(try AddressAllowanceFile(path: path).ranges().count == 1)
    }
}
