import Foundation
import Logging
import TokenTransport

/// The person whose Kerberos ticket this process has, in a domain that is federated with Microsoft Entra ID.
///
/// The ticket gets an assertion from the federation service of the domain, and the assertion gets the access token from
/// Microsoft Entra ID. No password is involved, and no browser: where a second factor is asked for, this way ends.
public struct IntegratedAuthenticationCredential: TokenCredential {
    /// The public client that Microsoft has registered for this library, in every tenant.
    static let clientID = "d7813711-9094-4ad3-a062-cac3ec74ebe8"

    /// The name for people.
    public let name = "Active Directory Integrated Authentication"
    /// The heading that helps.
    public let troubleshooting = "active-directory-integrated-authentication"

    /// The sign-in name, where it cannot be told from the name in the ticket.
    let userName: String?
    let dependencies: CredentialDependencies

    /// The person whose Kerberos ticket this process has.
    ///
    /// - Parameters:
    ///   - userName: The sign-in name, where it cannot be told from the name in the ticket.
    ///   - options: What it reaches the world through.
    public init(userName: String? = nil, options: CredentialOptions = CredentialOptions()) {
        self.init(userName: userName, dependencies: options.dependencies)
    }

    init(userName: String?, dependencies: CredentialDependencies) {
        self.userName = userName
        self.dependencies = dependencies
    }

    /// Gets a new token from its source.
    ///
    /// - Throws: ``CredentialFailure`` when there is none, `CancellationError`.
    public func token(for context: TokenRequestContext) async throws -> AccessToken {
        let key = IntegratedAuthenticationMemory.Key(
            azureADInstance: context.azureADInstance,
            userName: self.userName
        )
        let tenantID = self.dependencies.memory.tenantID(for: key) ?? "common"
        let authority = context.authority.isEmpty ? context.azureADInstance + tenantID : context.authority
        guard let endpoint = AuthorityEndpoint(authority: authority, dependencies: self.dependencies) else {
            throw self.failure("The authority \(authority) is not a valid URL.", authority)
        }
        let signIn = IntegratedSignIn(endpoint: endpoint, resource: context.resource, userName: self.userName)
        let result: IntegratedSignIn.Result
        do {
            if let silent = try await self.silently(signIn, key) {
                result = silent
            } else {
                result = try await signIn.withTicket(authority: authority)
            }
        } catch let error as IntegratedAuthenticationError {
            throw self.failure(error.message, authority)
        } catch let error as TokenFormatError {
            throw self.failure(error.message, authority)
        } catch KerberosError.noTicket(let cache) {
            throw self.failure(try await DomainMembership(self.dependencies).message(cache: cache), authority)
        } catch let error as KerberosError {
            throw self.failure(error.message, authority)
        }
        if let refreshToken = result.refreshToken {
            let signIn = IntegratedAuthenticationMemory.SignIn(
                refreshToken: refreshToken,
                ticketPrincipal: result.ticketPrincipal
            )
            self.dependencies.memory.remember(signIn, for: key)
        }
        if context.authority.isEmpty {
            self.dependencies.memory.remember(tenantID: result.token.principal.tenantID, for: key)
        }
        self.warnAboutAnotherUser(result.token.principal)
        return result.token
    }

    /// The way without a ticket: with the refresh token of an earlier sign-in.
    ///
    /// - Returns: Nil when there is none, or it does not work any more. Then the ticket has to.
    private func silently(
        _ signIn: IntegratedSignIn,
        _ key: IntegratedAuthenticationMemory.Key
    ) async throws -> IntegratedSignIn.Result? {
        guard let earlier = self.dependencies.memory.signIn(for: key) else { return nil }
        guard try await self.isStillTicketOwner(earlier.ticketPrincipal) else {
            self.dependencies.memory.forget(earlier, for: key)
            return nil
        }
        do {
            return try await signIn.with(earlier)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            self.dependencies.logger.debug("the refresh token of integrated authentication was of no use")
            // One that was refused will be again; one that did not arrive may be good yet.
            if case IntegratedAuthenticationError.tokenRefused(_, .some, _) = error {
                self.dependencies.memory.forget(earlier, for: key)
            }
            return nil
        }
    }

    /// Whether nobody else's ticket has taken the place of the one that signed in.
    ///
    /// A ticket that is gone or has expired is no other one: the sign-in outlives it.
    private func isStillTicketOwner(_ principal: String) async throws -> Bool {
        do {
            return try await self.dependencies.tickets.ticket(of: self.userName).principal == principal
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            return true
        }
    }

    /// The ticket decides who signs in, whatever the settings say.
    private func warnAboutAnotherUser(_ principal: Principal) {
        guard let userName, let actual = principal.userPrincipalName,
            actual.lowercased() != userName.lowercased()
        else { return }
        self.dependencies.logger.warning(
            "the Kerberos ticket belongs to another user than UserName says",
            metadata: ["UserName": "\(userName)", "signed in": "\(actual)"]
        )
    }

    private func failure(_ reason: String, _ authority: String) -> CredentialFailure {
        CredentialFailure(
            "\(CredentialMessage.integratedAuthenticationUsed) \(CredentialMessage.notAcquired) \(reason)",
            authority: authority
        )
    }
}
