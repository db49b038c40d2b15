import ForeignText
import Foundation

/// A row of the audit, as it is printed.
package struct AuditRow: Sendable, Decodable {
    package let id: Int64
    package let at: Int64
    package let tenantID: String
    package let objectID: String
    package let action: String
    package let service: String
    package let token: String
    package let outcome: String
    package let detail: String
    package let request: String

    package init(
        id: Int64,
        at: Int64,
        tenantID: String,
        objectID: String,
        action: String,
        service: String,
        token: String,
        outcome: String,
        detail: String,
        request: String
    ) {
        self.id = id
        self.at = at
        self.tenantID = tenantID
        self.objectID = objectID
        self.action = action
        self.service = service
        self.token = token
        self.outcome = outcome
        self.detail = detail
        self.request = request
    }

    /// The columns, with tabs between them; what a caller made up cannot add a column or a line.
    package var line: String {
        let time = Date(timeIntervalSince1970: TimeInterval(self.at)).formatted(.iso8601)
        let columns = [
            time, self.tenantID, self.objectID, self.action, self.service, self.token, self.outcome, self.detail,
            self.request,
        ]
        return columns.map { PrintableText.marked($0) }.joined(separator: "\t")
    }
}
