import ExchangeModel

extension CaseDocument {
    /// A stored file: `uco-observable:File` with its name, media type, size and SHA-256.
    func file(
        _ file: EvidenceManifest.StoredFile,
        description: String?,
        tags: [String],
        _ graph: inout CaseGraph
    ) throws -> Statement {
        let label = file.path
        let named = try graph.inline(
            label + "#file",
            "uco-observable:FileFacet",
            [
                ("uco-observable:fileName", .text(file.originalName)),
                ("uco-observable:filePath", .text(file.path)),
                ("uco-observable:sizeInBytes", .number(file.size)),
            ]
        )
        let content = try graph.inline(
            label + "#content",
            "uco-observable:ContentDataFacet",
            [
                ("uco-observable:hash", try graph.hash(label, "SHA256", file.sha256.hex)),
                ("uco-observable:mimeType", .text(file.mediaType)),
                ("uco-observable:sizeInBytes", .number(file.size)),
            ]
        )
        return try graph.add(label, "uco-observable:File") {
            [
                ("uco-core:description", description.map { .text($0) }),
                ("uco-core:hasFacet", .list(item: "", [named, content])),
                ("uco-core:tag", CaseGraph.list(tags.map { .text($0) })),
            ]
        }
    }

    /// What a forensic image holds: its content as an object of its own, contained within the segments' files, with the
    /// hashes the content has; and what the comparison with the stored hashes gave, as an annotation.
    func add(_ image: ForensicImages.Finding, files: [Statement], _ graph: inout CaseGraph) throws {
        let segments = image.files.filter { files.indices.contains($0 - 1) }.map { ($0, files[$0 - 1]) }
        guard let first = segments.first else { return }
        let label = "image/\(first.0)"
        var described = segments.map(\.1)
        if case .success(let hashes) = image.outcome {
            let content = try graph.inline(
                label + "#content",
                "uco-observable:ContentDataFacet",
                [
                    (
                        "uco-observable:hash",
                        CaseGraph.list(
                            try hashes.hashes.map {
                                try graph.hash(label, $0.method.rawValue, Hexadecimal.text(of: $0.found))
                            }
                        )
                    ),
                    ("uco-observable:sizeInBytes", .number(hashes.contentSize)),
                ]
            )
            let kind = try graph.inline(
                label + "#image",
                "uco-observable:ImageFacet",
                [("uco-observable:imageType", .text("E01"))]
            )
            let object = try graph.add(label, "uco-observable:Image") {
                [("uco-core:hasFacet", .list(item: "", [content, kind]))]
            }
            for (number, file) in segments {
                _ = try graph.add("\(label)#within-\(number)", "uco-observable:ObservableRelationship") {
                    [
                        ("uco-core:isDirectional", CaseGraph.boolean(true)),
                        ("uco-core:kindOfRelationship", .text("Contained_Within")),
                        ("uco-core:source", object), ("uco-core:target", file),
                    ]
                }
            }
            described = [object]
        }
        _ = try graph.add(label + "#stored-hashes", "uco-core:Annotation") {
            [
                ("uco-core:name", .text("stored hashes of a forensic image")),
                ("uco-core:object", .list(item: "", described)), ("uco-core:statement", .text(image.sentence)),
            ]
        }
    }

    /// How an item came about and through whose hands it went, gathered in its `case-investigation:ProvenanceRecord`.
    func provenance(
        of item: EvidenceManifest.EvidenceItem,
        file: Statement,
        _ graph: inout CaseGraph
    ) throws -> Statement {
        let label = item.file.path
        let record = try graph.add(label + "#provenance", "case-investigation:ProvenanceRecord") {
            [
                ("case-investigation:exhibitNumber", .text(item.file.path)),
                ("uco-core:description", item.description.map { .text($0) }),
                ("uco-core:object", .list(item: "", [file])),
            ]
        }
        var previous: Statement?
        if let acquisition = item.acquisition {
            previous = try action(acquisition, of: label, results: [file, record], &graph)
        }
        for (number, event) in item.custody.enumerated() {
            previous = try action(
                event,
                "\(label)#custody-\(number + 1)",
                file: file,
                record: record,
                after: previous,
                &graph
            )
        }
        return record
    }

    private func action(
        _ acquisition: EvidenceManifest.Acquisition,
        of label: String,
        results: [Statement],
        _ graph: inout CaseGraph
    ) throws -> Statement {
        let performer = try identity(named: acquisition.person, &graph)
        var instruments = [try tool(acquisition.tool, acquisition.toolVersion, &graph)]
        if let blocker = acquisition.writeBlocker {
            instruments.append(
                try graph.add(CaseGraph.label("write blocker", blocker), "uco-observable:WriteBlocker") {
                    [("uco-core:name", .text(blocker))]
                }
            )
        }
        let device = try acquisition.device.map { try self.device($0, &graph) }
        let place = try acquisition.place.map { try location($0, &graph) }
        return try graph.add(label + "#acquisition", "case-investigation:InvestigativeAction") {
            [
                ("uco-action:endTime", CaseGraph.time(acquisition.time)),
                ("uco-action:instrument", .list(item: "", instruments)),
                ("uco-action:location", place),
                ("uco-action:object", device),
                ("uco-action:performer", performer),
                ("uco-action:result", .list(item: "", results)),
                ("uco-action:startTime", CaseGraph.time(acquisition.time)),
                ("uco-core:description", .text("The manifest states one time for the acquisition")),
                ("uco-core:name", .text("acquisition")),
            ]
        }
    }

    private func action(
        _ event: EvidenceManifest.CustodyEvent,
        _ label: String,
        file: Statement,
        record: Statement,
        after previous: Statement?,
        _ graph: inout CaseGraph
    ) throws -> Statement {
        let performer = try identity(named: event.person, &graph)
        let tool = try event.tool.map { try self.tool($0, nil, &graph) }
        let place = try event.place.map { try location($0, &graph) }
        return try graph.add(label, "case-investigation:InvestigativeAction") {
            [
                ("case-investigation:wasInformedBy", previous),
                ("uco-action:endTime", CaseGraph.time(event.time)),
                ("uco-action:instrument", tool),
                ("uco-action:location", place),
                ("uco-action:object", file),
                ("uco-action:performer", performer),
                ("uco-action:result", record),
                ("uco-action:startTime", CaseGraph.time(event.time)),
                ("uco-core:description", event.note.map { .text($0) }),
                ("uco-core:name", .text(event.action)),
            ]
        }
    }

    /// A device; its identifiers stay what the manifest calls them, and the usual ones are UCO's own properties too.
    private func device(_ device: EvidenceManifest.SourceDevice, _ graph: inout CaseGraph) throws -> Statement {
        let parts = [device.kind, device.make ?? "", device.model ?? ""]
        let label = (["device"] + parts + device.identifiers.flatMap { [$0.name, $0.value] }).joined(separator: "\0")
        func values(_ names: Set<String>) -> [String] {
            device.identifiers.filter { names.contains($0.name.lowercased()) }.map(\.value)
        }
        let serials = values(["serial", "serial number", "serialnumber", "s/n"])
        let maker = try device.make.map { make in
            try graph.add(CaseGraph.label("maker", make), "uco-identity:Organization") {
                [("uco-core:name", .text(make))]
            }
        }
        var facets = [
            try graph.inline(
                label + "#device",
                "uco-observable:DeviceFacet",
                [
                    ("uco-observable:deviceType", .text(device.kind)),
                    ("uco-observable:manufacturer", maker),
                    ("uco-observable:model", device.model.map { .text($0) }),
                    // UCO knows one serial number; several stand among the identifiers only.
                    ("uco-observable:serialNumber", serials.count == 1 ? .text(serials[0]) : nil),
                ]
            )
        ]
        let equipment = values(["imei"])
        if !equipment.isEmpty {
            facets.append(
                try graph.inline(
                    label + "#mobile",
                    "uco-observable:MobileDeviceFacet",
                    [("uco-observable:IMEI", CaseGraph.list(equipment.map { .text($0) }))]
                )
            )
        }
        let identifiers = try device.identifiers.map { try graph.identifier(label, $0.name, $0.value) }
        return try graph.add(label, "uco-observable:Device") {
            [
                ("uco-core:externalReference", CaseGraph.list(identifiers)),
                ("uco-core:hasFacet", .list(item: "", facets)),
                ("uco-core:name", .text(parts.filter { !$0.isEmpty }.joined(separator: " "))),
            ]
        }
    }

    private func tool(_ name: String, _ version: String?, _ graph: inout CaseGraph) throws -> Statement {
        try graph.add(CaseGraph.label("tool", name, version ?? ""), "uco-tool:Tool") {
            [("uco-core:name", .text(name)), ("uco-tool:version", version.map { .text($0) })]
        }
    }

    private func location(_ place: String, _ graph: inout CaseGraph) throws -> Statement {
        try graph.add(CaseGraph.label("place", place), "uco-location:Location") { [("uco-core:name", .text(place))] }
    }
}
