import ExchangeModel
import StrictXML
import TrustCrypto

/// `META-INF/ASiCManifest*.xml` or `ASiCArchiveManifest*.xml` (EN 319 162-1 Annex A.4) of another tool, with every
/// reference resolved to an entry.
struct ForeignManifest {
    /// One object it covers.
    struct Reference {
        let name: String
        let digest: SignatureDigest
        let value: [UInt8]
    }

    /// The manifest's own name.
    let name: String
    /// The signature or timestamp over the manifest.
    let signature: String
    /// What it covers.
    let references: [Reference]

    /// Reads a manifest.
    ///
    /// - Throws: `xml.*`, `asic.*`, `archive.digest`, `foreign.signature_missing`.
    init(_ name: String, xml: [UInt8], names: Set<String>) throws {
        let read = try ASiCArchiveManifest(xml: xml)
        try Self.refuseCritical(xml)
        self.name = name
        do {
            signature = try ForeignInventory.resolve(read.timestamp, in: names)
        } catch let error as ExchangeError where error.code == .asicObjectMissing {
            throw ExchangeError(.foreignSignatureMissing, "The signature or timestamp of a manifest is not there")
        }
        var seen: Set<String> = [name, signature]
        var references: [Reference] = []
        for entry in read.entries {
            let object = try ForeignInventory.resolve(entry.uri, in: names)
            guard seen.insert(object).inserted else {
                throw ExchangeError(
                    .asicReference,
                    "A manifest names \(ZipName.shown(object)) twice, or itself or its own signature"
                )
            }
            guard let digest = entry.suiteDigest else {
                throw ExchangeError(
                    .asicWeakDigest,
                    "A manifest uses another digest than SHA-256, SHA-384 and SHA-512"
                )
            }
            references.append(Reference(name: object, digest: digest, value: entry.digest))
        }
        self.references = references
    }

    /// An extension that must be understood is not: none is known here.
    private static func refuseCritical(_ xml: [UInt8]) throws {
        let limits = StrictXMLDocument.Limits(bytes: ASiCArchiveManifest.largestXML)
        var rest = [try StrictXMLDocument.parse(xml, limits: limits).root]
        while let element = rest.popLast() {
            guard !["true", "1"].contains(element.attribute("Critical") ?? "") else {
                throw ExchangeError(.asicMalformed, "A manifest has a critical extension that is not understood")
            }
            rest += element.children
        }
    }

    /// Checks every digest.
    ///
    /// - Throws: `bundle.digest_mismatch`.
    func check(_ digest: (String, SignatureDigest) throws -> [UInt8]) throws {
        for reference in references where try digest(reference.name, reference.digest) != reference.value {
            throw ExchangeError(
                .bundleDigestMismatch,
                "\(ZipName.shown(reference.name)) is not what the signed manifest says"
            )
        }
    }
}
