import Foundation
import GRDB

/// The columns of a row, by their places; nil for null.
protocol ColumnValues: ~Copyable {
    func text(_ column: Int) -> String?
    func integer(_ column: Int) -> Int64?
    func blob(_ column: Int) -> Data?
}

extension Row: ColumnValues {
    func text(_ column: Int) -> String? { self[column] }
    func integer(_ column: Int) -> Int64? { self[column] }
    func blob(_ column: Int) -> Data? { self[column] }
}
