import ArgumentParser
import VaultCore

/// What every command that lists or makes something takes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON.")
    var json = false
}

extension CommandContext {
    /// Prints a value for a script, or lines for a person.
    ///
    /// - Throws: ``OutputError``.
    func report(_ value: some Encodable, _ options: OutputOptions, or lines: [String]) throws {
        guard !options.json else {
            try self.write(JSONText.text(of: value))
            return
        }
        for line in lines { try self.write(line) }
    }
}

extension CommandContext {
    /// Prints what a command has done, also where the audit does not take the entry of it.
    ///
    /// - Throws: ``OutputError`` and `StoreError`.
    func write(_ lines: [String], noting entry: AuditEntry?, in store: any AuditStore) async throws {
        let noted: Result<Void, any Error>
        do {
            if let entry { try await store.append([entry]) }
            noted = .success(())
        } catch {
            noted = .failure(error)
        }
        for line in lines { try self.write(line) }
        try noted.get()
    }
}
