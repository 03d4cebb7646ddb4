extension TextKeys {
    /// Words of a verification report.
    public static let report = Family(
        "report.",
        names: [
            "acquired", "action", "age", "authority", "bundle", "certificate", "certificateSubject", "certificates",
            "check", "checked", "checkedAt", "checks", "claimedTime", "content", "contentDigest", "contentWithheld",
            "counts", "created", "custody", "custodyNote", "details", "file", "finding", "footer", "footerNames",
            "identity", "issuer", "itemNumbers", "items", "key", "kind.foreignContainer", "kind.sealedBundle",
            "kind.signedContainer", "limit.destroyBy", "limit.forbidden", "limit.permitted", "limit.speciality",
            "limit.withConsent", "meaning.failed", "meaning.notChecked", "meaning.passed", "mediaType", "message",
            "message.acknowledgement", "message.clarification", "message.closure", "message.destructionCertificate",
            "message.partialExecution", "message.postponement", "message.preservation", "message.refusal",
            "message.request", "message.response", "message.return", "message.status", "message.supplement",
            "message.transfer", "message.withdrawal", "moment", "nameAndDigest", "nextUpdate", "notProven",
            "nothingProven", "number", "numbered", "object.archive", "object.foreign", "object.item",
            "object.manifest", "object.seal", "object.second", "object.signature", "object.signature.archive",
            "object.signatures", "object.signer", "object.timestamp", "omittedEvents", "omittedItems", "outcome",
            "outcome.failed", "outcome.notChecked", "outcome.passed", "path", "period", "person", "proven",
            "provenBy", "provenTime", "purpose.agencyEncryption", "purpose.agencyTLS", "purpose.backupEncryption",
            "purpose.certificateAuthority", "purpose.foreignSignature", "purpose.gatewayEncryption",
            "purpose.gatewaySeal", "purpose.gatewayTLS", "purpose.ocspSigning", "purpose.personSignIn",
            "purpose.personSignature", "purpose.receipt", "purpose.timestamping", "recipient", "reference",
            "released", "repetition", "repetitionNote", "revocation", "revocationOf.crl", "revocationOf.ocsp",
            "revokedLater", "role", "role.approver", "role.officer", "sealedDigest", "sender", "serialNumber",
            "signature", "signedBy", "size", "soleRelease", "source", "standards", "step", "subject", "technical",
            "thisUpdate", "thread", "time", "times", "timesNote", "title", "titleOf", "treaty", "unsigned",
            "useLimits", "validity", "verdict.failed", "verdict.notChecked", "verdict.passed", "verdictLine",
            "word.failed", "word.notChecked", "word.passed", "writeBlocker",
        ]
    )

    /// What a check is about.
    public static let checkTitles = Family(
        "check.",
        suffix: ".title",
        names: [
            "archive.digests", "archive.manifest", "archive.timestamp", "archive.timestamp_authority",
            "container.entries", "container.structure", "content.certificates", "content.digests", "content.format",
            "content.identity", "content.manifest", "content.structure", "foreign.content", "foreign.data_object",
            "foreign.inventory", "foreign.manifest.digests", "foreign.manifest.format",
            "foreign.manifest.signature", "foreign.not_checked", "foreign.objects", "foreign.signatures.format",
            "foreign.signatures", "foreign.structure", "foreign.unreferenced", "foreign.unsigned", "header.format",
            "item.stored_hash", "key.format", "manifest.format", "manifest.header", "manifest.items",
            "manifest.json", "manifest.signers", "objects.digests", "parts.digests", "parts.format",
            "recipient.key", "seal.certificates", "seal.format", "seal.manifest", "signature.certificate",
            "signature.older_archive_timestamps", "signature.revocation", "signature.signature",
            "signature.timestamp", "signature.timestamp_authority", "verification",
        ]
    )

    /// What a check that holds found.
    public static let checkFindings = Family(
        "check.",
        suffix: ".passed",
        names: [
            "archive.digests", "archive.manifest", "archive.timestamp", "archive.timestamp_authority",
            "container.entries", "container.structure", "content.certificates", "content.digests", "content.format",
            "content.identity", "content.manifest", "content.structure", "foreign.content", "foreign.inventory",
            "foreign.manifest.digests", "foreign.manifest.format", "foreign.objects", "foreign.signatures.format",
            "foreign.structure", "foreign.unsigned", "header.format", "item.stored_hash", "key.format",
            "manifest.format", "manifest.header", "manifest.items", "manifest.json", "manifest.signers",
            "objects.digests", "parts.digests", "parts.format", "recipient.key", "seal.certificates", "seal.format",
            "seal.manifest", "signature.certificate", "signature.revocation", "signature.signature",
            "signature.timestamp", "signature.timestamp_authority",
        ]
    )

    /// What a check that holds found, where it has several sentences.
    public static let checkVariants = Family(
        "check.",
        names: [
            "archive.manifest.named", "archive.timestamp_authority.then", "container.entries.renewed",
            "content.structure.renewed", "foreign.inventory.remarks", "signature.certificate.anchored",
            "signature.certificate.no_timestamp", "signature.revocation.overdue",
            "signature.timestamp_authority.then",
        ]
    )

    /// What is wrong, by the code of the fault; `area.` stands before areas, for codes that are not known here.
    public static let faults = Family(
        "fault.",
        names: [
            "archive.digest", "archive.digest_mismatch", "archive.entries", "archive.extension", "archive.incomplete",
            "archive.predecessor", "archive.time_order", "archive.timestamp_reference", "archive.too_many",
            "archive.validation_data", "area.archive", "area.asic", "area.bundle", "area.certificate",
            "area.crypto", "area.envelope", "area.ewf", "area.file", "area.foreign", "area.header", "area.key",
            "area.manifest", "area.ocsp", "area.output", "area.revocation", "area.signature", "area.store",
            "area.timestamp", "area.transport", "area.trust", "area.verification", "area.work", "area.xml",
            "area.zip", "asic.digest", "asic.malformed", "asic.object_missing", "asic.reference",
            "asic.signature_reference", "asic.weak_digest", "bundle.content_digest", "bundle.digest_mismatch",
            "bundle.entries", "bundle.header_disagrees", "bundle.items_differ", "bundle.manifest_incomplete",
            "bundle.manifests_differ", "bundle.mimetype", "bundle.not_for_us", "bundle.object_too_large",
            "bundle.parts", "bundle.recipients", "certificate.bad_signature", "certificate.critical_extension",
            "certificate.expired", "certificate.key_usage", "certificate.malformed", "certificate.name_constraint",
            "certificate.not_an_authority", "certificate.not_yet_valid", "certificate.path_invalid",
            "certificate.path_too_long", "certificate.revoked", "certificate.strict", "certificate.too_many",
            "certificate.unneeded", "certificate.untrusted", "certificate.weak_signature",
            "certificate.wrong_issuer", "certificate.wrong_party", "certificate.wrong_purpose",
            "crypto.forged_tag_accepted", "crypto.internal", "envelope.algorithm", "envelope.content_size",
            "envelope.key_identifier", "envelope.key_unwrap", "envelope.malformed", "envelope.nonce",
            "envelope.not_a_recipient", "envelope.not_opened", "envelope.recipient", "envelope.tag_length",
            "envelope.tag_mismatch", "envelope.trailing_bytes", "ewf.chunk", "ewf.chunk_count", "ewf.hash_section",
            "ewf.limit", "ewf.section", "ewf.segment_foreign", "ewf.segment_missing", "ewf.stored_hash",
            "ewf.table", "ewf.unsupported", "ewf.volume", "file.not_regular", "file.open_failed",
            "file.read_failed", "file.too_short", "foreign.data_objects", "foreign.kind_not_checked",
            "foreign.mimetype", "foreign.no_signature", "foreign.nothing_to_open", "foreign.signature_missing",
            "foreign.signature_unreferenced", "foreign.too_many_signatures", "foreign.unsigned_files",
            "header.mode", "header.part_count", "header.part_size", "header.recipient_keys", "header.supersedes",
            "header.time_order", "header.unknown_suite", "header.unknown_version", "header.value", "key.mismatch",
            "key.not_in_suite", "key.unreadable", "manifest.custody_order", "manifest.path", "manifest.sequence",
            "manifest.signers", "manifest.sole_release", "manifest.unknown_version", "manifest.value",
            "ocsp.bad_signature", "ocsp.malformed", "ocsp.nonce_mismatch", "ocsp.not_yet_valid", "ocsp.refused",
            "ocsp.responder_not_authorized", "ocsp.stale", "ocsp.unavailable", "ocsp.unsupported",
            "ocsp.weak_signature", "ocsp.wrong_certificate", "output.exists", "output.failed", "output.full",
            "output.read_only",
            "revocation.after_expiry", "revocation.bad_signature", "revocation.fetch_failed",
            "revocation.issuer_not_allowed", "revocation.malformed", "revocation.not_available",
            "revocation.not_yet_valid", "revocation.stale", "revocation.unneeded", "revocation.unsupported",
            "revocation.weak_signature", "revocation.wrong_issuer", "signature.algorithm",
            "signature.certificate_mismatch", "signature.certificate_missing", "signature.certificates",
            "signature.content_type", "signature.digest_mismatch", "signature.duplicate_attribute",
            "signature.duplicate_signer", "signature.invalid", "signature.malformed", "signature.missing",
            "signature.missing_attribute", "signature.not_attached", "signature.not_detached",
            "signature.not_long_term", "signature.revocation_lists", "signature.revocation_values",
            "signature.same_person", "signature.signer_count", "signature.signer_identifier",
            "signature.unexpected", "signature.unlisted_signed_attribute", "signature.unlisted_unsigned_attribute",
            "signature.weak_digest", "timestamp.authority", "timestamp.certificate_missing", "timestamp.future",
            "timestamp.imprint_mismatch", "timestamp.index_malformed", "timestamp.index_mismatch",
            "timestamp.index_missing", "timestamp.malformed", "timestamp.missing", "timestamp.nonce_mismatch",
            "timestamp.rejected", "timestamp.signature", "timestamp.weak_digest", "trust.unknown_party",
            "trust.unreadable", "verification.not_reached", "work.interrupted", "xml.bad_character",
            "xml.cdata_section", "xml.comment", "xml.doctype", "xml.encoding", "xml.entity", "xml.misuse",
            "xml.not_well_formed", "xml.processing_instruction", "xml.schema", "xml.schema_instance",
            "xml.schema_unusable", "xml.too_deep", "xml.too_large", "zip.bad_count", "zip.bad_directory",
            "zip.bad_offset", "zip.bad_size", "zip.comment", "zip.content_too_large", "zip.crc_mismatch",
            "zip.data_descriptor", "zip.deflate", "zip.directory_entry", "zip.directory_too_large",
            "zip.duplicate_name", "zip.encrypted", "zip.entry_too_large", "zip.extra_field", "zip.flags", "zip.gap",
            "zip.local_mismatch", "zip.method", "zip.mimetype_not_first", "zip.multi_disk", "zip.name_absolute",
            "zip.name_backslash", "zip.name_control", "zip.name_dot_segment", "zip.name_drive",
            "zip.name_empty_segment", "zip.name_encoding", "zip.name_not_in_profile", "zip.name_too_long",
            "zip.name_trailing_dot", "zip.no_entries", "zip.not_canonical", "zip.not_zip", "zip.overlap",
            "zip.prefix_bytes", "zip.ratio", "zip.several_ends", "zip.special_file", "zip.symlink", "zip.too_large",
            "zip.too_many_entries", "zip.trailing_bytes", "zip.truncated", "zip.zip64_mismatch",
        ]
    )

    static let reports = [report, checkTitles, checkFindings, checkVariants, faults]
}
