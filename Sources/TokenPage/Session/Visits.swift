import FastCGI
import Foundation
import Hummingbird

/// Tells whose a request is.
struct Visits: Sendable {
    /// One request, with what its browser brought.
    struct Visit: Sendable {
        let address: PageAddress
        let cookie: SessionCookie
        /// Nil for a browser that brings none.
        let session: Session?
        /// Whom the web server names: a parameter that only its configuration can set, never a header of the request.
        let user: String?
    }

    let token: TokenAddress
    let publicURL: URL?
    let key: SessionKey

    /// - Returns: nil when nobody can say at which address the page is.
    func visit(_ request: Request, _ context: GatewayRequestContext) -> Visit? {
        guard let address = PageAddress(publicURL: self.publicURL, request: request, context: context) else {
            return nil
        }
        let cookie = SessionCookie(site: address, key: self.key, isKept: self.token.owner == .visitor)
        return Visit(
            address: address,
            cookie: cookie,
            session: cookie.session(in: request.headers),
            user: context.variables[TokenAddress.userVariable]
        )
    }

    func choice(_ visit: Visit, _ session: Session) -> TokenAddress.Choice {
        self.token.choice(visitor: session.visitor, user: visit.user)
    }

    /// What the page shows for a request; nothing is made for a browser that is new.
    func choice(_ request: Request, _ context: GatewayRequestContext) -> TokenAddress.Choice {
        // Most pages have one token for everybody, and need to look at nothing.
        guard self.token.owner != .everybody else { return self.token.choice(visitor: nil, user: nil) }
        let visit = self.visit(request, context)
        return self.token.choice(visitor: visit?.session?.visitor, user: visit?.user)
    }
}
