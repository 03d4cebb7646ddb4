import ExchangeModel
import Foundation
import TrustCrypto

@testable import EvidencePackaging

/// Timestamp authorities whose certificates end one after the other, so that decades pass in a test.
struct TimestampHouse {
    static let now = BundleWorkshop.now
    static func days(_ days: Int64) -> ExchangeTime { now.adding(seconds: days * 86_400) }
    static func years(_ years: Int64) -> ExchangeTime { days(years * 365) }

    /// One authority with its issuing authority.
    struct Authority: Sendable {
        let issuing: CertificateAuthority
        let certificate: PartyCertificate
        let key: PrivateKey
    }

    let root: CertificateAuthority

    private static let shared = Result { try TimestampHouse() }
    static func get() throws -> TimestampHouse { try shared.get() }

    private init() throws {
        root = try .selfSigned(
            Self.template("Root of Years", .certificateAuthority, from: -1, to: 365 * 60),
            key: .generate(.p256)
        )
    }

    private static func template(_ name: String, _ purpose: CertificatePurpose, from: Int64, to: Int64)
        -> CertificateTemplate
    {
        CertificateTemplate(
            subject: .init(commonName: name, organization: "Time", country: "KZ"),
            purpose: purpose,
            notBefore: days(from),
            notAfter: days(to)
        )
    }

    /// An authority whose certificate, and that of its issuer, are valid from one day to another.
    func authority(_ name: String, from: Int64 = -1, to: Int64) throws -> Authority {
        let issuing = try root.issueAuthority(
            Self.template("Issuing of " + name, .certificateAuthority, from: from, to: to),
            key: .generate(.p256)
        )
        let key = try PrivateKey.generate(.p256)
        return Authority(
            issuing: issuing,
            certificate: try issuing.issue(Self.template(name, .timestamping, from: from, to: to), publicKey: key),
            key: key
        )
    }

    /// The lists of the root and of an authority's issuer, current for a week from a day on.
    func lists(of authority: Authority, day: Int64, revoked: [RevokedCertificate] = []) throws -> [RevocationList] {
        try [(root, []), (authority.issuing, revoked)].map { issuer, revoked in
            try issuer.issueRevocationList(
                revoked: revoked,
                thisUpdate: Self.days(day),
                nextUpdate: Self.days(day + 7),
                number: UInt64(day + 1_000)
            )
        }
    }

    static func stamp(_ bytes: [UInt8], _ digest: SignatureDigest, by authority: Authority, at time: ExchangeTime)
        throws
        -> TimestampToken
    {
        let responder = try TimestampAuthority(
            certificate: authority.certificate,
            key: authority.key,
            chain: [authority.issuing.certificate],
            policy: "2.25.1.7"
        )
        let request = try TimestampRequest(imprintOf: bytes, digest: digest)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        return try TimestampResponse(der: responder.respond(to: request.der, at: time, serial: serial))
            .token(answering: request)
    }
}

extension BundleWorkshop {
    /// The workshop's trust with authorities of the house beside its own, and with other revocation lists.
    func trust(lists: [RevocationList], keepingOwn: Bool = false) throws -> TrustDirectory {
        let known = try trust()
        var parties: [PartyID: TrustStore] = [:]
        for name in ["KZ-GPO", "KG-GPO"] {
            let party = try unwrapped(PartyID(name))
            var store = try known.store(for: party)
            if !keepingOwn { store.revocationLists = [] }
            parties[party] = store
        }
        var timestamping = known.timestampingStore
        timestamping.anchors.append(try TimestampHouse.get().root.certificate)
        timestamping.revocationLists = (keepingOwn ? timestamping.revocationLists : []) + lists
        return try TrustDirectory(parties: parties, timestamping: timestamping)
    }

    /// Seals one file, with everything for the long term inside unless said otherwise.
    func sealForLong(
        _ name: String,
        level: LongTermGathering.Policy = .longTerm,
        signers: [Identity]? = nil,
        trust: TrustDirectory? = nil
    ) throws -> String {
        let signers = try signers ?? [officer, approver]
        let file = try write(name + ".txt", Array("A file that a court reads in fifteen years\n".utf8))
        let draft = try draft(files: [file], signers: signers)
        let longTerm = try LongTermGathering(trust: trust ?? self.trust(), policy: level, now: { Self.now })
        let released = try BundleSealer.release(
            draft,
            signatures: signers.map { try sign(draft, by: $0) },
            timestamper: { try timestamp($0) },
            longTerm: longTerm
        )
        let path = folder + "/" + name
        let sealed = try BundleSealer(draft: draft, order: order()).seal(
            signature: released,
            to: path,
            timestamper: { try timestamp($0) },
            longTerm: longTerm
        )
        if level == .longTerm, sealed.level != .baselineLT || released.level != .baselineLT {
            throw ExchangeError(.draftInvalid, "The bundle is not at baseline LT")
        }
        return path
    }

    /// A signed container in the clear.
    func signForLong(_ name: String, level: LongTermGathering.Policy = .longTerm) throws -> String {
        let signers = [try officer, try approver]
        let draft = try draft(files: [write(name + ".txt", [7, 8, 9])], signers: signers)
        let released = try BundleSealer.release(
            draft,
            signatures: signers.map { try sign(draft, by: $0) },
            timestamper: { try timestamp($0) },
            longTerm: LongTermGathering(trust: trust(), policy: level, now: { Self.now })
        )
        return try write(name, container(draft, signature: released))
    }

    func verify(_ path: String, at time: ExchangeTime, trust: TrustDirectory, opening: Bool = false) throws
        -> BundleVerification
    {
        let reader = try recipient
        return BundleVerification(
            of: path,
            trust: trust,
            now: time,
            recipient: opening ? .init(certificate: reader.certificate, key: reader.key) : nil
        )
    }

    /// Renews at a day, with the lists of that day at hand.
    @discardableResult
    func renew(
        _ path: String,
        to name: String,
        day: Int64,
        by authority: TimestampHouse.Authority,
        digest: SignatureDigest = .sha512,
        trust: TrustDirectory? = nil
    ) throws -> String {
        let time = TimestampHouse.days(day)
        let lists = try TimestampHouse.get().lists(of: authority, day: day)
        let output = folder + "/" + name
        _ = try BundleRenewal(trust: trust ?? self.trust(lists: lists), now: time, digest: digest).renew(
            path,
            to: output,
            timestamper: { try TimestampHouse.stamp($0, $1, by: authority, at: time) }
        )
        return output
    }
}

extension BundleVerification {
    /// The outcome of one check, by name.
    func outcome(_ name: String) -> VerificationReport.Outcome? { report.checks.first { $0.name == name }?.outcome }

    /// The whole report, for a failed expectation.
    var text: String {
        report.checks.map { "\($0.name) \($0.outcome) \($0.code?.rawValue ?? "") \($0.reason)" }.joined(separator: "\n")
    }
}
