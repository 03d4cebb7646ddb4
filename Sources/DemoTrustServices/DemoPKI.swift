import Dispatch
public import ExchangeModel
import FoundationEssentials
import Synchronization
import TrustCrypto

/// A public key infrastructure for demonstrations and tests, made at run time. The layout of the directory is
/// described in `Certs/README.md`.
public enum DemoPKI {
    /// How a call of ``mint(into:servicesURL:now:)`` ended.
    public enum Outcome: Hashable, Sendable {
        /// A new PKI was made.
        case minted
        /// A complete PKI was there and was kept; its revocation lists were renewed if they were older than a day.
        case kept
        /// A complete PKI was there whose certificates end within a week: it was moved aside, and a new one was made.
        case renewed(old: String)
    }

    /// Where the demonstration's services are when nothing else is said.
    public static let usualServicesURL = "http://127.0.0.1:8318"

    static let day: Int64 = 86_400
    static let profilesFile = "profiles.json"

    /// Makes root, issuing authorities, holders' keys and certificates and revocation lists, unless they are there.
    ///
    /// A new PKI is made beside the directory and then moved into its place, so that it is there whole or not at all.
    /// - Parameters:
    ///   - directory: Where it is to be; missing, empty, or with a PKI minted before.
    ///   - servicesURL: Where ``DemoTrustService`` will answer; stands in the certificates.
    ///   - now: The present time; certificates are valid from one hour before.
    /// - Returns: Whether a PKI was made or one was there.
    /// - Throws: `demo.directory`, `demo.file`, `demo.address`, `issuing.failed`.
    public static func mint(
        into directory: String,
        servicesURL: String = usualServicesURL,
        now: ExchangeTime
    ) throws -> Outcome {
        try mint(into: directory, servicesURL: servicesURL, now: now, make: make)
    }

    // Tests give a quicker `make` where only the decision counts.
    static func mint(
        into directory: String,
        servicesURL: String,
        now: ExchangeTime,
        make: (_ directory: String, _ servicesURL: String, _ now: ExchangeTime) throws -> Void
    ) throws -> Outcome {
        let url = try checked(servicesURL)
        var path = Substring(directory)
        while path.count > 1, path.last == "/" { path.removeLast() }
        let files = DemoFiles(root: String(path))
        guard let names = files.names() else {
            guard !files.exists("") else {
                throw ExchangeError(.demoDirectory, "\(directory) is no directory, or not one that can be read")
            }
            try make(files.root, url, now)
            return .minted
        }
        guard !names.isEmpty else {
            try make(files.root, url, now)
            return .minted
        }
        guard let document = completePKI(in: files) else {
            throw ExchangeError(
                .demoDirectory,
                "\(directory) is not empty and holds no complete demonstration PKI",
                hint: "give a new or an empty directory"
            )
        }
        guard document.services == url else {
            throw ExchangeError(
                .demoDirectory,
                "\(directory) holds a demonstration PKI whose services are at \(document.services)",
                hint: "give that address or another directory"
            )
        }
        let ends = document.certificates.filter { $0.fault == nil }.compactMap { ExchangeTime(rfc3339: $0.notAfter) }
        if let first = ends.min(), first > now.adding(seconds: 7 * day) {
            try renewRevocationLists(in: files, now: now, olderThan: day)
            return .kept
        }
        let old = files.root + ".before-" + now.description.filter { $0.isNumber }
        try files.move(to: old)
        try make(files.root, url, now)
        return .renewed(old: old)
    }

    private static func checked(_ url: String) throws(ExchangeError) -> String {
        var text = Substring(url)
        while text.last == "/" { text.removeLast() }
        // Not https: the answers are signed themselves, and RFC 5280 §8 advises against it here.
        let hasScheme = text.hasPrefix("http://")
        // The address stands in certificates and pages, so it holds nothing that would need quoting there.
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || "-._~:/[]".utf8.contains(byte)
        }
        guard hasScheme, allowed, (8...1_024).contains(text.utf8.count) else {
            throw ExchangeError(.demoAddress, "The services' address is not a plain http address")
        }
        return String(text)
    }

    /// The PKI's own description if every file of it is there.
    static func completePKI(in files: DemoFiles) -> PKIDocument? {
        guard let bytes = try? files.read(profilesFile),
            let document = try? JSONDecoder().decode(PKIDocument.self, from: Data(bytes))
        else { return nil }
        let authorities = ([DemoPKIPlan.root] + DemoPKIPlan.issuing).map(\.name)
        let pairs = authorities.map { "ca/" + $0 } + DemoPKIPlan.holders.map(\.path)
        let needed =
            pairs.flatMap { [$0 + ".crt", $0 + ".key"] } + authorities.map { "crl/\($0).crl" }
            + authorities.map { "ca/\($0).revoked" }
        return needed.allSatisfy { files.exists($0) } ? document : nil
    }

    private static func make(_ directory: String, servicesURL: String, now: ExchangeTime) throws {
        let suffix = Hexadecimal.text(of: try randomBytes(4))
        let draft = DemoFiles(root: directory + ".minting-" + suffix)
        guard !draft.exists("") else {
            throw ExchangeError(.demoDirectory, "\(draft.root) is in the way")
        }
        do {
            try draft.makeDirectory("")
            try DemoPKIMint(files: draft, servicesURL: servicesURL, now: now).run()
            try draft.move(to: directory)
        } catch {
            draft.removeAll()
            throw error
        }
    }
}

/// One run of minting.
struct DemoPKIMint {
    let files: DemoFiles
    let servicesURL: String
    let now: ExchangeTime

    private var start: ExchangeTime { now.adding(seconds: -3_600) }

    func run() throws {
        let holders = DemoPKIPlan.holders
        let plans = [DemoPKIPlan.root] + DemoPKIPlan.issuing
        let ownKeys = holders.filter { $0.sharesKeyOf == nil }
        let made = try Self.generate(plans.map(\.key) + ownKeys.map(\.key))
        let keys = Dictionary(uniqueKeysWithValues: zip(plans.map { "ca/" + $0.name } + ownKeys.map(\.path), made))
        func key(of path: String) throws -> PrivateKey {
            guard let key = keys[path] else { throw ExchangeError(.issuingFailed, "There is no key for \(path)") }
            return key
        }
        var profiles: [CertificateProfile] = []

        var authorities: [String: CertificateAuthority] = [:]
        for plan in plans {
            let key = try key(of: "ca/" + plan.name)
            let authority = try make(plan, key: key, root: authorities[DemoPKIPlan.root.name])
            authorities[plan.name] = authority
            try files.create("ca/\(plan.name).crt", authority.certificate.pem().utf8)
            try files.create("ca/\(plan.name).key", key.pem())
            profiles.append(CertificateProfile(of: authority.certificate, path: "ca/\(plan.name).crt"))
        }

        var revoked: [String: [RevokedCertificate]] = [:]
        for holder in holders {
            let key = try key(of: holder.sharesKeyOf ?? holder.path)
            guard let authority = authorities[holder.issuer] else {
                throw ExchangeError(.issuingFailed, "There is no authority \(holder.issuer)")
            }
            let certificate = try authority.issue(template(for: holder), publicKey: key)
            try files.create(holder.path + ".crt", certificate.pem().utf8)
            try files.create(holder.path + ".key", key.pem())
            var fault: String?
            switch holder.fault {
            case .none: break
            case .expired: fault = "expired"
            case .revoked(let reason):
                fault = "revoked"
                let line = RevokedCertificate(certificate, date: now.adding(seconds: -1_800), reason: reason)
                revoked[holder.issuer, default: []].append(line)
            }
            if fault == nil, holder.path.hasPrefix("hostile/") { fault = "misplaced" }
            profiles.append(CertificateProfile(of: certificate, path: holder.path + ".crt", fault: fault))
        }
        for plan in plans {
            try files.create("ca/\(plan.name).revoked", DemoPKI.text(of: revoked[plan.name] ?? []).utf8, mode: 0o600)
        }
        try writeTrust(authorities)
        try DemoPKI.renewRevocationLists(in: files, now: now, olderThan: nil)

        let document = PKIDocument(services: servicesURL, minted: now.description, certificates: profiles)
        try files.create("index.html", ProfilePage.html(of: document).utf8)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try files.create(DemoPKI.profilesFile, encoder.encode(document) + [0x0a])
    }

    private func make(
        _ plan: DemoPKIPlan.Authority,
        key: PrivateKey,
        root: CertificateAuthority?
    ) throws -> CertificateAuthority {
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(
                commonName: plan.commonName,
                organization: plan.organization,
                country: plan.country
            ),
            purpose: .certificateAuthority,
            notBefore: start,
            notAfter: now.adding(seconds: (root == nil ? 3_652 : 1_826) * DemoPKI.day),
            crlURL: root == nil ? nil : "\(servicesURL)/crl/\(DemoPKIPlan.root.name).crl",
            pathLength: root == nil ? 1 : 0
        )
        guard let root else { return try CertificateAuthority.selfSigned(template, key: key) }
        return try root.issueAuthority(template, key: key)
    }

    private func template(for holder: DemoPKIPlan.Holder) -> CertificateTemplate {
        // An expired one ends just before it is used for the first time, so that its path was valid once.
        let end: ExchangeTime
        if case .expired = holder.fault {
            end = now.adding(seconds: -60)
        } else {
            end = now.adding(seconds: 365 * DemoPKI.day)
        }
        return CertificateTemplate(
            subject: holder.subject,
            purpose: holder.purpose,
            notBefore: start,
            notAfter: end,
            alternativeNames: holder.alternativeNames,
            crlURL: "\(servicesURL)/crl/\(holder.issuer).crl",
            // Nobody asks a responder about itself.
            ocspURL: holder.purpose == .ocspSigning ? nil : "\(servicesURL)/ocsp/\(holder.issuer)"
        )
    }

    private func writeTrust(_ authorities: [String: CertificateAuthority]) throws {
        func copy(_ name: String, to path: String) throws {
            guard let certificate = authorities[name]?.certificate else { return }
            try files.create("trust/\(path)/\(name).crt", certificate.pem().utf8)
        }
        for party in DemoPKIPlan.parties {
            try copy(DemoPKIPlan.root.name, to: "parties/\(party.id)/anchors")
            try copy(party.issuer, to: "parties/\(party.id)/issuers")
        }
        try copy(DemoPKIPlan.root.name, to: "timestamping/anchors")
        for authority in DemoPKIPlan.issuing { try copy(authority.name, to: "intermediates") }
    }

    // RSA keys take a noticeable time each, so they are made on all cores.
    private static func generate(_ kinds: [PrivateKey.Kind]) throws -> [PrivateKey] {
        let made = Mutex<[Int: Result<PrivateKey, any Error>]>([:])
        DispatchQueue.concurrentPerform(iterations: kinds.count) { index in
            let result = Result { try PrivateKey.generate(kinds[index]) }
            made.withLock { $0[index] = result }
        }
        let results = made.withLock { $0 }
        return try kinds.indices.compactMap { try results[$0]?.get() }
    }
}
