public import Hummingbird

/// Whose token a visitor gets.
public struct TokenOwner<Context: RequestContext>: Sendable {
    package enum Kind: Sendable {
        case everybody(tokenName: String)
        case browser
        case person(@Sendable (Request, Context) async throws -> String?)
    }

    package let kind: Kind

    /// One token for all, of a name of your choice: whoever sees it can also change it, by logging in.
    public static func everybody(tokenNamed name: String) -> Self {
        Self(kind: .everybody(tokenName: name))
    }

    /// A token for each browser, known by its cookie, for an application without people of its own.
    ///
    /// Whoever clears cookies has to log in again.
    public static var browser: Self { Self(kind: .browser) }

    /// A token for each person, whom the application names.
    ///
    /// - Parameter id: What never changes of the person who makes a request, such as the key of a row: 1 to 1,024 bytes. Nil
    ///   for somebody who has not signed in to the application. It has to come from what the application has verified, and
    ///   never from a header that a browser could have written. In the vault it is part of a digest, with the name of the
    ///   application.
    /// - Returns: The owner.
    public static func person(_ id: @escaping @Sendable (Request, Context) async throws -> String?) -> Self {
        Self(kind: .person(id))
    }
}
