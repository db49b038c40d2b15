import ArgumentParser

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
