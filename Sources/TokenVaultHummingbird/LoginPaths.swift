package import HTTPTypes

/// Where an application has its login: paths as its router sees them, each of which begins with a slash.
public struct LoginPaths: Sendable, Hashable {
    /// Where a link leads to log in: GET.
    public var login = "/login"
    /// Where the vault sends the browser back to: GET.
    ///
    /// The address of the application has to be allowed in the vault (`token-vault store allow-return`).
    public var callback = "/callback"
    /// Where somebody is asked whether to forget the token (GET), and where the form of that question leads (POST).
    public var forget = "/forget"
    /// Where the browser goes when it is done.
    public var home = "/"

    /// The paths of the token page: `/login`, `/callback`, `/forget`, and `/`.
    public init() {}

    /// What each of the routes answers.
    ///
    /// HEAD is a look at an address, as of programs that preview it, and must not spend what is in it.
    package var methods: [String: [HTTPRequest.Method]] {
        [self.login: [.get], self.callback: [.get], self.forget: [.get, .head, .post]]
    }

    /// What is wrong with them; nil when nothing is.
    var problem: String? {
        let routes = [self.login, self.callback, self.forget]
        for path in routes + [self.home] where path.wholeMatch(of: #//|(/[A-Za-z0-9._~\-]+)+/#) == nil {
            return
                "The path \(path) has to begin with a slash, and to have letters, digits and - . _ ~ between slashes."
        }
        guard !routes.contains("/"), Set(routes).count == routes.count else {
            return "The paths of login, callback and forget have to differ from one another, and from /."
        }
        return nil
    }
}
