/// Somebody who can log in at the provider; there are no passwords.
struct Person: Sendable, Hashable {
    let loginName: String
    let name: String

    var subject: String { "person-\(self.loginName)" }
    var email: String { "\(self.loginName)@example.com" }

    static let all = [
        Person(loginName: "alice", name: "Alice Anderson"), Person(loginName: "bob", name: "Bob Brown"),
        Person(loginName: "carol", name: "Carol Clark"),
    ]
}
