import TestSupport
import Testing

@testable import TokenPage

/// The name that systemd binds before it asks for a credential.
@Suite struct UnitRequestTests {
    @Test(arguments: [
        ("\0" + "e7ff8c005c41c892/unit/backup.service/dropbox", "backup.service", "dropbox"),
        // The random number has no leading zeros.
        ("\0" + "c/unit/worker@a-b\\x2dc.service/api_key.txt", "worker@a-b\\x2dc.service", "api_key.txt"),
        ("\0" + "0/unit/dbus.socket/..x", "dbus.socket", "..x"),
    ])
    func whatSystemdSaysIsRead(name: String, unit: String, credential: String) {
        #expect(UnitRequest(peerName: Array(name.utf8)) == UnitRequest(unit: unit, credential: credential))
    }

    @Test(arguments: [
        "", "\0", "/run/peer.sock", "e7/unit/a.service/x", "\0/unit/a.service/x", "\0g/unit/a.service/x",
        "\0" + "01234567890123456/unit/a.service/x", "\0e7/units/a.service/x", "\0e7/unit/a.service",
        "\0e7/unit/a.service/",
        "\0e7/unit//x", "\0e7/unit/a/x", "\0e7/unit/.service/x", "\0e7/unit/@.service/x", "\0e7/unit/a.timer/x",
        "\0e7/unit/a.service/x/y", "\0e7/unit/a.service/x\0", "\0e7/unit/a.service/x\0\0\0", "\0e7/unit/a.service/x\n",
        "\0e7/unit/a b.service/x", "\0e7/unit/a.service/x y", "\0e7/unit/a.service/a:b", "\0e7/unit/a.service/..",
        "\0e7/unit/../a.service/x", "\0e7/unit/é.service/x", "\0e7/unit/a%2eservice/x", "\0\0e7/unit/a.service/x",
    ])
    func everythingElseIsNoRequest(name: String) {
        #expect(UnitRequest(peerName: Array(name.utf8)) == nil)
    }

    @Test func anyBytesAreTaken() {
        var generator = SeededGenerator(seed: 7)
        let valid = Array("\0e7/unit/a.service/x".utf8)
        for _ in 0..<2_000 {
            var bytes = valid
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            if let request = UnitRequest(peerName: bytes) {
                #expect(UnitName.isUnit(request.unit) && UnitName.isCredential(request.credential))
            }
        }
    }
}
