public import ExchangeModel

extension EvidenceManifest {
    /// Reads `manifest.xml`, holds it against its schema and checks what a schema cannot say.
    ///
    /// - Parameter bytes: The document, from anybody.
    /// - Throws: An `xml.*` or `manifest.*` code.
    public init(xml bytes: [UInt8]) throws(ExchangeError) {
        let reader = try StatementReader(bytes, format: Self.format)
        try self.init(reader)
        try check()
    }

    private init(_ reader: StatementReader) throws(ExchangeError) {
        let version = try reader.number("formatVersion")
        guard version == Int64(ExchangeHeader.currentFormatVersion) else {
            throw ExchangeError(.manifestUnknownVersion, "The manifest is of format version \(version)")
        }
        var useLimits: UseLimits?
        if let limits = reader.record("useLimits") { useLimits = try UseLimits(limits) }
        self.init(
            messageType: try reader.value("messageType") { MessageType(rawValue: $0) },
            message: try reader.value("message") { MessageID(urn: $0) },
            thread: try reader.value("thread") { ThreadID(urn: $0) },
            sequence: try reader.number("sequence"),
            previousContentDigest: try reader.optional("previousContentDigest") { SHA256Digest(hex: $0) },
            highestSequenceSeen: try reader.number("highestSequenceSeen"),
            sender: try reader.value("sender") { PartyID($0) },
            senderAgency: reader.optionalText("senderAgency"),
            recipient: try reader.value("recipient") { PartyID($0) },
            recipientAgency: reader.optionalText("recipientAgency"),
            reference: reader.optionalText("reference"),
            treaty: reader.optionalText("treaty"),
            created: try reader.value("created") { ExchangeTime(rfc3339: $0) },
            random: try reader.value("random") { SHA256Digest(hex: $0) },
            requiredSigners: try reader.list("requiredSigners", RequiredSigner.init),
            soleReleaseReason: reader.optionalText("soleReleaseReason"),
            subject: try reader.text("subject"),
            fields: try reader.list("fields", Field.init),
            cites: try reader.digests("cites"),
            documents: try reader.list("documents", Document.init),
            evidence: try reader.list("evidence", EvidenceItem.init),
            useLimits: useLimits
        )
    }
}

extension EvidenceManifest.RequiredSigner {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            name: try reader.text("name"),
            role: try reader.value("role") { Role(rawValue: $0) },
            certificate: try reader.value("certificate") { SHA256Digest(hex: $0) }
        )
    }
}

extension EvidenceManifest.Field {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(name: try reader.text("name"), value: try reader.text("value"))
    }
}

extension EvidenceManifest.StoredFile {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            path: try reader.text("path"),
            originalName: try reader.text("originalName"),
            mediaType: try reader.text("mediaType"),
            size: try reader.number("size"),
            sha256: try reader.value("sha256") { SHA256Digest(hex: $0) }
        )
    }
}

extension EvidenceManifest.Document {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            file: try EvidenceManifest.StoredFile(reader),
            purpose: try reader.value("purpose") { Purpose(rawValue: $0) },
            language: reader.optionalText("language")
        )
    }
}

extension EvidenceManifest.SourceDevice {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            kind: try reader.text("kind"),
            make: reader.optionalText("make"),
            model: reader.optionalText("model"),
            identifiers: try reader.list("identifiers", EvidenceManifest.Field.init)
        )
    }
}

extension EvidenceManifest.Acquisition {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        var device: EvidenceManifest.SourceDevice?
        if let source = reader.record("device") { device = try EvidenceManifest.SourceDevice(source) }
        self.init(
            time: try reader.value("time") { ExchangeTime(rfc3339: $0) },
            place: reader.optionalText("place"),
            person: try reader.text("person"),
            tool: try reader.text("tool"),
            toolVersion: reader.optionalText("toolVersion"),
            writeBlocker: reader.optionalText("writeBlocker"),
            device: device
        )
    }
}

extension EvidenceManifest.CustodyEvent {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            time: try reader.value("time") { ExchangeTime(rfc3339: $0) },
            action: try reader.text("action"),
            person: try reader.text("person"),
            tool: reader.optionalText("tool"),
            place: reader.optionalText("place"),
            note: reader.optionalText("note")
        )
    }
}

extension EvidenceManifest.EvidenceItem {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        var acquisition: EvidenceManifest.Acquisition?
        if let source = reader.record("acquisition") { acquisition = try EvidenceManifest.Acquisition(source) }
        self.init(
            file: try EvidenceManifest.StoredFile(reader),
            description: reader.optionalText("description"),
            acquisition: acquisition,
            custody: try reader.list("custody", EvidenceManifest.CustodyEvent.init)
        )
    }
}

extension EvidenceManifest.UseLimits {
    fileprivate init(_ reader: StatementReader) throws(ExchangeError) {
        self.init(
            speciality: reader.optionalText("speciality"),
            onwardTransfer: try reader.value("onwardTransfer") { OnwardTransfer(rawValue: $0) },
            destroyBy: try reader.optional("destroyBy") { ExchangeTime(rfc3339: $0) }
        )
    }
}
