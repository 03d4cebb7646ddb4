import ExchangeModel
import Glibc
public import TrustCrypto

/// The 32 secret bytes under which the keys of all stored items are wrapped.
///
/// It comes from a file that only the gateway's user can read, or as a systemd credential. Without it a copied data
/// directory shows no evidence.
public struct StoreKey: Sendable {
    private let secret: SecretBytes

    /// The name under which systemd hands the key over: `LoadCredential=rogatory-store-key:…`.
    public static let credentialName = "rogatory-store-key"

    /// Takes 32 secret bytes.
    ///
    /// - Throws: `store.key_unusable`.
    public init(_ secret: SecretBytes) throws {
        guard secret.count == 32 else { throw Self.unusable("A store key has 32 bytes") }
        self.secret = secret
    }

    /// Reads a file of 32 bytes that is the user's own and that nobody else may read.
    ///
    /// - Throws: `store.key_unusable`.
    public init(file path: String) throws {
        try self.init(reading: path, mustBePrivate: true)
    }

    /// Reads the credential that systemd made for this service; systemd guards it, so its mode is not judged here.
    ///
    /// - Parameter directory: the value of `CREDENTIALS_DIRECTORY`.
    /// - Throws: `store.key_unusable`.
    public init(credentialIn directory: String) throws {
        try self.init(reading: directory + "/" + Self.credentialName, mustBePrivate: false)
    }

    /// Makes a random key and writes it to a new file of mode 0600, durably.
    ///
    /// - Throws: `store.key_unusable` if the file exists or cannot be written, `store.durability`.
    public init(creating path: String) throws {
        let secret = try SecretBytes(randomCount: 32)
        let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Self.unusable("The store key \(path) could not be made", SystemFile.text(of: errno))
        }
        defer { close(descriptor) }
        try secret.withUnsafeBytes { try SystemFile.writeAll($0, to: descriptor) }
        try SystemFile.sync(descriptor)
        try SystemFile.syncDirectory(SystemFile.parent(of: path))
        self.secret = secret
    }

    private init(reading path: String, mustBePrivate: Bool) throws {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Self.unusable("The store key \(path) could not be opened", SystemFile.text(of: errno))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size == 32 else {
            throw Self.unusable("The store key \(path) is no file of 32 bytes")
        }
        guard !mustBePrivate || (status.st_uid == geteuid() && status.st_mode & 0o077 == 0) else {
            throw Self.unusable("Others than the gateway's user can read the store key \(path)")
        }
        secret = try SecretBytes(count: 32) { buffer in
            var rest = buffer
            while !rest.isEmpty {
                let count = Glibc.read(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.unusable("The store key \(path) could not be read") }
                rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(count))
            }
        }
    }

    /// Wraps the 32-byte key of an item (RFC 3394): 40 bytes.
    public func wrap(_ key: SecretBytes) throws -> [UInt8] { try KeyWrap.wrap(key, under: secret) }

    /// Unwraps the key of an item, or gives `nil` when it was wrapped under another key or changed.
    public func unwrap(_ wrapped: [UInt8]) throws -> SecretBytes? { try KeyWrap.unwrap(wrapped, under: secret) }

    /// Encrypts a small secret, such as the PEM text of a private key, under a key of its own; whoever opens it must name
    /// the same purpose.
    ///
    /// - Throws: `crypto.internal`.
    public func seal(_ secret: SecretBytes, for purpose: String) throws -> [UInt8] {
        let key = try SecretBytes(randomCount: 32)
        let cipher = try SegmentCipher(key: key, header: Array(purpose.utf8))
        var text = secret.withUnsafeBytes { [UInt8]($0) }
        // Encrypted where it lies, so no copy of the secret is left.
        let tag = try text.withUnsafeMutableBytes { try cipher.seal($0, number: 0, isLast: true) }
        return try wrap(key) + text + tag
    }

    /// Opens what `seal` made for the same purpose.
    ///
    /// - Throws: `store.secret_damaged` when the bytes were changed, or the key or the purpose is another.
    public func open(_ sealed: [UInt8], for purpose: String) throws -> SecretBytes {
        let damaged = ExchangeError(.storeSecretDamaged, "A stored secret cannot be opened (\(purpose))")
        let overhead = KeyWrap.wrappedSize + SegmentCipher.tagSize
        guard sealed.count > overhead, let key = try unwrap(Array(sealed.prefix(KeyWrap.wrappedSize))) else {
            throw damaged
        }
        let cipher = try SegmentCipher(key: key, header: Array(purpose.utf8))
        let text = sealed.dropFirst(KeyWrap.wrappedSize).dropLast(SegmentCipher.tagSize)
        return try SecretBytes(count: text.count) { buffer in
            buffer.copyBytes(from: text)
            let tag = Array(sealed.suffix(SegmentCipher.tagSize))
            guard try cipher.open(buffer, tag: tag, number: 0, isLast: true) else { throw damaged }
        }
    }

    private static func unusable(_ reason: String, _ details: String...) -> ExchangeError {
        ExchangeError(.storeKeyUnusable, reason, details: details)
    }
}
