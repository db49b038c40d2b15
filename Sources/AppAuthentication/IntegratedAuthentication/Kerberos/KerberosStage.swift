/// What Kerberos was busy with when it did not come to an end.
package enum KerberosStage: Sendable, Hashable {
    /// Opening the place where tickets are kept, by its name.
    case cache(String)
    case domainController
}
