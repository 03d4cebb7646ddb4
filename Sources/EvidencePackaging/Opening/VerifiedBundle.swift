public import ExchangeModel
import Glibc
public import TrustCrypto

/// A bundle of which everything was proven; only this has items.
public struct VerifiedBundle: Sendable {
    /// What the bundle states.
    public let manifest: EvidenceManifest
    /// The header it travelled with, if it was sealed.
    public let header: ExchangeHeader?
    /// SHA-256 of the object that was signed: the identity of the content.
    public let contentDigest: SHA256Digest
    /// The bytes that were signed, the inner `META-INF/ASiCManifest.xml`.
    public let signedObject: [UInt8]
    /// Who signed, in the order of the manifest's list.
    public let signers: [SignatureProof]
    /// The forensic images among the items of evidence, and whether each has the hashes it stores of its content.
    public let images: [ForensicImages.Finding]

    private let quarantine: Quarantine?

    /// The items of evidence.
    public var items: [EvidenceManifest.EvidenceItem] { manifest.evidence }

    fileprivate init(
        manifest: EvidenceManifest,
        header: ExchangeHeader?,
        contentDigest: SHA256Digest,
        signedObject: [UInt8],
        signers: [SignatureProof],
        images: [ForensicImages.Finding],
        quarantine: Quarantine?
    ) {
        self.manifest = manifest
        self.header = header
        self.contentDigest = contentDigest
        self.signedObject = signedObject
        self.signers = signers
        self.images = images
        self.quarantine = quarantine
    }

    /// Moves the files out of quarantine to their final place, with the report beside them.
    ///
    /// - Parameter reports: Further files, by name, such as the report.
    /// - Throws: `output.*`.
    public func publish(with reports: [(name: String, bytes: [UInt8])]) throws {
        guard let quarantine else {
            throw ExchangeError(.outputFailed, "The bundle was checked without keeping its content")
        }
        try OutputDirectory.create(quarantine.path + "/named", existing: .outputFailed)
        for file in manifest.files {
            let name = quarantine.path + "/named/" + ReadableName.of(file)
            guard link(quarantine.path + "/" + file.path, name) == 0 else {
                // FAT knows no second names; the files under our own names are there all the same.
                if [EPERM, EOPNOTSUPP, EMLINK].contains(errno) { break }
                throw SystemFailure.error(.outputFailed, "The readable name of \(file.path) cannot be made", errno)
            }
        }
        for report in reports { try OutputDirectory.write(report.bytes, to: quarantine.path + "/" + report.name) }
        try quarantine.publish()
    }
}

extension UnverifiedBundle {
    /// Proves the signatures and everything they cover.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - checks: Where outcomes are noted.
    ///   - threads: How many threads digest what renewals cover.
    ///   - progress: Told bytes digested for renewals, and bytes of content of each forensic image.
    /// - Returns: The verified bundle.
    /// - Throws: The first error, also when a check, of the seal too, could not be made.
    public func verify(
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil,
        checks: inout CheckList,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws -> VerifiedBundle {
        var prover = SignatureChecks(trust: trust, now: now, fetcher: fetcher)
        prover.existedBy =
            try archive?.prove(prover, checks: &checks, threads: threads, progress: progress) ?? existedBy
        let objects = try checks.require(
            "content.manifest",
            { (manifest: ASiCManifest) in "It lists \(manifest.entries.count, as: "count") objects, all there are" }
        ) {
            let manifest = try ASiCManifest(xml: signedObject)
            guard manifest.entries.map(\.uri) == entries.dropFirst().dropLast(2).map(\.name) else {
                throw ExchangeError(.bundleManifestIncomplete, "The signed manifest does not list exactly the objects")
            }
            return manifest
        }
        let contentDigest = try SHA256Digest(of: signedObject)
        if let header {
            try checks.require("content.identity", { _ in "It is the content that the header names" }) {
                guard header.contentDigest == contentDigest else {
                    throw ExchangeError(.bundleContentDigest, "The content is not the one that the header names")
                }
            }
        }
        let signature = try checks.require(
            "content.format",
            { "One object, \($0.level.rawValue, as: "level"), signers: \($0.signers.count, as: "count")" }
        ) {
            try CAdESSignature(der: signatureDER)
        }
        try checks.require("content.digests", { _ in "Every object is the one that was signed" }) {
            for (entry, object) in zip(entries.dropFirst(), objects.entries) where entry.sha256 != object.sha256 {
                throw ExchangeError(.bundleDigestMismatch, "\(entry.name) is not the object that was signed")
            }
        }
        let manifest = try provenManifest(objects, checks: &checks)
        try checks.require("manifest.signers", { _ in "Exactly those signed whom the manifest names" }) {
            try RequiredSigners.check(manifest.requiredSigners, against: signature)
        }
        let signers = try proveSigners(
            of: manifest,
            signature,
            prover: prover,
            checks: &checks
        )
        try checks.requireAllPassed()
        return VerifiedBundle(
            manifest: manifest,
            header: header,
            contentDigest: contentDigest,
            signedObject: signedObject,
            signers: signers,
            images: try compareStoredHashes(of: manifest, checks: &checks, progress: progress),
            quarantine: quarantine
        )
    }

    /// Compares the hashes that forensic images store with their content; where nothing is kept, nothing is compared.
    private func compareStoredHashes(
        of manifest: EvidenceManifest,
        checks: inout CheckList,
        progress: ProgressHandler?
    ) throws -> [ForensicImages.Finding] {
        let reopen = reopen
        let files = manifest.evidence.map { item in
            ForensicImages.File(name: item.file.originalName) {
                guard let source = try reopen(item.file.path) else {
                    throw ExchangeError(.verificationNotReached, "The content was not kept")
                }
                return source
            }
        }
        let images = try ForensicImages.check(files, progress: progress)
        for image in images {
            guard let finding = image.reported, let number = image.files.first else { continue }
            checks.noteOfItem("item.\(number).stored_hash", finding)
        }
        return images
    }

    /// Reads the manifest and holds it against everything it speaks of.
    private func provenManifest(_ objects: ASiCManifest, checks: inout CheckList) throws -> EvidenceManifest {
        let manifest = try checks.require(
            "manifest.format",
            { "A \($0.messageType.rawValue, as: "messageType"), “\($0.subject, as: "subject")”" }
        ) {
            try EvidenceManifest(xml: manifestXML)
        }
        try checks.require("manifest.json", { _ in "manifest.json states the same, byte for byte" }) {
            guard try manifest.json() == manifestJSON else {
                throw ExchangeError(.bundleManifestsDiffer, "Manifest.xml and manifest.json do not state the same")
            }
        }
        try checks.require(
            "manifest.items",
            { _ in "Every file has the stated size and digest, \(manifest.files.count, as: "count") in all" }
        ) {
            let stored = entries.dropFirst(3).dropLast(2)
            let listed = objects.entries.dropFirst(2)
            guard stored.count == manifest.files.count else {
                throw ExchangeError(.bundleItemsDiffer, "The manifest does not name exactly the files of the container")
            }
            for (file, (entry, object)) in zip(manifest.files, zip(stored, listed)) {
                guard file.path == entry.name, file.size == entry.size, file.sha256 == entry.sha256,
                    file.mediaType == object.mediaType
                else {
                    throw ExchangeError(.bundleItemsDiffer, "\(entry.name) is not the file the manifest describes")
                }
            }
        }
        if let header {
            try checks.require("manifest.header", { _ in "Header and manifest agree" }) {
                try manifest.agreement(header: header)
            }
        }
        return manifest
    }

    private func proveSigners(
        of manifest: EvidenceManifest,
        _ signature: CAdESSignature,
        prover: SignatureChecks,
        checks: inout CheckList
    ) throws -> [SignatureProof] {
        var proofs: [SignatureProof] = []
        var needed: [[PartyCertificate]] = []
        for (number, required) in manifest.requiredSigners.enumerated() {
            let index = signature.signers.firstIndex { $0.certificate.sha256 == required.certificate }
            guard let index else { continue }
            let proven = prover.prove(
                signature,
                index: index,
                as: "signer.\(number + 1)",
                over: signedObject,
                by: manifest.sender,
                purpose: .personSignature,
                checks: &checks
            )
            if let proven {
                proofs.append(proven.proof)
                needed += proven.needed
            }
        }
        try checks.requireNoneFailed()
        if proofs.count == manifest.requiredSigners.count {
            try checks.require(
                "content.certificates",
                { _ in "The signatures carry nothing for their validation that they do not need" }
            ) {
                try UnneededData.refuse(signature.validationData, besides: needed)
            }
        }
        return proofs
    }
}

extension ForensicImages.Finding {
    /// What a report says; nothing of an image that stores no hash.
    fileprivate var reported: Result<VerificationReport.Finding, ExchangeError>? {
        if let error { return .failure(error) }
        guard case .success(let hashes) = outcome, !hashes.hashes.isEmpty else { return nil }
        return .success(
            "The forensic image stores \(hashes.methods, as: "methods") of its content, which has them: \(hashes.contentSize, as: "bytes") bytes in \(files.count, as: "segments") segments"
        )
    }
}

/// A name for people, made from an original name that may be hostile.
enum ReadableName {
    /// The number of the stored file and what is harmless of its original name.
    static func of(_ file: EvidenceManifest.StoredFile) -> String {
        let number = file.path.split(separator: "/").joined(separator: "-")
        let last = file.originalName.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        var cleaned = ""
        for character in last {
            let harmless = character.isLetter || character.isNumber || "._-".contains(character)
            let next = harmless ? String(character) : "_"
            guard cleaned.utf8.count + next.utf8.count <= 160 else { break }
            cleaned += next
        }
        return cleaned.isEmpty ? number : number + "_" + cleaned
    }
}
