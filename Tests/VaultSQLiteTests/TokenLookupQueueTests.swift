import Foundation
import GRDB
import TestSupport
import Testing
import VaultCore
import VaultTestSupport

@testable import VaultSQLite

struct TokenLookupQueueTests {
    private let files: SQLiteStoreFixture
    private let store: SQLiteStore

    init() async throws {
        self.files = try SQLiteStoreFixture()
        try await self.files.makeStore()
        self.store = try await self.files.open()
        let sealer = try await self.store.sealer(keyEncryptionKey: self.files.keyEncryptionKey())
        _ = try await self.store.createService("dropbox", provider: "dropbox")
        for number in 0..<20 {
            let credential = Credential(accessToken: "\(number)")
            _ = try await self.store.saveCredential(
                credential,
                service: "dropbox",
                token: "token-\(number)",
                sealer: sealer
            )
        }
        _ = try await self.store.grant(.getToken, to: .sample, on: .service("dropbox"))
    }

    @Test func eachOfManyCallersGetsItsOwnAnswer() async throws {
        let stranger = Principal(tenantID: "t", objectID: "o")
        try await withThrowingTaskGroup { group in
            for number in 0..<500 {
                group.addTask {
                    let name = "token-\(number % 25)"
                    let principal = number.isMultiple(of: 3) ? stranger : .sample
                    let found = try await self.store.lookUp(TokenKey(service: "dropbox", token: name), for: principal)
                    switch found {
                    case .forbidden: #expect(number.isMultiple(of: 3))
                    case .missing: #expect(number % 25 >= 20 && !number.isMultiple(of: 3))
                    case .found(let token): #expect(token.name == name && !number.isMultiple(of: 3))
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What was changed before somebody asks is in the answer, whoever else is being answered at that moment.
    @Test func aLookUpSeesWhatWasWrittenBeforeIt() async throws {
        let others = Task {
            while !Task.isCancelled {
                _ = try await self.store.lookUp(TokenKey(service: "dropbox", token: "token-1"), for: .sample)
            }
        }
        defer { others.cancel() }
        let key = TokenKey(service: "dropbox", token: "token-0")
        for _ in 0..<50 {
            _ = try await self.store.revoke(.sample, on: .service("dropbox"))
            #expect(try await self.store.lookUp(key, for: .sample) == .forbidden)
            _ = try await self.store.grant(.getToken, to: .sample, on: .service("dropbox"))
            guard case .found = try await self.store.lookUp(key, for: .sample) else {
                Issue.record("the policy is not seen")
                return
            }
        }
    }

    /// A row that cannot be read is its caller's trouble, and nobody else's of the same transaction.
    @Test func whatGoesWrongWithOneTokenIsNoTroubleOfTheOthers() async throws {
        try await self.store.pool.write {
            try $0.execute(sql: "UPDATE token SET return_urls = '[' WHERE name = 'token-7'")
        }
        try await withThrowingTaskGroup { group in
            for number in 0..<20 {
                group.addTask {
                    let key = TokenKey(service: "dropbox", token: "token-\(number)")
                    if number == 7 {
                        await #expect(throws: DecodingError.self) { try await self.store.lookUp(key, for: .sample) }
                    } else if case .found(let token) = try await self.store.lookUp(key, for: .sample) {
                        #expect(token.name == key.token)
                    } else {
                        Issue.record("\(key) is not found")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aStoreThatIsClosedIsUnavailableToAll() async throws {
        try self.store.pool.close()
        for _ in 0..<3 {
            let error = await #expect(throws: StoreError.self) {
                try await self.store.lookUp(TokenKey(service: "dropbox", token: "token-0"), for: .sample)
            }
            #expect(error?.code != nil)
        }
    }

    @Test(arguments: [
        [], [""], ["a"], ["a", "b"], [",", "[", "]"], ["https://example.com/x?y=z&q", "é"], ["quo\"te"],
        ["back\\slash"],
        ["line\nbreak"], ["a\",\"b"],
    ])
    func aListIsReadAsItWasWritten(list: [String]) throws {
        #expect(try SQLiteStore.list(SQLiteStore.json(list)) == list)
    }

    @Test(arguments: [
        "", "[", "[\"", "[\"]", "[\"a\"", "[\"a\"b\"]", "[\"a\" \"b\"]", "[\"a\",,\"b\"]", "{}", "[1]", "null",
    ])
    func whatIsNoListIsNotRead(text: String) {
        #expect(throws: DecodingError.self) { try SQLiteStore.list(text) }
    }
}
