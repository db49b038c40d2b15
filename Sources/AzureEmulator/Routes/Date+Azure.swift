import Foundation

extension Date {
    /// As in `06/20/2019 02:57:58 +00:00`: how App Service on Linux wrote an expiry in 2017.
    var appServiceText: String {
        let part = self.parts
        return "\(part.month)/\(part.day)/\(part.year) \(part.time) +00:00"
    }

    /// As in `2019-06-20 02:57:58Z`: how Entra ID writes the time of an error.
    var entraText: String {
        let part = self.parts
        return "\(part.year)-\(part.month)-\(part.day) \(part.time)Z"
    }

    private var parts: (year: String, month: String, day: String, time: String) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: self)
        func digits(_ number: Int?, _ count: Int = 2) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return (
            year: digits(parts.year, 4), month: digits(parts.month), day: digits(parts.day),
            time: "\(digits(parts.hour)):\(digits(parts.minute)):\(digits(parts.second))"
        )
    }
}
