import ExchangeModel

/// The names of the objects in both containers (`Schemas/FORMAT.md`).
enum BundleNames {
    static let mimetype = "mimetype"
    static let mimetypeContent = Array("application/vnd.etsi.asic-e+zip".utf8)
    static let header = "exchange.xml"
    static let key = "key.p7m"
    static let manifestXML = "manifest.xml"
    static let manifestJSON = "manifest.json"
    static let asicManifest = ASiCManifest.path
    static let signature = ASiCManifest.signaturePath

    /// The name of the part of that number, from 1; five digits, more where they are needed.
    static func part(_ number: Int) -> String { "parts/\(padded(number, 5)).p7m" }

    /// The name of the stored file of that number, from 1; four digits, more where they are needed.
    static func file(in folder: String, number: Int) -> String { "\(folder)/\(padded(number, 4))" }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// How large the small objects may be, in bytes.
enum BundleLimits {
    static let headerBytes = ExchangeHeader.largestXML
    static let keyBytes = 65_536
    static let manifestBytes = EvidenceManifest.largestXML
    static let signatureBytes = 1_048_576
}
