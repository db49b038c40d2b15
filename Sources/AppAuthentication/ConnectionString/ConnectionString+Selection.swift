import OAuthWire

extension ConnectionString {
    /// Which credential it selects.
    ///
    /// The order of the checks decides which error is reported when several apply.
    func selection() throws(ConnectionStringError) -> CredentialSelection {
        let runAs = try self.requiredValue(.runAs)
        switch runAs.lowercased() {
        case "developer": return try self.developerTool()
        case "currentuser": return try self.currentUser()
        case "app": return try self.app()
        default: throw .runAs(self.shown(runAs), connectionString: self.redacted)
        }
    }

    private func currentUser() throws(ConnectionStringError) -> CredentialSelection {
        guard self.value(.userName) != nil else { return .integratedAuthentication(userName: nil) }
        return .integratedAuthentication(userName: try self.requiredValue(.userName).trimmed)
    }

    private func developerTool() throws(ConnectionStringError) -> CredentialSelection {
        let tool = try self.requiredValue(.developerTool)
        switch tool.lowercased() {
        case "azurecli": return .azureCLI(try self.developerAccount(hasSubscriptions: true))
        case "azuredevelopercli": return .azureDeveloperCLI(try self.developerAccount(hasSubscriptions: false))
        case "azurepowershell": return .azurePowerShell(try self.developerAccount(hasSubscriptions: false))
        case "visualstudio": return .visualStudio
        default: throw .developerTool(self.shown(tool), connectionString: self.redacted)
        }
    }

    /// Both keys are additions: AppAuthentication for .NET ignores them, so blank ones are ignored here.
    private func developerAccount(hasSubscriptions: Bool) throws(ConnectionStringError) -> DeveloperAccount {
        let tenantID = self.value(.tenantID).flatMap { $0.isBlank ? nil : $0.trimmed }
        let subscription = self.value(.subscription).flatMap { $0.isBlank ? nil : $0.trimmed }
        if let tenantID, !AllowedTenants.isTenantID(tenantID) {
            throw .accountFormat(.tenantID, connectionString: self.redacted)
        }
        if let subscription {
            guard hasSubscriptions else { throw .subscriptionWithoutCLI(connectionString: self.redacted) }
            guard tenantID == nil else { throw .tenantAndSubscription(connectionString: self.redacted) }
            guard DeveloperAccount.isSubscription(subscription) else {
                throw .accountFormat(.subscription, connectionString: self.redacted)
            }
        }
        return DeveloperAccount(tenantID: tenantID, subscription: subscription)
    }

    /// It becomes a part of a URL.
    private func requiredTenantID() throws(ConnectionStringError) -> String {
        let tenantID = try self.requiredValue(.tenantID).trimmed
        guard AllowedTenants.isTenantID(tenantID) else {
            throw .accountFormat(.tenantID, connectionString: self.redacted)
        }
        return tenantID
    }

    private func app() throws(ConnectionStringError) -> CredentialSelection {
        // Without an application nothing else counts, not even a secret: it is an identity of the machine.
        guard self.value(.appID) != nil else { return try self.managedIdentity() }
        let clientID = try self.requiredValue(.appID).trimmed
        if let location = self.value(.certificateStoreLocation) {
            return try self.certificate(in: location, clientID: clientID)
        }
        guard self.value(.certificateThumbprint) == nil, self.value(.certificateSubjectName) == nil else {
            throw .missingStoreLocation(connectionString: self.redacted)
        }
        if let identifier = self.value(.keyVaultCertificateSecretIdentifier) {
            return try self.keyVaultCertificate(identifier, clientID: clientID)
        }
        if self.value(.appKey) != nil {
            let secret = Secret(try self.requiredValue(.appKey))
            return .clientSecret(clientID: clientID, tenantID: try self.requiredTenantID(), secret: secret)
        }
        return try self.managedIdentity()
    }

    private func managedIdentity() throws(ConnectionStringError) -> CredentialSelection {
        let id = try self.managedIdentityID()
        let seconds = try self.retryTimeout()
        guard seconds >= 0 else { throw .negativeRetryTimeout("\(seconds)") }
        return .managedIdentity(id, retryTimeout: seconds == 0 ? nil : .seconds(seconds))
    }

    private func managedIdentityID() throws(ConnectionStringError) -> ManagedIdentityID {
        let keys = [Key.appID, .objectID, .resourceID].filter { self.value($0) != nil }
        guard let key = keys.first else { return .systemAssigned }
        guard keys.count == 1 else { throw .severalIdentities(connectionString: self.redacted) }
        let id = try self.requiredValue(key).trimmed
        return switch key {
        case .objectID: .objectID(id)
        case .resourceID: .resourceID(id)
        default: .clientID(id)
        }
    }

    private func certificate(
        in location: String,
        clientID: String
    ) throws(ConnectionStringError) -> CredentialSelection {
        let identifier: CertificateReference.Identifier
        if let thumbprint = self.value(.certificateThumbprint) {
            identifier = .thumbprint(thumbprint)
        } else if let subjectName = self.value(.certificateSubjectName) {
            identifier = .subjectName(subjectName)
        } else {
            throw .missingCertificate(connectionString: self.redacted)
        }
        _ = try self.requiredValue(.certificateStoreLocation)
        guard let storeLocation = CertificateReference.StoreLocation(location) else {
            throw .storeLocation(self.shown(location), connectionString: self.redacted)
        }
        let tenantID = try self.requiredTenantID()
        switch identifier {
        case .thumbprint(let text), .subjectName(let text):
            if text.isBlank { throw .missingCertificateIdentifier }
        }
        let certificate = CertificateReference(identifier: identifier, location: storeLocation)
        return .certificate(certificate, clientID: clientID, tenantID: tenantID)
    }

    private func keyVaultCertificate(
        _ identifier: String,
        clientID: String
    ) throws(ConnectionStringError) -> CredentialSelection {
        let retryTimeout = try self.retryTimeout()
        if identifier.isBlank { throw .missingCertificateIdentifier }
        let certificate = KeyVaultCertificateReference(
            secretIdentifier: identifier,
            managedIdentityClientID: self.value(.keyVaultUserAssignedManagedIdentityID)?.trimmed,
            retryTimeout: retryTimeout
        )
        let tenantID =
            self.value(.tenantID).flatMap { $0.isBlank ? nil : $0 } == nil ? nil : try self.requiredTenantID()
        return .keyVaultCertificate(certificate, clientID: clientID, tenantID: tenantID)
    }

    private func retryTimeout() throws(ConnectionStringError) -> Int32 {
        guard let text = self.value(.msiRetryTimeout) else { return 0 }
        guard let seconds = Int32(text.trimmed) else {
            throw .retryTimeout(self.shown(text), connectionString: self.redacted)
        }
        return seconds
    }
}
