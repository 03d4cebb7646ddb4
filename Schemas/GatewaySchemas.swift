/// The schemas of the formats, as the bytes that stand in this folder.
public enum SchemaBytes {
    /// The XSD of `exchange.xml`.
    public static var exchangeHeader: [UInt8] { PackageResources.exchange_header_xsd }
    /// The XSD of `manifest.xml`.
    public static var evidenceManifest: [UInt8] { PackageResources.evidence_manifest_xsd }
    /// The JSON Schema (2020-12) of `manifest.json`.
    public static var evidenceManifestJSON: [UInt8] { PackageResources.evidence_manifest_schema_json }
    /// The XSD of `META-INF/ASiCManifest.xml`, the part of EN 319 162-1 Annex A.4 that the format uses.
    public static var asicManifest: [UInt8] { PackageResources.asic_manifest_xsd }
}
