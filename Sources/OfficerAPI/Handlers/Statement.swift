import BundleExchange
import ExchangeModel

extension JSONValue {
    /// What a message states; of a draft also who signed.
    init(_ manifest: EvidenceManifest, signatures: [SHA256Digest: (person: PersonID, time: ExchangeTime)] = [:]) {
        let items =
            manifest.documents.map { JSONValue($0) } + manifest.evidence.map { JSONValue($0) }
        self = .members([
            "messageType": .text(manifest.messageType.rawValue), "message": .text(manifest.message.uuid),
            "sequence": .integer(manifest.sequence), "sender": .text(manifest.sender.text),
            "senderAgency": manifest.senderAgency.map(JSONValue.text), "recipient": .text(manifest.recipient.text),
            "recipientAgency": manifest.recipientAgency.map(JSONValue.text), "subject": .text(manifest.subject),
            "reference": manifest.reference.map(JSONValue.text), "treaty": manifest.treaty.map(JSONValue.text),
            "created": .time(manifest.created), "fields": .array(manifest.fields.map { JSONValue($0) }),
            "cites": .array(manifest.cites.map(JSONValue.digest)),
            "signers": .array(
                manifest.requiredSigners.map { signer in
                    let signed = signatures[signer.certificate]
                    return .members([
                        "name": .text(signer.name), "role": .text(signer.role.rawValue),
                        "certificate": .digest(signer.certificate), "person": signed.map { .text($0.person.text) },
                        "signed": signed.map { .time($0.time) },
                    ])
                }
            ),
            "soleReleaseReason": manifest.soleReleaseReason.map(JSONValue.text), "items": .array(items),
            "useLimits": manifest.useLimits.map { limits in
                .members([
                    "speciality": limits.speciality.map(JSONValue.text),
                    "onwardTransfer": .text(limits.onwardTransfer.rawValue),
                    "destroyBy": limits.destroyBy.map(JSONValue.time),
                ])
            },
        ])
    }

    private init(_ document: EvidenceManifest.Document) {
        self = JSONValue(document.file, kind: "document", purpose: document.purpose, language: document.language)
    }

    private init(_ item: EvidenceManifest.EvidenceItem) {
        self = JSONValue(item.file, kind: "evidence", description: item.description)
    }

    private init(
        _ file: EvidenceManifest.StoredFile,
        kind: String,
        purpose: EvidenceManifest.Document.Purpose? = nil,
        language: String? = nil,
        description: String? = nil
    ) {
        self = .members([
            "path": .text(file.path), "kind": .text(kind), "originalName": .text(file.originalName),
            "mediaType": .text(file.mediaType), "size": .integer(file.size), "sha256": .digest(file.sha256),
            "purpose": purpose.map { .text($0.rawValue) }, "language": language.map(JSONValue.text),
            "description": description.map(JSONValue.text),
        ])
    }
}
