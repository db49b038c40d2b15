import CPostgreSQL
import Glibc
import VaultCore

/// libpq, looked for when it is wanted.
///
/// A connection and its results belong to one thread at a time.
struct PostgresLibrary: Sendable {
    let parseAddress: pq_conninfo_parse_function
    let freeAddress: pq_conninfo_free_function
    let freeMemory: pq_freemem_function

    let startConnecting: pq_connect_start_function
    let pollConnecting: pq_connect_poll_function
    let status: pq_status_function
    let transactionStatus: pq_status_function
    let finish: pq_finish_function
    let errorMessage: pq_error_message_function
    let socket: pq_socket_function
    let setNonblocking: pq_set_nonblocking_function
    let setErrorVerbosity: pq_set_error_verbosity_function
    let setNoticeProcessor: pq_set_notice_processor_function
    let serverVersion: pq_server_version_function

    let sendQuery: pq_send_query_function
    let sendQueryParameters: pq_send_query_params_function
    let sendPrepare: pq_send_prepare_function
    let sendQueryPrepared: pq_send_query_prepared_function
    let flush: pq_flush_function
    let consumeInput: pq_consume_input_function
    let isBusy: pq_is_busy_function
    let getResult: pq_get_result_function

    let resultStatus: pq_result_status_function
    let errorField: pq_result_error_field_function
    let clear: pq_clear_function
    let rowCount: pq_count_function
    let columnCount: pq_count_function
    let columnName: pq_column_name_function
    let isNull: pq_cell_function
    let length: pq_cell_function
    let value: pq_value_function
    let commandStatus: pq_result_text_function
    let affectedRows: pq_result_text_function
}

extension PostgresLibrary {
    /// The name of the library wherever a client of PostgreSQL is installed.
    static let name = "libpq.so.5"

    /// Loads the library, which stays loaded.
    ///
    /// - Throws: ``StoreError/Code/unusable``.
    init(named name: String = Self.name) throws {
        guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
            throw StoreError(
                .unusable,
                "The library \(name) is not there, which a store in PostgreSQL needs: install the package libpq5."
            )
        }
        self.parseAddress = try Self.function("PQconninfoParse", handle)
        self.freeAddress = try Self.function("PQconninfoFree", handle)
        self.freeMemory = try Self.function("PQfreemem", handle)
        self.startConnecting = try Self.function("PQconnectStartParams", handle)
        self.pollConnecting = try Self.function("PQconnectPoll", handle)
        self.status = try Self.function("PQstatus", handle)
        self.transactionStatus = try Self.function("PQtransactionStatus", handle)
        self.finish = try Self.function("PQfinish", handle)
        self.errorMessage = try Self.function("PQerrorMessage", handle)
        self.socket = try Self.function("PQsocket", handle)
        self.setNonblocking = try Self.function("PQsetnonblocking", handle)
        self.setErrorVerbosity = try Self.function("PQsetErrorVerbosity", handle)
        self.setNoticeProcessor = try Self.function("PQsetNoticeProcessor", handle)
        self.serverVersion = try Self.function("PQserverVersion", handle)
        self.sendQuery = try Self.function("PQsendQuery", handle)
        self.sendQueryParameters = try Self.function("PQsendQueryParams", handle)
        self.sendPrepare = try Self.function("PQsendPrepare", handle)
        self.sendQueryPrepared = try Self.function("PQsendQueryPrepared", handle)
        self.flush = try Self.function("PQflush", handle)
        self.consumeInput = try Self.function("PQconsumeInput", handle)
        self.isBusy = try Self.function("PQisBusy", handle)
        self.getResult = try Self.function("PQgetResult", handle)
        self.resultStatus = try Self.function("PQresultStatus", handle)
        self.errorField = try Self.function("PQresultErrorField", handle)
        self.clear = try Self.function("PQclear", handle)
        self.rowCount = try Self.function("PQntuples", handle)
        self.columnCount = try Self.function("PQnfields", handle)
        self.columnName = try Self.function("PQfname", handle)
        self.isNull = try Self.function("PQgetisnull", handle)
        self.length = try Self.function("PQgetlength", handle)
        self.value = try Self.function("PQgetvalue", handle)
        self.commandStatus = try Self.function("PQcmdStatus", handle)
        self.affectedRows = try Self.function("PQcmdTuples", handle)
    }

    /// A text that libpq owns.
    func text(of pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

    private static func function<Function>(_ name: String, _ library: UnsafeMutableRawPointer) throws -> Function {
        guard let function = dlsym(library, name) else {
            throw StoreError(
                .unusable,
                "The library \(Self.name) has no \(name), so it is too old: install the package libpq5 of version 13 or later."
            )
        }
        return unsafeBitCast(function, to: Function.self)
    }
}
