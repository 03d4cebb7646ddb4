import ArgumentParser
import EvidencePackaging
public import ExchangeModel
import Glibc
public import TrustCrypto

/// Reads what commands are given as files.
public enum CommandFiles {
    /// The first certificate of a PEM file.
    public static func certificate(_ path: String) throws -> PartyCertificate {
        try named(path) {
            let all = try PartyCertificate.list(pem: SmallFile.read(path))
            guard let first = all.first else {
                throw ExchangeError(.certificateMalformed, "The file holds no certificate")
            }
            return first
        }
    }

    /// Every certificate of some PEM files.
    public static func certificates(_ paths: [String]) throws -> [PartyCertificate] {
        try paths.flatMap { path in try named(path) { try PartyCertificate.list(pem: SmallFile.read(path)) } }
    }

    /// A private key in PEM, with its passphrase in a file of its own if it has one.
    public static func privateKey(_ path: String, passphraseFile: String? = nil) throws -> PrivateKey {
        let passphrase = try passphraseFile.map { path in
            var bytes = try SmallFile.read(path, limit: 4_096)
            while bytes.last == 0x0a || bytes.last == 0x0d { bytes.removeLast() }
            return try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
        }
        return try named(path) {
            let pem = try SmallFile.read(path, limit: 65_536)
            return try PrivateKey(pem: pem.withUnsafeBytes { try SecretBytes(copying: $0) }, passphrase: passphrase)
        }
    }

    /// A time given on the command line, or the clock's.
    public static func time(_ text: String?) throws -> ExchangeTime {
        guard let text else { return ExchangeTime(secondsSince1970: Int64(Glibc.time(nil))) }
        guard let time = ExchangeTime(rfc3339: text) else {
            throw ValidationError(
                "“\(CommandFailure.printable(text))” is not a time; write it like 2026-11-22T10:00:00Z."
            )
        }
        return time
    }

    /// Adds the file's name to what went wrong with it.
    private static func named<T>(_ path: String, _ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ExchangeError {
            guard !error.reason.contains(path) else { throw error }
            throw ExchangeError(error.code, "\(path): \(error.reason)", hint: error.hint, details: error.details)
        }
    }
}
