extension ChainedTokenCredential {
    convenience init(connectionString: String, azureADInstance: AzureADInstance, outside: Outside) throws {
        self.init([], logger: outside.logger)
    }
}
