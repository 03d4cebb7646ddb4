import ExchangeModel
import NIOSSL
import Synchronization
public import TrustCrypto

/// The TLS 1.3 side of a listener: its own certificate, and which client certificates it lets in.
///
/// Nothing of a connection is kept for resumption: every connection is a full handshake with the certificate shown anew.
public struct ListenerTLS: Sendable {
    /// Whether a client must show a certificate. One that is shown is always checked.
    public enum ClientCertificates: Hashable, Sendable {
        /// No handshake without one.
        case required
        /// Without one the caller is anonymous.
        case optional
        /// None is asked for.
        case none
    }

    /// Throws when the chain, as presented and leaf first, is not one to let in. Called on a thread that may block, at
    /// every handshake and again for every request; the key has been proved when it is called for a request.
    public typealias Check = @Sendable ([PartyCertificate]) throws -> Void

    /// The listener's own certificate and key.
    public let state: TLSStateBox
    /// Whether clients must show a certificate.
    public let clientCertificates: ClientCertificates
    /// Decides about client certificates.
    public let check: Check

    /// Takes all fields.
    public init(state: TLSStateBox, clientCertificates: ClientCertificates, check: @escaping Check) {
        self.state = state
        self.clientCertificates = clientCertificates
        self.check = check
    }
}

/// A listener's own certificate chain and key, replaceable while it serves: later connections use the new ones.
public final class TLSStateBox: Sendable {
    private struct Material {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
    }

    private let material: Mutex<Material>

    /// Takes the chain, leaf first, and the leaf's key as unencrypted PEM.
    ///
    /// Throws `listener.certificate`, or `key.unreadable`.
    public init(chain: [PartyCertificate], key: SecretBytes) throws {
        material = Mutex(try Self.material(chain, key))
    }

    /// Replaces both; on an error the old ones stay.
    ///
    /// Throws `listener.certificate`, or `key.unreadable`.
    public func replace(chain: [PartyCertificate], key: SecretBytes) throws {
        let new = try Self.material(chain, key)
        material.withLock { $0 = new }
    }

    /// A context for one connection. Session tickets are sealed with a context's own key, so with a context for each
    /// connection no ticket is ever taken, whoever shows it.
    func makeContext(clientCertificates: ListenerTLS.ClientCertificates) throws -> NIOSSLContext {
        let material = material.withLock { $0 }
        return try Self.context(material, clientCertificates)
    }

    private static func material(_ chain: [PartyCertificate], _ key: SecretBytes) throws -> Material {
        guard let leaf = chain.first, leaf.matches(try PrivateKey(pem: key)) else {
            throw ExchangeError(
                .listenerCertificate,
                "The listener's certificate and private key do not belong together"
            )
        }
        do {
            var pem = key.withUnsafeBytes { Array($0) }
            defer { for index in pem.indices { pem[index] = 0 } }
            let material = Material(
                chain: try chain.map { try NIOSSLCertificate(bytes: $0.der, format: .der) },
                key: try NIOSSLPrivateKey(bytes: pem, format: .pem)
            )
            _ = try context(material, .required)
            return material
        } catch {
            throw ExchangeError(
                .listenerCertificate,
                "The listener's certificate cannot be used for TLS",
                details: [String(describing: error)]
            )
        }
    }

    private static func context(
        _ material: Material,
        _ clientCertificates: ListenerTLS.ClientCertificates
    ) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: material.chain.map { .certificate($0) },
            privateKey: .privateKey(material.key)
        )
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        // Our own check decides; an empty store keeps the system's anchors from being read.
        configuration.trustRoots = .certificates([])
        configuration.certificateVerification =
            switch clientCertificates {
            case .required: .noHostnameVerification
            case .optional: .optionalVerification
            case .none: .none
            }
        return try NIOSSLContext(configuration: configuration)
    }
}
