package import FastCGI

/// What `--check` prints: a name and a value on each line.
package struct CheckTable: Sendable {
    package let text: String

    package init(_ rows: [(name: String, value: String)]) {
        self.text = rows.map { name, value in
            name + ":" + String(repeating: " ", count: max(1, 17 - name.count)) + value
        }.joined(separator: "\n")
    }

    /// Where a server would listen.
    package static func text(of address: ListenAddress?) -> String {
        switch address?.kind {
        case nil: "nothing yet: give --socket, --tcp or an inherited socket"
        case .unixSocket(let path, let mode, let group):
            "unix socket \(path), mode \(String(mode, radix: 8))" + (group.map { ", group \($0)" } ?? "")
        case .tcp(let host, let port): "\(host):\(port)"
        case .inherited(let descriptor): "an inherited socket, descriptor \(descriptor)"
        }
    }
}
