import Foundation
import Testing
import VaultCore

@testable import TokenVault
@testable import VaultSQLite

struct ForecastCommandTests {
    private let files: StoreFixture

    init() async throws {
        self.files = try StoreFixture()
        try await self.files.makeStore()
        try await self.files.run("service", "create", "dropbox", "--provider", "dropbox")
        try await self.files.run(
            ["service", "set", "gh", "--provider", "github", "--client-id", "id"],
            input: "secret"
        )
    }

    @Test func aCalendarIsInTheOrderOfTime() async throws {
        try await self.files.run(["token", "import", "dropbox", "late", "--expires-in", "864000"], input: "a")
        try await self.files.run(["token", "import", "dropbox", "soon", "--expires-in", "3600"], input: "b")
        try await self.files.run(["token", "import", "dropbox", "far", "--expires-in", "31536000"], input: "c")
        try await self.files.run("token", "create", "dropbox", "new")
        let lines = try await self.files.run("forecast", "--secret-days", "5")
        #expect(lines.count == 4)
        #expect(lines[1].contains("dropbox/soon") && lines[1].contains("the access token expires"))
        #expect(lines[2].contains("service gh") && lines[2].contains("token-vault service secret add gh"))
        #expect(lines[3].contains("dropbox/late"))
        #expect(try await self.files.run("forecast", "--within", "1").count == 2)
        #expect(try await self.files.run("forecast", "--within", "400").count == 4)
        #expect(try await self.files.run("forecast", "--within", "400", "--key-days", "30").count == 5)
        let json = try await self.files.run("forecast", "--json").joined()
        let events = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: String]])
        #expect(events.map { $0["token"] } == ["soon", "late"])
        #expect(events.allSatisfy { Set($0.keys) == ["on", "kind", "service", "token", "remedy"] })
    }

    @Test func nothingIsSaidToo() async throws {
        #expect(
            try await self.files.run("forecast")
                == ["Nothing needs a person within 90 days, as far as anybody can tell."]
        )
        #expect(try await self.files.run("forecast", "--json") == ["[\n\n]"])
    }

    /// The same store, looked at by clocks that are ever further.
    @Test func whatIsForeseenComesNearerAndThenIsDue() async throws {
        try await self.files.run(["token", "import", "dropbox", "soon", "--expires-in", "864000"], input: "b")
        let catalog = try ProviderSettings.catalog(environment: self.files.environment)
        var dates: Set<Date> = []
        for days in [0, 5, 9, 20] {
            let store = try await self.files.open(now: { Date().addingTimeInterval(TimeInterval(days) * 86_400) })
            let reader = ForecastReader(store: store, catalog: catalog, secretDays: nil, keyDays: nil)
            let events = try await reader.events()
            #expect(events.map(\.kind) == [.accessTokenExpires])
            dates.formUnion(events.map(\.date))
        }
        #expect(dates.count == 1)
    }
}
