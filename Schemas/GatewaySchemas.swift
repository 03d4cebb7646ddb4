import CEmbeddedFiles

/// The schemas of the formats, as the bytes that stand in this folder.
public enum SchemaBytes {
    /// The XSD of `exchange.xml`.
    public static var exchangeHeader: [UInt8] { bytes(embedded_exchange_header_xsd()) }
    /// The XSD of `manifest.xml`.
    public static var evidenceManifest: [UInt8] { bytes(embedded_evidence_manifest_xsd()) }
    /// The JSON Schema (2020-12) of `manifest.json`.
    public static var evidenceManifestJSON: [UInt8] { bytes(embedded_evidence_manifest_schema_json()) }
    /// The OpenAPI 3.1 document of the people's interface.
    public static var officerAPI: [UInt8] { bytes(embedded_officer_api_openapi_json()) }
    /// The XSD of `META-INF/ASiCManifest.xml`, the part of EN 319 162-1 Annex A.4 that the format uses.
    public static var asicManifest: [UInt8] { bytes(embedded_asic_manifest_xsd()) }
    /// The XSD of `META-INF/ASiCArchiveManifest*.xml`, after EN 319 162-1 Annexes A.4 and A.7.
    public static var asicArchiveManifest: [UInt8] { bytes(embedded_asic_archive_manifest_xsd()) }
    /// The JSON Schema (2020-12) of an entry of the exchange log.
    public static var logEntryJSON: [UInt8] { bytes(embedded_log_entry_schema_json()) }
    /// The XSD of the statement in a receipt.
    public static var receipt: [UInt8] { bytes(embedded_receipt_xsd()) }
    /// The XSD of the statement in a peer card.
    public static var peerCard: [UInt8] { bytes(embedded_peer_card_xsd()) }
    /// `peer-card-2.xsd`: the signed statement in a peer card of version 2.
    public static var peerCard2: [UInt8] { bytes(embedded_peer_card_2_xsd()) }
    /// The XSD of the statement in a capability sheet.
    public static var capabilitySheet: [UInt8] { bytes(embedded_capability_sheet_xsd()) }
    /// The description (OpenAPI 3.1) of the protocol between gateways.
    public static var exchangeAPI: [UInt8] { bytes(embedded_exchange_api_openapi_json()) }
    /// The JSON Schema (2020-12) of a file of treaty profiles.
    public static var treatyProfileJSON: [UInt8] { bytes(embedded_treaty_profile_schema_json()) }
    /// The treaty profiles that are shipped.
    public static var treatyProfiles: [UInt8] { bytes(embedded_treaty_profiles_json()) }
    /// The XSD of a verification report; it refers to those of the header and the manifest.
    public static var verificationReport: [UInt8] { bytes(embedded_verification_report_xsd()) }
    /// The JSON Schema (2020-12) of `work-calendars.json`.
    public static var workCalendarJSON: [UInt8] { bytes(embedded_work_calendar_schema_json()) }
    /// The work calendars that are shipped, `work-calendars.json`.
    public static var workCalendars: [UInt8] { bytes(embedded_work_calendars_json()) }

    private static func bytes(_ file: embedded_file) -> [UInt8] {
        Array(UnsafeBufferPointer(start: file.bytes, count: file.size))
    }
}
