import CPostgreSQL
import Foundation

/// What a statement gave, apart from libpq.
struct PostgresResult: Sendable {
    let rows: [PostgresRow]
    /// How many rows it wrote.
    let count: Int
    /// The word of the command that was carried out, such as `COMMIT`.
    let command: String

    /// Copies what libpq has.
    init(_ handle: pq_result, library: PostgresLibrary) {
        let width = library.columnCount(handle)
        let names = (0..<width).map { library.text(of: library.columnName(handle, $0)) }
        let columns = Dictionary(names.enumerated().map { ($0.element, $0.offset) }) { _, last in last }
        self.rows = (0..<library.rowCount(handle)).map { row in
            PostgresRow(
                columns: columns,
                values: (0..<width).map { column in
                    guard library.isNull(handle, row, column) == 0, let value = library.value(handle, row, column)
                    else {
                        return nil
                    }
                    return Data(bytes: value, count: Int(library.length(handle, row, column)))
                }
            )
        }
        self.count = Int(library.text(of: library.affectedRows(handle))) ?? 0
        self.command = library.text(of: library.commandStatus(handle))
    }
}

extension Result where Success == PostgresResult, Failure == PostgresFailure {
    init(_ handle: pq_result, library: PostgresLibrary) {
        // PGRES_COMMAND_OK and PGRES_TUPLES_OK.
        guard [1, 2].contains(library.resultStatus(handle)) else {
            // PG_DIAG_SQLSTATE and PG_DIAG_MESSAGE_PRIMARY; details and hints may have values in them.
            let (state, message) = (UInt8(ascii: "C"), UInt8(ascii: "M"))
            func field(_ code: UInt8) -> String? {
                library.errorField(handle, Int32(code)).map { String(cString: $0) }
            }
            self = .failure(
                PostgresFailure(.refused, state: field(state) ?? "", message: field(message) ?? "it gave no reason")
            )
            return
        }
        self = .success(PostgresResult(handle, library: library))
    }
}
