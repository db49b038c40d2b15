import ArgumentParser

/// How an answer is printed.
struct OutputOption: ParsableArguments {
    @Option(name: .shortAndLong, help: "How to print the answer: text or json.")
    var output = OutputFormat.text
}

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}
