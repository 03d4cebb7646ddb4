import ExchangeModel
import TrustCrypto

/// The verification of an ASiC-E or ASiC-S container with CAdES that another tool made (EN 319 162-1, EN 319 122-1).
struct ForeignVerification {
    private let archive: ForeignArchive
    private let inventory: ForeignInventory
    private let names: Set<String>
    private let proof: ForeignProof
    private var digests: ForeignDigests?

    private var manifests: [ForeignManifest] = []
    private var archives: [ForeignManifest] = []
    private var objects: [(name: String, signature: ForeignSignature)] = []
    /// By when each entry is proven to exist.
    private var existence: [String: ExchangeTime] = [:]
    private var content: ForeignContent
    /// What proves each object.
    private var provers: [String: [String]] = [:]

    static let plannedChecks = [
        "foreign.structure", "foreign.inventory", "foreign.content", "foreign.objects", "foreign.unsigned",
    ]

    /// Whether a file is a container of another tool, by the names in it; what they are will be checked.
    ///
    /// Whatever has one of the names that our own containers begin with is checked by our own rules.
    static func isForeign(_ path: String) -> Bool {
        guard let file = try? RandomAccessFile(openingForReading: path) else { return false }
        let names = ForeignArchive.names(in: file)
        guard !names.isEmpty else { return false }
        let ours: Set<String> = [
            BundleNames.header, BundleNames.key, BundleNames.part(1), BundleNames.manifestJSON,
        ]
        guard ours.isDisjoint(with: names) else { return false }
        guard names.contains(BundleNames.manifestXML) else { return true }
        return !names.allSatisfy { name in
            [BundleNames.mimetype, BundleNames.manifestXML].contains(name) || name.hasPrefix("META-INF/")
                || name.hasPrefix("documents/") || name.hasPrefix("evidence/")
        }
    }

    /// Reads the container; what it is by form.
    init(
        reading path: String,
        proof: ForeignProof,
        limits: ForeignLimits,
        checks: inout CheckList
    ) throws {
        let archive = try checks.require(
            "foreign.structure",
            { (archive: ForeignArchive) in
                "\(archive.entries.count, as: "count") files; no two programs can read the archive differently"
            },
            { try ForeignArchive(of: RandomAccessFile(openingForReading: path), limits: limits) }
        )
        self.archive = archive
        inventory = try checks.require("foreign.inventory", Self.describe) { try ForeignInventory(of: archive) }
        names = Set(archive.entries.map(\.name))
        content = ForeignContent(kind: inventory.kind)
        self.proof = proof
    }

    private static func describe(_ inventory: ForeignInventory) -> VerificationReport.Finding {
        let finding: VerificationReport.Finding = """
            \(inventory.kind.name, as: "kind") with \(inventory.signatures.count, as: "signatures") signature objects, \
            \(inventory.timestamps.count, as: "timestamps") timestamps, \
            \(inventory.manifests.count + inventory.archives.count, as: "manifests") manifests
            """
        guard !inventory.remarks.isEmpty else { return finding }
        let remarked: VerificationReport.Finding = """
            \(inventory.kind.name, as: "kind") with \(inventory.signatures.count, as: "signatures") signature objects, \
            \(inventory.timestamps.count, as: "timestamps") timestamps, \
            \(inventory.manifests.count + inventory.archives.count, as: "manifests") manifests; \
            \(inventory.remarks.joined(separator: "; "), as: "remarks")
            """
        return remarked.variant("remarks")
    }

    /// Makes every check that remains.
    ///
    /// - Throws: What keeps the rest from being checked.
    mutating func run(progress: ProgressHandler?, checks: inout CheckList) throws -> ForeignContent {
        for (name, kind) in inventory.notChecked {
            checks.note(
                "foreign.not_checked",
                ExchangeError(.foreignKindNotChecked, "\(Self.shown(name)) is \(kind), which is not checked here")
            )
        }
        guard !inventory.signatures.isEmpty || !inventory.timestamps.isEmpty || !inventory.notChecked.isEmpty else {
            throw checks.note(
                "foreign.signatures",
                ExchangeError(.foreignNoSignature, "The container holds no signature and no timestamp")
            )
        }
        if inventory.kind == .asicS, inventory.objects.count != 1 {
            throw checks.note(
                "foreign.data_object",
                ExchangeError(
                    .foreignDataObjects,
                    "An ASiC-S container has one data object, this one has \(inventory.objects.count)"
                )
            )
        }
        readForms(&checks)
        let (archive, algorithms) = (archive, algorithms())
        digests = try checks.require(
            "foreign.content",
            { _ in "Every file has the size and the CRC-32 that the archive declares" },
            { try ForeignDigests(of: archive, by: algorithms, progress: progress) }
        )
        proveArchives(&checks)
        let covered = proveManifests(&checks)
        proveSignatures(covered, &checks)
        proveTimestamps(covered, &checks)
        noteUnreferenced(&checks)
        try noteObjects(&checks)
        return content
    }

    // MARK: Forms

    private mutating func readForms(_ checks: inout CheckList) {
        let (names, inventory) = (names, inventory)
        for (index, name) in inventory.manifests.enumerated() {
            let manifest = checks.attempt(
                "manifest.\(index + 1).format",
                { (manifest: ForeignManifest) in
                    "\(Self.shown(name), as: "name") lists \(manifest.references.count, as: "count") objects"
                },
                { try ForeignManifest(name, xml: inventory.metadata[name] ?? [], names: names) }
            )
            if let manifest { manifests.append(manifest) }
        }
        for (index, name) in inventory.archives.enumerated() {
            let manifest = checks.attempt(
                "archive.\(index + 1).manifest",
                { (manifest: ForeignManifest) in
                    let finding: VerificationReport.Finding = """
                        \(Self.shown(name), as: "name") lists \(manifest.references.count, as: "count") objects
                        """
                    return finding.variant("named")
                },
                { try ForeignManifest(name, xml: inventory.metadata[name] ?? [], names: names) }
            )
            if let manifest { archives.append(manifest) }
        }
        for (index, name) in inventory.signatures.enumerated() {
            let signature = checks.attempt(
                "signatures.\(index + 1).format",
                { (signature: ForeignSignature) in
                    "\(Self.shown(name), as: "name") is CAdES with \(signature.signers.count, as: "count") signers"
                },
                { try ForeignSignature(ber: inventory.metadata[name] ?? []) }
            )
            if let signature { objects.append((name, signature)) }
        }
    }

    /// Which digests will be needed, so that every file is read once.
    private func algorithms() -> Set<SignatureDigest> {
        var algorithms: Set<SignatureDigest> = [.sha256]
        for manifest in manifests + archives { algorithms.formUnion(manifest.references.map(\.digest)) }
        var tokens = inventory.timestamps.compactMap { inventory.metadata[$0] }
        for (_, signature) in objects {
            algorithms.formUnion(signature.signers.map(\.digest))
            tokens += signature.signers.flatMap { $0.archiveTimestamps }
        }
        algorithms.formUnion(tokens.compactMap { (try? ForeignTimestamp(ber: $0))?.imprintDigest })
        return algorithms
    }

    private func digest(_ name: String, _ algorithm: SignatureDigest) throws -> [UInt8] {
        guard let digests else { throw ExchangeError(.verificationNotReached, "The content was not read") }
        return try digests.digest(of: name, by: algorithm)
    }

    // MARK: Archives

    /// Archive manifests from the newest back; each proves at its time what it names.
    private mutating func proveArchives(_ checks: inout CheckList) {
        let dated = archives.map { manifest in
            (manifest, (try? ForeignTimestamp(ber: inventory.metadata[manifest.signature] ?? []))?.genTime ?? proof.now)
        }
        for (manifest, _) in dated.sorted(by: { $0.1 > $1.1 }) {
            let number = (inventory.archives.firstIndex(of: manifest.name) ?? 0) + 1
            let (digest, count) = (digest, manifest.references.count)
            let agrees: Void? = checks.attempt(
                "archive.\(number).digests",
                { _ in "All \(count, as: "count") objects are what the archive manifest says" },
                { try manifest.check(digest) }
            )
            let control = max(
                existence[manifest.name] ?? proof.now,
                existence[manifest.signature] ?? proof.now
            )
            let stamp = proof.prove(
                timestamp: inventory.metadata[manifest.signature] ?? [],
                as: "archive.\(number)",
                at: control,
                with: carried,
                checks: &checks
            ) { try $0.check { try digest(manifest.name, $0) } }
            if let stamp {
                Self.note(
                    stamp,
                    as: "archive.\(number)",
                    object: manifest.signature,
                    over: manifest.name,
                    proof,
                    &checks
                )
            }
            guard agrees != nil, let stamp else { continue }
            for reference in manifest.references {
                existence[reference.name] = min(existence[reference.name] ?? stamp.genTime, stamp.genTime)
            }
        }
    }

    /// What all signatures carry may help with timestamps that stand alone.
    private var carried: ValidationData {
        var data = ValidationData()
        for (_, signature) in objects { data.add(signature.validationData) }
        return data
    }

    // MARK: Signatures and timestamps

    /// What a signature or timestamp is over, and which objects that covers.
    private struct Cover {
        let content: String
        let objects: [String]
    }

    /// Checks the digests of every manifest.
    private func proveManifests(_ checks: inout CheckList) -> [String: Cover] {
        var covers: [String: Cover] = [:]
        for manifest in manifests {
            let number = (inventory.manifests.firstIndex(of: manifest.name) ?? 0) + 1
            let (digest, count) = (digest, manifest.references.count)
            let agrees: Void? = checks.attempt(
                "manifest.\(number).digests",
                { _ in "All \(count, as: "count") objects are what the manifest says" },
                { try manifest.check(digest) }
            )
            guard covers[manifest.signature] == nil else {
                checks.note(
                    "manifest.\(number).signature",
                    ExchangeError(.asicSignatureReference, "Two manifests refer to one signature")
                )
                continue
            }
            covers[manifest.signature] = Cover(
                content: manifest.name,
                objects: agrees == nil ? [] : manifest.references.map(\.name)
            )
        }
        if inventory.kind == .asicS, let object = inventory.objects.first?.name {
            let stamped = Set(archives.map(\.signature))
            for name in inventory.signatures + inventory.timestamps where covers[name] == nil && !stamped.contains(name)
            {
                covers[name] = Cover(content: object, objects: [object])
            }
        }
        return covers
    }

    private mutating func proveSignatures(_ covers: [String: Cover], _ checks: inout CheckList) {
        var number = 0
        for (name, signature) in objects {
            for signer in signature.signers {
                number += 1
                guard let cover = covers[name] else { continue }
                let digest = digest
                let proven = proof.prove(
                    signer,
                    of: signature,
                    as: "signature.\(number)",
                    at: (name, cover.content),
                    existing: existence[name],
                    checks: &checks
                ) { try digest(cover.content, $0) }
                guard let proven else { continue }
                content.signatures.append(proven)
                for object in cover.objects { provers[object, default: []].append("signature.\(number)") }
            }
        }
    }

    private mutating func proveTimestamps(_ covers: [String: Cover], _ checks: inout CheckList) {
        for (index, name) in inventory.timestamps.enumerated() {
            guard let cover = covers[name] else { continue }
            let digest = digest
            let stamp = proof.prove(
                timestamp: inventory.metadata[name] ?? [],
                as: "timestamp.\(index + 1)",
                at: existence[name] ?? proof.now,
                with: carried,
                checks: &checks
            ) { try $0.check { try digest(cover.content, $0) } }
            guard let stamp else { continue }
            Self.note(stamp, as: "timestamp.\(index + 1)", object: name, over: cover.content, proof, &checks)
            for object in cover.objects { provers[object, default: []].append("timestamp.\(index + 1)") }
        }
    }

    /// Tells the report of a timestamp that stands alone.
    private static func note(
        _ stamp: ForeignProof.Stamp,
        as name: String,
        object: String,
        over content: String,
        _ proof: ForeignProof,
        _ checks: inout CheckList
    ) {
        var facts = BundleReport.Signature(
            timestampBy: stamp.authority.leaf,
            named: name,
            object: object,
            content: content
        )
        facts.note(stamp.genTime, authority: stamp.authority, at: proof.now)
        checks.notes.add(facts)
    }

    // MARK: What is proven

    private func noteUnreferenced(_ checks: inout CheckList) {
        let referenced = Set((manifests + archives).map(\.signature))
        guard inventory.kind == .asicE else { return }
        for name in inventory.signatures + inventory.timestamps where !referenced.contains(name) {
            checks.note(
                "foreign.unreferenced",
                ExchangeError(
                    .foreignSignatureUnreferenced,
                    "No manifest that could be read refers to \(Self.shown(name)); nobody knows what it is over"
                )
            )
        }
    }

    private mutating func noteObjects(_ checks: inout CheckList) throws {
        for entry in inventory.objects {
            guard let names = provers[entry.name] else {
                content.unsigned.append(entry.name)
                continue
            }
            guard let sha256 = SHA256Digest(bytes: try digest(entry.name, .sha256)) else { continue }
            content.objects.append(
                ForeignContent.Object(name: entry.name, size: entry.size, sha256: sha256, provenBy: names)
            )
        }
        let (proven, unsigned) = (content.objects, content.unsigned)
        _ = checks.attempt(
            "foreign.objects",
            { (count: Int) in "\(count, as: "count") files are proven: \(Self.list(proven.map(\.name)), as: "names")" },
            {
                guard !proven.isEmpty else {
                    throw ExchangeError(.verificationNotReached, "No file of the container is proven")
                }
                return proven.count
            }
        )
        let covered = Set(manifests.flatMap { $0.references.map(\.name) })
        let bare = inventory.kind == .asicS ? [] : unsigned.filter { !covered.contains($0) }
        _ = checks.attempt("foreign.unsigned", { _ in "No file stands beside the signatures" }) {
            guard bare.isEmpty else {
                throw ExchangeError(
                    .foreignUnsignedFiles,
                    "\(bare.count) files are covered by no signature and are no evidence: \(Self.list(bare))"
                )
            }
        }
    }

    /// A name as people wrote it, cut after 120 characters; control characters and turns of direction were refused.
    private static func shown(_ name: String) -> String {
        "'" + name.prefix(120) + (name.count > 120 ? "…" : "") + "'"
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(20).map(shown).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    }
}
