/// The tables, and how an older database becomes the current one.
///
/// A migration that was released is never edited; a change is a new one at the end. Names and columns are those of the store in
/// SQLite, but for what each database does in its own way.
enum StoreSchema {
    static let migrations = [Self.first, Self.second]
}
