import Foundation
import Locking
import Logging

extension TokenRenewal {
    /// Where an answer lies now.
    enum Keeping {
        case store(RenewalRow.Landing)
        /// The store had no room, and took it from the journal later.
        case replayed
        /// In the journal alone, and this process ends.
        case journal
    }

    /// Stores an answer before it is read; until it is on a disk nobody is told anything.
    func keep(_ data: Data, of token: TokenKey, permit: RenewalPermit) async -> Keeping {
        while true {
            do {
                let landing = try await self.store.changeRenewal(of: token, sealer: self.sealer) { row in
                    let (landing, writes) = row.keep(data, permit: permit)
                    return (result: landing, writes: writes)
                }
                return .store(landing ?? .fenced)
            } catch {
                if let record = await self.journal(data, of: token, permit: permit, because: error) {
                    return await self.waitForReplay(of: record)
                }
                try? await self.clock.sleep(.seconds(1))
            }
        }
    }

    /// Puts an answer into the journal; nil when it cannot take it either.
    private func journal(
        _ data: Data,
        of token: TokenKey,
        permit: RenewalPermit,
        because error: any Error
    ) async -> JournalLayout.Record? {
        guard let journal = self.journal else {
            self.complainOfMemory(token, "\(error)")
            return nil
        }
        do {
            let answer = JournaledAnswer(data, of: token, permit: permit)
            let record = try await journal.append(answer.payload(keys: self.sealer.keys))
            self.logger.critical(
                "New tokens cannot be stored, and are in the journal until they can: make room for the store. \(error)",
                metadata: ["token": "\(token)", "journal": "\(journal.path)"]
            )
            return record
        } catch let second {
            self.complainOfMemory(token, "\(error) \(second)")
            return nil
        }
    }

    private func complainOfMemory(_ token: TokenKey, _ reasons: String) {
        self.logger.critical(
            "New tokens cannot be stored, and exist in memory alone: make room for the store. \(reasons)",
            metadata: ["token": "\(token)"]
        )
    }

    private func waitForReplay(of record: JournalLayout.Record) async -> Keeping {
        while !self.hasEnded {
            await self.replayJournal()
            let contents = try? await self.journal?.contents()
            if let contents, !contents.records.contains(record) { return .replayed }
            try? await self.clock.sleep(.seconds(1))
        }
        return .journal
    }

    /// Gives the store what the journal has for it.
    func replayJournal() async {
        guard let journal = self.journal else { return }
        do {
            try await JournalReplay(journal: journal, store: self.store, sealer: self.sealer).run { outcome in
                switch outcome {
                case .stored(let token, let landing):
                    self.logger.notice(
                        landing == .landed
                            ? "An answer of a provider was taken out of the journal."
                            : "An answer in the journal came too late to be used, and is kept.",
                        metadata: ["token": "\(token)"]
                    )
                case .refused(let token, let error):
                    self.logger.error(
                        "An answer in the journal cannot be stored yet: \(error)",
                        metadata: ["token": "\(token)"]
                    )
                case .damaged(let block): self.complainOfDamage(block, journal)
                }
            }
        } catch {
            // Whoever put something into it has said so.
            self.logger.debug("The journal was not emptied: \(error)")
        }
    }

    private func complainOfDamage(_ block: Int, _ journal: AnswerJournal) {
        guard self.damagedBlocks.withLock({ $0.insert(block).inserted }) else { return }
        self.logger.critical(
            "A record of the journal is damaged, and its token may need another login; the file may be deleted while no vault runs.",
            metadata: ["journal": "\(journal.path)", "block": "\(block)"]
        )
    }
}
