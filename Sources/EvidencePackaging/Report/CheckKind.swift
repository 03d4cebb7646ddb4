import ExchangeModel

/// What a check is about, apart from which object of its kind it was made of.
struct CheckKind: Hashable {
    /// The key of its words, such as `container.structure` or `signature.timestamp`.
    let key: String
    /// What it was made of where there can be several, such as `signer`; words for it stand in the catalogues.
    let object: String?
    /// Which of them, from 1.
    let number: Int?

    private static let ofSignatures: Set<String> = [
        "signature", "timestamp", "timestamp_authority", "certificate", "revocation",
    ]

    /// Takes a check's name apart: `signer.2.timestamp` is the check `signature.timestamp` of the second signer.
    init(_ name: String) {
        let pieces = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let words = pieces.filter { $0.isEmpty || Int($0) == nil }
        number = pieces.lazy.compactMap { Int($0) }.first
        if words.count > 1, let last = words.last, Self.ofSignatures.contains(last), words.first != "archive" {
            object = words.dropLast().joined(separator: ".")
            key = "signature." + last
        } else {
            object = number == nil ? nil : words.first
            // Lists and signature files that are numbered are those of containers by other systems.
            let isForeign = number != nil && ["manifest", "signatures"].contains(words.first)
            key = (isForeign ? "foreign." : "") + words.joined(separator: ".")
        }
    }

    /// The sections that demand it, ours first.
    var standards: [String] { Self.sections[key] ?? ["FORMAT.md §11"] }

    private static let sections: [String: [String]] = [
        "container.structure": ["FORMAT.md §2", "EN 319 162-1 §4.4", "ZIP APPNOTE 6.3 §4.3"],
        "container.entries": ["FORMAT.md §1", "EN 319 162-1 §4.4.4, Annex A.1"],
        "header.format": ["FORMAT.md §3, §4", "XML Schema 1.0"],
        "key.format": ["FORMAT.md §7", "RFC 5083 §2", "RFC 5652 §6.2"],
        "parts.format": ["FORMAT.md §8", "RFC 5083 §2", "RFC 5084 §3.2"],
        "seal.manifest": ["FORMAT.md §6", "EN 319 162-1 Annex A.4"],
        "seal.format": ["FORMAT.md §9", "EN 319 122-1 §6", "RFC 5652 §5"],
        "seal.certificates": ["FORMAT.md §9"],
        "objects.digests": ["FORMAT.md §6, §11", "EN 319 162-1 Annex A.4", "FIPS 180-4"],
        "parts.digests": ["FORMAT.md §6, §11", "EN 319 162-1 Annex A.4", "FIPS 180-4"],
        "recipient.key": ["FORMAT.md §7, §11", "RFC 5652 §6.2"],
        "content.structure": ["FORMAT.md §2, §8", "RFC 5084 §3.2", "EN 319 162-1 §4.4"],
        "content.manifest": ["FORMAT.md §6", "EN 319 162-1 Annex A.4"],
        "content.identity": ["FORMAT.md §1, §4"],
        "content.format": ["FORMAT.md §9", "EN 319 122-1 §6", "RFC 5652 §5"],
        "content.digests": ["FORMAT.md §6, §11", "EN 319 162-1 Annex A.4", "FIPS 180-4"],
        "content.certificates": ["FORMAT.md §9"],
        "manifest.format": ["FORMAT.md §3, §5", "XML Schema 1.0"],
        "manifest.json": ["FORMAT.md §5", "RFC 8785"],
        "manifest.items": ["FORMAT.md §5, §11", "FIPS 180-4"],
        "manifest.header": ["FORMAT.md §5"],
        "manifest.signers": ["FORMAT.md §5, §9"],
        "signature.signature": ["FORMAT.md §9", "EN 319 102-1 §5.2.7", "EN 319 122-1 §5.2.2", "RFC 5652 §5.6"],
        "signature.timestamp": ["FORMAT.md §9", "EN 319 102-1 §5.4", "EN 319 122-1 §5.3", "RFC 3161 §2.4.2"],
        "signature.timestamp_authority": ["FORMAT.md §10", "EN 319 102-1 §5.4", "RFC 3161 §2.3", "RFC 5280 §6"],
        "signature.certificate": ["FORMAT.md §10", "EN 319 102-1 §5.2.6", "RFC 5280 §6.1"],
        "signature.revocation": ["FORMAT.md §10", "EN 319 102-1 §5.2.6", "RFC 5280 §6.3", "RFC 6960 §3.2"],
        "archive.manifest": ["FORMAT.md §11", "EN 319 162-1 Annex A.7"],
        "archive.digests": ["FORMAT.md §11", "EN 319 162-1 Annex A.7", "FIPS 180-4"],
        "archive.timestamp": ["FORMAT.md §11", "EN 319 162-1 Annex A.7", "EN 319 102-1 §5.6", "RFC 3161 §2.4.2"],
        "archive.timestamp_authority": ["FORMAT.md §10", "EN 319 102-1 §5.4", "RFC 5280 §6"],
        "item.stored_hash": ["FORMAT.md §11"],
        "foreign.structure": ["EN 319 162-1 §4.4, §4.3", "ZIP APPNOTE 6.3 §4.3"],
        "foreign.inventory": ["EN 319 162-1 §4.3, §4.4"],
        "foreign.content": ["ZIP APPNOTE 6.3 §4.4.7"],
        "foreign.objects": ["EN 319 162-1 §4.3, §4.4"],
        "foreign.unsigned": ["EN 319 162-1 §4.4"],
        "foreign.not_checked": ["EN 319 162-1 §4.4.3", "EN 319 132-1"],
        "foreign.signatures": ["EN 319 162-1 §4.3, §4.4"],
        "foreign.data_object": ["EN 319 162-1 §4.3"],
        "foreign.unreferenced": ["EN 319 162-1 Annex A.4"],
        "foreign.manifest.format": ["EN 319 162-1 Annex A.4"],
        "foreign.manifest.digests": ["EN 319 162-1 Annex A.4", "FIPS 180-4"],
        "foreign.manifest.signature": ["EN 319 162-1 Annex A.4"],
        "foreign.signatures.format": ["EN 319 122-1 §4", "RFC 5652 §5"],
        "signature.older_archive_timestamps": ["EN 319 122-1 §5.5"],
    ]
}
