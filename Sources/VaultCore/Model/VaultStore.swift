/// Where a vault keeps what it knows; secrets are in it only sealed.
///
/// Each method is one transaction. Errors are ``StoreError``, `CancellationError`, and ``SealerError`` where a sealer is
/// given.
package protocol VaultStore: KeyStore, ServiceStore, TokenStore, PolicyStore, LoginStore, RenewalStore, AuditStore {}
