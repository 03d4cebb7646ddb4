import ExchangeModel
import TrustCrypto

/// What an opened bundle states of its evidence, in the terms of CASE and UCO, as `case.jsonld`: files with digests,
/// devices, acquisitions, custody, provenance records, authorities, releases and limits of use.
///
/// It is a pure function of what was signed, of the times that the timestamps prove and of the images' stored hashes:
/// opened twice, a bundle gives the same bytes. JSON-LD 1.1 in the form of RFC 8785, terms of CASE 1.4 and UCO 1.4.
public struct CaseDocument: Sendable {
    /// Somebody who released the content.
    struct Release: Sendable {
        let name: String
        let certificate: SHA256Digest
        let time: ExchangeTime
    }

    let manifest: EvidenceManifest
    let contentDigest: SHA256Digest
    let releases: [Release]
    let images: [ForensicImages.Finding]

    /// Takes what was proven.
    public init(_ bundle: VerifiedBundle) {
        self.init(
            manifest: bundle.manifest,
            contentDigest: bundle.contentDigest,
            releases: bundle.signers.map {
                Release(
                    name: $0.certificate.displayName,
                    certificate: $0.certificate.sha256,
                    time: $0.provenTime
                )
            },
            images: bundle.images
        )
    }

    init(
        manifest: EvidenceManifest,
        contentDigest: SHA256Digest,
        releases: [Release],
        images: [ForensicImages.Finding] = []
    ) {
        self.manifest = manifest
        self.contentDigest = contentDigest
        self.releases = releases
        self.images = images
    }

    /// The document's bytes.
    ///
    /// - Throws: `manifest.value` when a number is larger than JSON can hold.
    public func jsonLD() throws -> [UInt8] {
        var graph = CaseGraph(message: manifest.message, seed: contentDigest)
        let sender = try party(manifest.sender, manifest.senderAgency, &graph)
        let recipient = try party(manifest.recipient, manifest.recipientAgency, &graph)
        let documents = try manifest.documents.map {
            try file($0.file, description: $0.purpose.rawValue, tags: $0.language.map { [$0] } ?? [], &graph)
        }
        var files: [Statement] = []
        var records: [Statement] = []
        for item in manifest.evidence {
            let file = try file(item.file, description: item.description, tags: [], &graph)
            files.append(file)
            records.append(try provenance(of: item, file: file, &graph))
        }
        for image in images { try add(image, files: files, &graph) }
        try addReleases(of: records + documents, by: sender, to: recipient, &graph)
        try addInvestigation(documents + files + records, &graph)
        let limits = try useLimits(&graph)
        return try graph.document([
            ("uco-core:createdBy", sender),
            ("uco-core:description", .text("\(manifest.messageType.rawValue) \(manifest.message.urn)")),
            ("uco-core:externalReference", try identity(graph)),
            ("uco-core:name", .text(manifest.subject)),
            ("uco-core:objectCreatedTime", CaseGraph.time(manifest.created)),
            ("uco-core:objectMarking", limits),
        ])
    }

    /// Ties the document to the signed content.
    private func identity(_ graph: CaseGraph) throws -> Statement {
        try graph.identifier("bundle", "SHA-256 of the signed META-INF/ASiCManifest.xml", contentDigest.hex)
    }

    // MARK: - Who

    /// The party, and the agency it speaks for as its member; gives whichever acts.
    private func party(_ id: PartyID, _ agency: String?, _ graph: inout CaseGraph) throws -> Statement {
        let label = CaseGraph.label("party", id.text)
        let reference = try graph.identifier(label, "organizationIdentifier", id.text)
        let party = try graph.add(label, "uco-identity:Organization") {
            [("uco-core:externalReference", reference), ("uco-core:name", .text(id.text))]
        }
        guard let agency else { return party }
        let member = try graph.add(CaseGraph.label("agency", id.text, agency), "uco-identity:Organization") {
            [("uco-core:name", .text(agency))]
        }
        _ = try graph.add(CaseGraph.label("member", id.text, agency), "uco-core:Relationship") {
            [
                ("uco-core:isDirectional", CaseGraph.boolean(true)),
                ("uco-core:kindOfRelationship", .text("Member_Of")), ("uco-core:source", member),
                ("uco-core:target", party),
            ]
        }
        return member
    }

    /// Whoever goes by that name; the manifest may name a person or an office.
    func identity(named name: String, _ graph: inout CaseGraph) throws -> Statement {
        try graph.add(CaseGraph.label("identity", name), "uco-identity:Identity") { [("uco-core:name", .text(name))] }
    }

    private func addReleases(
        of objects: [Statement],
        by sender: Statement,
        to recipient: Statement,
        _ graph: inout CaseGraph
    ) throws {
        for (number, release) in releases.enumerated() {
            let label = "person/" + release.certificate.hex
            let certificate = try graph.identifier(
                label,
                "SHA-256 of the signature certificate",
                release.certificate.hex
            )
            let person = try graph.add(label, "uco-identity:Person") {
                [("uco-core:externalReference", certificate), ("uco-core:name", .text(release.name))]
            }
            _ = try graph.add("release/\(number + 1)", "case-investigation:InvestigativeAction") {
                [
                    ("uco-action:endTime", CaseGraph.time(release.time)),
                    ("uco-action:object", CaseGraph.list(objects)),
                    ("uco-action:participant", .list(item: "", [sender, recipient])),
                    ("uco-action:performer", person),
                    ("uco-core:description", .text("Signed for release; the signature existed by the end time")),
                    ("uco-core:name", .text("release")),
                ]
            }
        }
    }

    // MARK: - Under what

    private func addInvestigation(_ objects: [Statement], _ graph: inout CaseGraph) throws {
        var authorization: Statement?
        if manifest.treaty != nil || manifest.reference != nil {
            let identifiers = [manifest.treaty, manifest.reference].compactMap(\.self)
            authorization = try graph.add("authorization", "case-investigation:Authorization") {
                [
                    ("case-investigation:authorizationIdentifier", .list(item: "", identifiers.map { .text($0) })),
                    ("case-investigation:authorizationType", .text("mutual legal assistance")),
                ]
            }
        }
        let thread = try graph.identifier("investigation", "thread", manifest.thread.urn)
        _ = try graph.add("investigation", "case-investigation:Investigation") {
            [
                ("case-investigation:relevantAuthorization", authorization),
                ("uco-core:externalReference", thread), ("uco-core:name", .text(manifest.subject)),
                ("uco-core:object", CaseGraph.list(objects)),
            ]
        }
    }

    private func useLimits(_ graph: inout CaseGraph) throws -> Statement? {
        guard let limits = manifest.useLimits else { return nil }
        var terms: [String] = []
        if let speciality = limits.speciality { terms.append("speciality: \(speciality)") }
        terms.append("onward transfer: \(limits.onwardTransfer.rawValue)")
        if let destroyBy = limits.destroyBy { terms.append("destroy by: \(destroyBy)") }
        let model = try graph.inline(
            "use-limits#terms",
            "uco-marking:TermsOfUseMarking",
            [
                ("uco-marking:definitionType", .text("terms-of-use")),
                ("uco-marking:termsOfUse", .text(terms.joined(separator: "; "))),
            ]
        )
        return try graph.add("use-limits", "uco-marking:MarkingDefinition") {
            [("uco-marking:definition", model), ("uco-marking:definitionType", .text("terms-of-use"))]
        }
    }
}
