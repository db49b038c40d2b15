import GRDB
import VaultCore

extension DatabaseError {
    /// True when there was no room to write.
    ///
    /// `SQLITE_FULL` is a full file system; a quota or a limit on the size of files is an error of writing to SQLite.
    var isOutOfSpace: Bool {
        switch self.extendedResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE: true
        default: false
        }
    }

    /// True when the same may work later, without anybody changing a setting.
    var mayPass: Bool {
        switch self.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_NOMEM, .SQLITE_PROTOCOL: true
        default: false
        }
    }

    /// What happened to a store, and what to do, for whoever runs a command.
    var sentence: String {
        let reason = self.message ?? "SQLite error \(self.resultCode.rawValue)"
        if self.isOutOfSpace {
            return "The store cannot be written (\(reason)): make room on its disk, and try again."
        }
        if self.resultCode == .SQLITE_BUSY {
            return
                "Another process was writing to the store for more than \(Int(SQLiteStore.busyTimeout)) s: try again."
        }
        return "The store cannot be used: \(reason)."
    }
}

extension StoreError {
    init(_ error: DatabaseError) {
        let code: Code = error.isOutOfSpace ? .full : error.mayPass ? .unavailable : .failed
        self.init(code, error.sentence, reason: error.message ?? "SQLite error \(error.resultCode.rawValue)")
    }
}
