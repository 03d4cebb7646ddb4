import DemoTrustServices
import EvidencePackaging
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

/// A demonstration PKI, minted once, from which tests take certificates and keys; a test that revokes takes a copy.
final class RegisterPKI: Sendable {
    static let time = ExchangeTime(secondsSince1970: 1_795_341_600)
    private static let minted = Result {
        let path = try RegisterPKI.scratch("pki")
        _ = try DemoPKI.mint(into: path, now: time)
        return RegisterPKI(directory: path)
    }

    let directory: String

    private init(directory: String) { self.directory = directory }

    static func shared() throws -> RegisterPKI { try minted.get() }

    // Everything temporary lies below one directory that goes when the process ends.
    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: RegisterPKI.root) }
        let path = FileManager.default.temporaryDirectory.path + "/rogatory-registers-" + UUID().uuidString
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }()

    /// A path that does not exist yet.
    static func scratch(_ name: String) throws -> String { root + "/" + name + "-" + UUID().uuidString }

    func copy() throws -> RegisterPKI {
        let path = try Self.scratch("pki")
        try FileManager.default.copyItem(atPath: directory, toPath: path)
        return RegisterPKI(directory: path)
    }

    func revoke(_ path: String, now: ExchangeTime = RegisterPKI.time) throws {
        try DemoPKI.revoke(path + ".crt", in: directory, now: now)
    }

    func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + path)))
    }

    func certificate(_ path: String) throws -> PartyCertificate {
        try #require(PartyCertificate.list(pem: bytes(path + ".crt")).first)
    }

    func keyPEM(_ path: String) throws -> SecretBytes {
        try bytes(path + ".key").withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    func authority(_ name: String) throws -> CertificateAuthority {
        try CertificateAuthority(certificate: certificate("ca/" + name), key: PrivateKey(pem: keyPEM("ca/" + name)))
    }

    /// A certificate that says what another one says, made by an authority of one's choice for a new key or a given one.
    func twin(
        of path: String,
        issuer: String,
        purpose: CertificatePurpose? = nil,
        party: String? = nil,
        from start: Int64 = -3_600,
        to end: Int64 = 365 * 86_400,
        key: PrivateKey? = nil
    ) throws -> PartyCertificate {
        let original = try certificate(path)
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(
                commonName: original.commonName ?? "",
                organizationIdentifier: party ?? original.organizationIdentifier
            ),
            purpose: try purpose ?? #require(original.purpose),
            notBefore: Self.time.adding(seconds: start),
            notAfter: Self.time.adding(seconds: end),
            alternativeNames: original.purpose == .gatewayTLS ? [.dns("localhost")] : [],
            crlURL: "http://127.0.0.1:8318/crl/\(issuer).crl"
        )
        return try authority(issuer).issue(template, publicKey: key ?? PrivateKey.generate(.p256))
    }

    func trust() throws -> TrustDirectory { try TrustDirectory(reading: directory + "/trust") }

    /// Trust without revocation lists, as in a gateway that fetches them.
    func bareTrust() throws -> TrustDirectory {
        let full = try trust()
        var stores: [PartyID: TrustStore] = [:]
        for name in ["KZ-GPO", "KG-GPO"] {
            let party = try #require(PartyID(name))
            var store = try full.store(for: party)
            store.revocationLists = []
            stores[party] = store
        }
        var timestamping = full.timestampingStore
        timestamping.revocationLists = []
        return try TrustDirectory(parties: stores, timestamping: timestamping)
    }
}
