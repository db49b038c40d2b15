import Foundation
import GuardedFiles
import OAuthWire

/// Reads a certificate with its private key from a file, whichever of the two usual forms it has.
struct CertificateFile: Sendable, Hashable {
    let path: String
    let privacy: GuardedFile.Privacy
    /// More than any certificate with its chain needs.
    private static let sizeLimit = 1 << 20

    /// Reads the file and, when there is one, the password in the file beside it.
    ///
    /// Without a password beside it, the one that is given here is tried too.
    ///
    /// - Throws: ``CertificateError`` that names the file.
    func certificate(password: Secret?) throws(CertificateError) -> ClientCertificate {
        guard var bytes = try self.contents(of: self.path) else {
            throw CertificateError("\(self.path) cannot be read: there is no such file.")
        }
        var passwords = [nil, password].filter { $0 == nil || password != nil }
        if let beside = try self.contents(of: self.passwordPath) {
            passwords = [Secret(String(decoding: beside, as: UTF8.self).trimmingCharacters(in: .newlines))]
        }
        // In front of UTF-8 too, some editors put a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = Data(bytes.dropFirst(3)) }
        guard !Self.isUTF16(bytes) else {
            throw CertificateError(
                "\(self.path) cannot be used. It is UTF-16 text, as PowerShell and Notepad write it; save it as UTF-8, with "
                    + "`iconv -f UTF-16 -t UTF-8`."
            )
        }
        var failure = CertificateError("It is empty.")
        for password in passwords where !bytes.isEmpty {
            do {
                return bytes.starts(with: Self.pemBeginning) || bytes.range(of: Self.pemLine) != nil
                    ? try PEMFile.certificate(from: bytes, password: password)
                    : try PKCS12File.certificate(from: bytes, password: password)
            } catch {
                failure = error
            }
        }
        throw CertificateError("\(self.path) cannot be used. \(failure.reason)")
    }

    /// With a byte order mark, or by the hyphens that a PEM file begins with.
    private static func isUTF16(_ bytes: Data) -> Bool {
        [[0xFF, 0xFE], [0xFE, 0xFF], [0x2D, 0x00, 0x2D, 0x00], [0x00, 0x2D, 0x00, 0x2D]].contains {
            bytes.starts(with: $0)
        }
    }

    private static let pemBeginning = Data("-----BEGIN ".utf8)
    private static let pemLine = Data("\n-----BEGIN ".utf8)

    /// `client.password` beside `client.pfx`.
    private var passwordPath: String {
        (self.path as NSString).deletingPathExtension + ".password"
    }

    private func contents(of path: String) throws(CertificateError) -> Data? {
        do {
            // The link may be anybody's who may choose the certificate: what it leads to is checked.
            return try GuardedFile(path: path, privacy: self.privacy, links: .followed, sizeLimit: Self.sizeLimit)
                .contents()
        } catch {
            throw CertificateError(Self.reason(of: error))
        }
    }

    private static func reason(of error: GuardedFileError) -> String {
        switch error.problem {
        case .openToOthers:
            "\(error.path) was not read, because its group or others can get at it, and whoever has it can sign in "
                + "as this application; run chmod 600 on it."
        case .tooLarge:
            "\(error.path) was not read, because it is larger than any certificate."
        default:
            error.description
        }
    }
}
