import Dispatch
import Foundation
import GuardedFiles
import OAuthWire

/// Where certificates with their private keys are found on Linux, in the place of the stores of Windows.
///
/// It is re-read at each question, so that a renewed certificate is found without a restart.
struct CertificateStore: Sendable, Hashable {
    /// A directory, and the endings of the files in it that count.
    struct Place: Sendable, Hashable {
        let directory: String
        let endings: [String]
        let privacy: GuardedFile.Privacy

        init(
            _ directory: String,
            endings: [String] = ["pfx", "p12", "pem"],
            privacy: GuardedFile.Privacy = .secret(credentialsDirectory: nil)
        ) {
            self.directory = directory
            self.endings = endings
            self.privacy = privacy
        }
    }

    /// What a store has: the certificates that can be read, and a sentence for each file that cannot.
    struct Contents: Sendable, Hashable {
        var certificates: [ClientCertificate] = []
        var refusals: [String] = []
    }

    private let places: [Place]
    private let file: CertificateFile?
    private let password: Secret?

    /// A store of certain directories.
    init(_ places: [Place], password: Secret? = nil) {
        self.places = places
        self.file = nil
        self.password = password
    }

    /// A store that has one file.
    ///
    /// - Parameters:
    ///   - file: The path.
    ///   - password: What protects the file, unless a file beside it says so.
    ///   - credentialsDirectory: Where systemd hands credentials to this service, if it does.
    init(file: String, password: Secret?, credentialsDirectory: String? = nil) {
        self.places = []
        self.file = CertificateFile(path: file, privacy: .secret(credentialsDirectory: credentialsDirectory))
        self.password = password
    }

    /// The directories that a name of .NET stands for; `docs/certificates.md` has the table.
    init(_ location: CertificateReference.StoreLocation, dependencies: CredentialDependencies) {
        let places =
            switch location {
            case .currentUser: Self.currentUser(dependencies)
            case .localMachine: Self.localMachine(dependencies)
            }
        self.init(places, password: dependencies.variable("AZURE_CLIENT_CERTIFICATE_PASSWORD").map(Secret.init))
    }

    private static func currentUser(_ dependencies: CredentialDependencies) -> [Place] {
        var places: [Place] = []
        let home = dependencies.variable("HOME")
        if let home { places.append(Place("\(home)/.dotnet/corefx/cryptography/x509stores/my", endings: ["pfx"])) }
        if let settings = dependencies.variable("XDG_CONFIG_HOME") ?? home.map({ "\($0)/.config" }) {
            places.append(Place("\(settings)/azure-app-authentication/certificates"))
        }
        return places
    }

    private static func localMachine(_ dependencies: CredentialDependencies) -> [Place] {
        // In a container of App Service.
        var places = [Place("/var/ssl/private", endings: ["p12"], privacy: .guardedByPlatform)]
        // What systemd hands to a service, readable by that service alone (systemd.exec(5), LoadCredential=).
        if let credentials = dependencies.variable("CREDENTIALS_DIRECTORY") {
            places.append(Place(credentials, privacy: .secret(credentialsDirectory: credentials)))
        }
        places.append(Place("/etc/azure-app-authentication/certificates"))
        return places
    }

    /// Where it is, for people.
    var name: String {
        if let file { return file.path }
        return self.places.isEmpty
            ? "any folder, because HOME is not set" : self.places.map(\.directory).joined(separator: ", ")
    }

    /// Reads everything, on a thread where that may take its time.
    func contents() async -> Contents {
        await withCheckedContinuation { continuation in
            DispatchQueue.global(qos: .userInitiated).async { continuation.resume(returning: self.read()) }
        }
    }

    private func read() -> Contents {
        var contents = Contents()
        let files = self.places.flatMap { place in Self.files(in: place, refusals: &contents.refusals) }
        var thumbprints: Set<String> = []
        for file in files + (self.file.map { [$0] } ?? []) {
            do {
                let certificate = try file.certificate(password: self.password)
                // The same certificate may lie in two places, or in two forms beside each other.
                if thumbprints.insert(certificate.thumbprint).inserted { contents.certificates.append(certificate) }
            } catch {
                contents.refusals.append(error.reason)
            }
        }
        return contents
    }

    private static func files(in place: Place, refusals: inout [String]) -> [CertificateFile] {
        guard FileManager.default.fileExists(atPath: place.directory) else { return [] }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: place.directory) else {
            refusals.append("\(place.directory) cannot be read by this user.")
            return []
        }
        return names.sorted()
            .filter { place.endings.contains(($0 as NSString).pathExtension.lowercased()) }
            .map { name in
                CertificateFile(path: "\(place.directory)/\(name)", privacy: place.privacy)
            }
    }
}

extension CertificateStore.Contents {
    /// The certificates that a connection string means, the newest first; all of them when it names none.
    func certificates(matching identifier: CertificateReference.Identifier?) -> [ClientCertificate] {
        self.certificates
            .filter { certificate in
                switch identifier {
                case .thumbprint(let thumbprint): certificate.thumbprint == Thumbprint.digits(thumbprint)
                case .subjectName(let subject): certificate.subject.lowercased() == subject.lowercased()
                case nil: true
                }
            }
            .sorted { $0.notBefore > $1.notBefore }
    }
}
