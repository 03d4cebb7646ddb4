public import ExchangeModel
internal import GatewaySchemas
internal import StrictXML

extension EvidenceManifest {
    /// The largest `manifest.xml`, in bytes.
    public static let largestXML = 16_777_216

    static let format = StatementReader.Format(
        schema: Result { () throws(ExchangeError) in try XMLSchemaDocument(SchemaBytes.evidenceManifest) },
        root: "evidenceManifest",
        family: "urn:rogatory:evidence-manifest:",
        limit: largestXML,
        unknownVersion: .manifestUnknownVersion,
        fault: .manifestValue
    )

    /// The bytes of `manifest.xml`; the same manifest always gives the same bytes.
    ///
    /// - Throws: What reading them back would throw, so that nothing is written that a reader refuses.
    public func xml() throws(ExchangeError) -> [UInt8] {
        let bytes = try statement.xml(root: Self.format.root, namespace: Self.format.namespace)
        _ = try EvidenceManifest(xml: bytes)
        return bytes
    }

    /// The bytes of `manifest.json`: the same statement in the form of RFC 8785.
    ///
    /// A reader compares these bytes with the ones it received and so needs no JSON parser.
    /// - Throws: `manifest.value` for a number that JSON cannot hold exactly.
    public func json() throws(ExchangeError) -> [UInt8] { try statement.canonicalJSON() }

    var statement: Statement {
        .record(present: [
            ("formatVersion", .number(Int64(formatVersion))),
            ("messageType", .text(messageType.rawValue)),
            ("message", .text(message.urn)),
            ("thread", .text(thread.urn)),
            ("sequence", .number(sequence)),
            ("previousContentDigest", .text(of: previousContentDigest)),
            ("highestSequenceSeen", .number(highestSequenceSeen)),
            ("sender", .text(sender.text)),
            ("senderAgency", .text(of: senderAgency)),
            ("recipient", .text(recipient.text)),
            ("recipientAgency", .text(of: recipientAgency)),
            ("reference", .text(of: reference)),
            ("treaty", .text(of: treaty)),
            ("created", .text(created.description)),
            ("random", .text(random.hex)),
            ("requiredSigners", .list(item: "signer", requiredSigners.map(\.statement))),
            ("soleReleaseReason", .text(of: soleReleaseReason)),
            ("subject", .text(subject)),
            ("fields", .list(item: "field", fields.map(\.statement))),
            ("cites", .list(item: "contentDigest", cites.map { .text($0.hex) })),
            ("documents", .list(item: "document", documents.map(\.statement))),
            ("evidence", .list(item: "item", evidence.map(\.statement))),
            ("useLimits", useLimits?.statement),
        ])
    }
}

extension EvidenceManifest.RequiredSigner {
    fileprivate var statement: Statement {
        .record([
            ("name", .text(name)),
            ("role", .text(role.rawValue)),
            ("certificate", .text(certificate.hex)),
        ])
    }
}

extension EvidenceManifest.Field {
    fileprivate var statement: Statement { .record([("name", .text(name)), ("value", .text(value))]) }
}

extension EvidenceManifest.StoredFile {
    fileprivate var members: [(name: String, value: Statement?)] {
        [
            ("path", .text(path)),
            ("originalName", .text(originalName)),
            ("mediaType", .text(mediaType)),
            ("size", .number(size)),
            ("sha256", .text(sha256.hex)),
        ]
    }
}

extension EvidenceManifest.Document {
    fileprivate var statement: Statement {
        .record(present: file.members + [("purpose", .text(purpose.rawValue)), ("language", .text(of: language))])
    }
}

extension EvidenceManifest.SourceDevice {
    fileprivate var statement: Statement {
        .record(present: [
            ("kind", .text(kind)),
            ("make", .text(of: make)),
            ("model", .text(of: model)),
            ("identifiers", .list(item: "field", identifiers.map(\.statement))),
        ])
    }
}

extension EvidenceManifest.Acquisition {
    fileprivate var statement: Statement {
        .record(present: [
            ("time", .text(time.description)),
            ("place", .text(of: place)),
            ("person", .text(person)),
            ("tool", .text(tool)),
            ("toolVersion", .text(of: toolVersion)),
            ("writeBlocker", .text(of: writeBlocker)),
            ("device", device?.statement),
        ])
    }
}

extension EvidenceManifest.CustodyEvent {
    fileprivate var statement: Statement {
        .record(present: [
            ("time", .text(time.description)),
            ("action", .text(action)),
            ("person", .text(person)),
            ("tool", .text(of: tool)),
            ("place", .text(of: place)),
            ("note", .text(of: note)),
        ])
    }
}

extension EvidenceManifest.EvidenceItem {
    fileprivate var statement: Statement {
        .record(
            present: file.members + [
                ("description", .text(of: description)),
                ("acquisition", acquisition?.statement),
                ("custody", .list(item: "event", custody.map(\.statement))),
            ]
        )
    }
}

extension EvidenceManifest.UseLimits {
    fileprivate var statement: Statement {
        .record(present: [
            ("speciality", .text(of: speciality)),
            ("onwardTransfer", .text(onwardTransfer.rawValue)),
            ("destroyBy", .text(of: destroyBy)),
        ])
    }
}
