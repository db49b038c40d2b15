import Foundation
import ProgramSupport
import ServerCommand
import TokenTransport
import VaultCore

/// Looks at what the vault needs, one thing after another; what is broken keeps it from looking only at what hangs on that.
struct Doctor: Sendable {
    let environment: [String: String]
    let transport: any HTTPTransport
    let timeout: Duration
    let now: @Sendable () -> Date

    func findings() async -> [DoctorFinding] {
        let (settings, first) = self.settings()
        var findings = first
        if let settings {
            for issuer in settings.issuers { findings.append(await self.issuer(issuer)) }
        }
        guard let files = try? StoreSettings(environment: self.environment) else { return findings }
        let (source, keyFinding) = self.keySource(files)
        findings.append(keyFinding)
        let store: any AdministeredStore
        do {
            store = try await files.address.openLive(now: self.now).store
            let name = try await store.record()?.name ?? ""
            findings.append(.works("store", "\(files.address), named \(name)"))
        } catch {
            return findings + [self.failure("store", error)]
        }
        var sealer: CredentialSealer?
        if let source {
            do {
                sealer = try await UnsealedStore.sealer(of: store, source: source, address: files.address)
                findings += try await self.dataKeys(store, policy: settings?.keyRotation ?? KeyRotationPolicy())
            } catch {
                findings.append(.broken("key", "\(error)"))
            }
        }
        for look in [self.disk, self.clock, self.origin, self.leftovers] {
            do {
                findings.append(contentsOf: try await look(store))
            } catch {
                findings.append(self.failure("store", error))
            }
        }
        let catalog = settings?.providers ?? (try? ProviderSettings.catalog(environment: self.environment))
        do {
            findings += try await ServiceFindings(
                store: store,
                sealer: sealer,
                catalog: catalog,
                hasConfirmationPage: settings?.hasConfirmationPage ?? false
            ).all()
            if let catalog { findings += try await self.tokens(store, catalog: catalog) }
            findings += try await PolicyFindings(store: store, issuers: settings?.issuers).all()
        } catch {
            findings.append(self.failure("store", error))
        }
        return findings
    }

    private func settings() -> (Settings?, [DoctorFinding]) {
        let warnings = SettingNames.warnings(environment: self.environment).map { DoctorFinding.note("settings", $0) }
        do {
            return (try Settings(environment: self.environment), [.works("settings", "can be used")] + warnings)
        } catch {
            return (nil, [.broken("settings", "\(error)")] + warnings)
        }
    }

    private func keySource(_ settings: StoreSettings) -> (KeySource?, DoctorFinding) {
        do {
            let source = try settings.keySource(environment: self.environment, transport: self.transport)
            guard case .file(let file) = source else {
                return (source, .works("key", "is to be had of \(source.place)"))
            }
            _ = try file.read()
            return (source, .works("key", "\(file.path) can be read"))
        } catch {
            return (nil, .broken("key", "\(error)"))
        }
    }

    private func dataKeys(_ store: any AdministeredStore, policy: KeyRotationPolicy) async throws -> [DoctorFinding] {
        let usage = try await store.dataKeyUsage()
        guard let newest = usage.last else { return [] }
        let days = max(0, Int(self.now().timeIntervalSince(newest.createdOn) / 86_400))
        let finding =
            "made on \(newest.createdOn.formatted(.iso8601)), \(days) days ago; it has sealed \(newest.seals) values at most"
        if policy.isDue(newest, at: self.now()) {
            return [
                .note(
                    "data key",
                    finding,
                    do: "a vault that serves changes it within the hour, or `token-vault key rotate`"
                )
            ]
        }
        guard usage.count == 1 else {
            return [
                .note(
                    "data key",
                    "\(usage.count - 1) older ones are still in use beside that \(finding)",
                    do: "`token-vault key rotate` goes on, and says what keeps them"
                )
            ]
        }
        return [.works("data key", finding)]
    }

    private func issuer(_ issuer: IssuerURL) async -> DoctorFinding {
        let about = "issuer \(issuer)"
        do {
            _ = try await KeyDiscovery(issuer: issuer, transport: self.transport, timeout: self.timeout).keys()
            return .works(about, "publishes its keys")
        } catch {
            return .broken(
                about,
                "Its keys cannot be fetched: \(error).",
                do:
                    "see to it that this machine reaches \(issuer.configurationURL); without its keys its callers get 503"
            )
        }
    }

    private func disk(_ store: any AdministeredStore) async throws -> [DoctorFinding] {
        do {
            try await store.checkWritable()
            return [.works("disk", "the store can be written")]
        } catch let error as StoreError {
            return [
                .broken(
                    "disk",
                    error.description,
                    do: error.code == .full
                        ? "make room, or prune the audit with `token-vault audit prune --older-than DAYS`; nothing is handed "
                            + "out that cannot be recorded"
                        : nil
                )
            ]
        }
    }

    private func clock(_ store: any AdministeredStore) async throws -> [DoctorFinding] {
        let last = try await store.lastCallerTime()
        guard let complaint = ClockCheck.complaint(now: self.now(), lastCallerTime: last) else {
            return [.works("clock", "is not behind the audit")]
        }
        return [
            .broken(
                "clock",
                complaint,
                do: "`timedatectl status` says whether it is kept right; until then the vault does not start"
            )
        ]
    }

    private func origin(_ store: any AdministeredStore) async throws -> [DoctorFinding] {
        switch try await store.origin() {
        case .same, .unmarked: return []
        case .copy(let reason):
            return [
                .note(
                    "copy",
                    "The store was put back from a copy, or is one: \(reason).",
                    do:
                        "start the vault, if it does not run: it uses no refresh token that may have been used since, and "
                        + "`token-vault token list` says which need a login"
                )
            ]
        case .undecided(let reason):
            return [
                .broken(
                    "copy",
                    "This machine has not served the store, and \(reason).",
                    do: "start the vault once more on a machine that has, or, if nothing was restored, run "
                        + "`token-vault store accept-copy` here"
                )
            ]
        }
    }

    private func leftovers(_ store: any AdministeredStore) async throws -> [DoctorFinding] {
        let leftovers = try await store.leftovers()
        var findings: [DoctorFinding] = []
        if leftovers.unread > 0 {
            findings.append(
                .note(
                    "renewals",
                    "\(leftovers.unread) answers of providers are stored and nobody has read them yet.",
                    do: "start the vault, if it does not run: it reads them within seconds"
                )
            )
        }
        if leftovers.quarantined > 0 {
            findings.append(
                .note(
                    "renewals",
                    "\(leftovers.quarantined) answers of providers came too late and are kept in quarantine.",
                    do: "`token-vault audit list` says of which tokens; where one of them is in an error, log in again"
                )
            )
        }
        return findings.isEmpty ? [.works("renewals", "none was left half done")] : findings
    }

    private func tokens(_ store: any AdministeredStore, catalog: ProviderCatalog) async throws -> [DoctorFinding] {
        let reports = try await TokenReportReader(store: store, catalog: catalog).reports(of: nil)
        let findings = reports.compactMap { report -> DoctorFinding? in
            guard let reason = report.reason else { return nil }
            let isNew = reason == TokenProblem.unauthenticated.rawValue && report.expiresOn == nil
            let isElsewhere = reason == TokenProblem.exported.rawValue
            return DoctorFinding(
                about: "token \(report.service)/\(report.name)",
                // Nobody was logged in yet, or it is in order in another store: that is no fault.
                state: isNew || isElsewhere ? .note : .broken,
                finding: "\(reason): \(report.message ?? "")",
                remedy: report.remedy
            )
        }
        return [.works("tokens", "\(reports.count), \(reports.count - findings.count) of them Ok")] + findings
    }

    private func failure(_ about: String, _ error: any Error) -> DoctorFinding {
        .broken(about, (error as? StoreError)?.description ?? "\(error)")
    }
}
