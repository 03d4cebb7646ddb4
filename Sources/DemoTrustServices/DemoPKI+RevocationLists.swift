public import ExchangeModel
public import TrustCrypto

extension DemoPKI {
    /// Enters a certificate of a minted PKI on its issuer's revocation list, which is issued anew.
    ///
    /// - Parameters:
    ///   - certificate: The file's path below the directory, such as `parties/KZ-GPO/seal.crt`.
    ///   - reason: Why.
    ///   - directory: The PKI's directory.
    ///   - now: The present time; the date of the revocation.
    /// - Throws: `demo.directory`, `demo.file`, `issuing.failed`.
    public static func revoke(
        _ certificate: String,
        reason: RevocationReason = .unspecified,
        in directory: String,
        now: ExchangeTime
    ) throws {
        let files = DemoFiles(root: directory)
        guard let document = completePKI(in: files),
            let profile = document.certificates.first(where: { $0.path == certificate }),
            let issuer = profile.issuerName
        else {
            throw ExchangeError(.demoDirectory, "The directory holds no such certificate of a demonstration PKI")
        }
        var lines = try revoked(by: issuer, in: files)
        guard !lines.contains(where: { $0.serialNumber == profile.serialNumber }) else { return }
        lines.append(RevokedCertificate(serialNumber: profile.serialNumber, date: now, reason: reason))
        try files.replace("ca/\(issuer).revoked", Array(text(of: lines).utf8), mode: 0o600)
        try renewRevocationLists(in: files, now: now, olderThan: nil)
    }

    /// Issues every authority's list for seven days from now, or only the lists older than some seconds.
    static func renewRevocationLists(in files: DemoFiles, now: ExchangeTime, olderThan age: Int64?) throws {
        for name in authorityNames { _ = try revocationList(of: name, in: files, now: now, olderThan: age) }
    }

    static var authorityNames: [String] { ([DemoPKIPlan.root] + DemoPKIPlan.issuing).map(\.name) }

    /// The authority's list, issued anew when it is older than some seconds or, with `nil`, in any case.
    static func revocationList(
        of name: String,
        in files: DemoFiles,
        now: ExchangeTime,
        olderThan age: Int64?
    ) throws -> RevocationList {
        let path = "crl/\(name).crl"
        if let age, files.exists(path) {
            let present = try RevocationList(der: files.read(path))
            if present.thisUpdate > now.adding(seconds: -age), present.thisUpdate <= now { return present }
        }
        let list = try authority(name, in: files).issueRevocationList(
            revoked: revoked(by: name, in: files),
            thisUpdate: now,
            nextUpdate: now.adding(seconds: 7 * day),
            number: UInt64(max(0, now.secondsSince1970))
        )
        try files.replace(path, list.der)
        try files.replace("trust/crls/\(name).crl", list.der)
        return list
    }

    static func authority(_ name: String, in files: DemoFiles) throws -> CertificateAuthority {
        let (certificate, key) = try pair("ca/\(name)", in: files)
        return try CertificateAuthority(certificate: certificate, key: key)
    }

    static func pair(_ path: String, in files: DemoFiles) throws -> (PartyCertificate, PrivateKey) {
        guard let certificate = try PartyCertificate.list(pem: files.read(path + ".crt")).first else {
            throw ExchangeError(.demoFile, "\(path).crt holds no certificate")
        }
        return (certificate, try PrivateKey(pem: files.secret(path + ".key")))
    }

    // One line a certificate: serial number, date, reason's number.
    static func text(of revoked: [RevokedCertificate]) -> String {
        revoked.map { "\($0.serialNumber) \($0.date) \($0.reason?.rawValue ?? 0)\n" }.joined()
    }

    static func revoked(by name: String, in files: DemoFiles) throws -> [RevokedCertificate] {
        let text = String(decoding: try files.read("ca/\(name).revoked"), as: UTF8.self)
        return try text.split(separator: "\n").map { line in
            let words = line.split(separator: " ")
            guard words.count == 3, let date = ExchangeTime(rfc3339: words[1]), let number = Int(words[2]),
                let reason = RevocationReason(rawValue: number)
            else { throw ExchangeError(.demoFile, "Ca/\(name).revoked cannot be read") }
            return RevokedCertificate(serialNumber: String(words[0]), date: date, reason: reason)
        }
    }
}
