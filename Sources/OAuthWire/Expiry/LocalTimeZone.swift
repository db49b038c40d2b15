import Glibc

/// What a date without a time zone means.
package struct LocalTimeZone: Sendable {
    /// The seconds east of Greenwich at a moment, given in seconds since 1970.
    private let offset: @Sendable (Int) -> Int

    package init(offset: @escaping @Sendable (Int) -> Int) {
        self.offset = offset
    }

    package static let utc = Self { _ in 0 }

    /// The zone of this process as the C library sees it, and so as the programs see it that this process starts.
    ///
    /// Foundation takes no `TZ` that is not the name of a file: with `JST-9` or `:Asia/Tokyo` it is in Greenwich.
    package static let machine = Self { moment in
        var time = time_t(moment)
        var parts = tm()
        return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
    }

    /// The moment at which clocks show a local time, both in seconds since 1970.
    ///
    /// Of two moments with the same local time, in autumn, it is the first: a token that is thrown away an hour early is
    /// better than one that is used for an hour too long. In spring there is an hour that no clock shows; it is read as if
    /// the clocks had been changed already.
    func moment(of local: Int) -> Int {
        // No zone is further than a day from Greenwich, and none changes its clocks twice in two days.
        let offsets = [self.offset(local - 86_400), self.offset(local + 86_400)]
        let candidates = offsets.map { local - $0 }.sorted()
        return candidates.first { self.offset($0) == local - $0 } ?? candidates[0]
    }

    /// The local time of a moment, in seconds as if it were Greenwich.
    package func localTime(of moment: Int) -> Int { moment + self.offset(moment) }
}
