import ExchangeModel
import Foundation
import Testing

@testable import EvidencePackaging

/// `case.jsonld` as the tools of the CASE community read it: PyPI's case-utils with its ontologies, and rdflib.
@Suite("The CASE document of a bundle")
struct CaseDocumentTests {
    private func document(_ manifest: EvidenceManifest, content: UInt8 = 0x77) -> CaseDocument {
        CaseDocument(
            manifest: manifest,
            contentDigest: ManifestSamples.digest(content),
            releases: manifest.requiredSigners.map {
                CaseDocument.Release(name: $0.name, certificate: $0.certificate, time: ManifestSamples.sealed)
            }
        )
    }

    @Test("passes case_validate, advice included")
    func validates() throws {
        let documents = try ManifestSamples.all.enumerated().map { index, manifest in
            ("\(index).jsonld", try document(manifest, content: UInt8(index)).jsonLD())
        }
        let result = try ForeignTool.run(
            ["case_validate"] + documents.map(\.0),
            files: Dictionary(uniqueKeysWithValues: documents)
        )
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("Conforms: True"))
    }

    @Test("is refused by case_validate when a file has two sizes")
    func isReallyValidated() throws {
        let text = String(decoding: try document(ManifestSamples.full).jsonLD(), as: UTF8.self)
            .replacingOccurrences(of: #""uco-observable:sizeInBytes":0"#, with: #""uco-observable:sizeInBytes":[0,1]"#)
        let result = try ForeignTool.run(["case_validate", "case.jsonld"], files: ["case.jsonld": Array(text.utf8)])
        #expect(result.status == 1)
        #expect(result.output.contains("Conforms: False"))
    }

    @Test("says to rdflib what the manifest states")
    func statesTheManifest() throws {
        let result = try ForeignTool.run(
            ["python3", "read.py"],
            files: ["case.jsonld": try document(ManifestSamples.full).jsonLD(), "read.py": Array(Self.reading.utf8)]
        )
        #expect(result.status == 0, "\(result.output)")
        let digest = ManifestSamples.digest(0xab).hex
        let line = "  Әділет министрлігі <&> 司法部 👩‍⚖️ \u{2028} "
        #expect(
            result.output.split(separator: "\n").map(String.init) == [
                "file evidence/0001 ../../etc/passwd image/jpeg 9007199254740991 SHA256 \(digest)",
                "file evidence/0002 фото «1».jpg image/jpeg 9007199254740991 SHA256 \(digest)",
                "file evidence/0003 фото «1».jpg image/jpeg 9007199254740991 SHA256 \(digest)",
                "acquired evidence/0001 by '\(line)' with T35u None 2026-11-20T23:59:59+00:00",
                "acquired evidence/0001 by '\(line)' with dd 9.1 2026-11-20T23:59:59+00:00",
                "acquired evidence/0002 by 'C' with D None 2026-11-20T23:59:59+00:00",
                "acquired evidence/0003 by 'C' with D None 2026-11-20T23:59:59+00:00",
                "custody evidence/0001 acquired 2026-11-19T00:00:00+00:00",
                "custody evidence/0001 seized 2026-11-19T00:00:00+00:00",
                "device disk None None", "device smartphone '\(line)' 490154203237518",
                "order acquired after seized", "order seized after acquisition",
                "released by '\(line)' 2026-11-22T10:00:00+00:00", "released by 'A' 2026-11-22T10:00:00+00:00",
                "enclosed all",
            ]
        )
    }

    @Test("is the same bytes each time, and other names in each bundle")
    func isDeterministic() throws {
        let once = try document(ManifestSamples.full).jsonLD()
        #expect(try document(ManifestSamples.full).jsonLD() == once)
        let other = CaseDocument(
            manifest: ManifestSamples.full,
            contentDigest: ManifestSamples.digest(0x78),
            releases: []
        )
        func names(_ bytes: [UInt8]) -> Set<String> {
            let text = String(decoding: bytes, as: UTF8.self)
            return Set(text.components(separatedBy: "\"@id\":\"urn:uuid:").dropFirst().map { String($0.prefix(36)) })
        }
        #expect(names(once).isDisjoint(with: names(try other.jsonLD())))
        #expect(names(once).allSatisfy { UUID(uuidString: $0) != nil && Array($0)[14] == "5" })
    }

    @Test("keeps apart what only looks alike when names are joined")
    func hostileNames() throws {
        var manifest = ManifestSamples.minimal
        let time = ManifestSamples.drafted
        manifest.evidence = [("a", "b/c"), ("a/b", "c"), ("a", "b"), ("a", "b")].enumerated().map { index, tool in
            .init(
                file: ManifestSamples.file("evidence/000\(index + 1)"),
                acquisition: .init(time: time, person: "tool", tool: tool.0, toolVersion: tool.1)
            )
        }
        let text = String(decoding: try document(manifest).jsonLD(), as: UTF8.self)
        #expect(text.components(separatedBy: #""@type":"uco-tool:Tool""#).count - 1 == 3)
    }

    /// Reads the graph by its ontology's terms, knowing nothing of how we name nodes.
    private static let reading = #"""
        import rdflib
        graph = rdflib.Graph()
        graph.parse("case.jsonld", format="json-ld")
        prefixes = {"inv": "https://ontology.caseontology.org/case/investigation/"}
        for part in ("action", "core", "identity", "observable", "tool", "types"):
            prefixes[part] = f"https://ontology.unifiedcyberontology.org/uco/{part}/"
        def ask(query): return sorted(graph.query(query, initNs=prefixes), key=lambda row: [str(cell) for cell in row])
        for row in ask("""SELECT ?path ?name ?type ?size ?method ?value WHERE {
            ?file a observable:File ; core:hasFacet [ observable:filePath ?path ; observable:fileName ?name ] ,
                [ observable:mimeType ?type ; observable:sizeInBytes ?size ;
                  observable:hash [ types:hashMethod ?method ; types:hashValue ?value ] ] .
            FILTER(STRSTARTS(?path, "evidence/")) }"""):
            print("file", *[cell.toPython() if i != 5 else str(cell).lower() for i, cell in enumerate(row)])
        for row in ask("""SELECT ?path ?person ?tool ?version ?time WHERE {
            ?act a inv:InvestigativeAction ; core:name "acquisition" ; action:performer/core:name ?person ;
                action:startTime ?time ; action:endTime ?time ; action:instrument ?used ;
                action:result/core:hasFacet/observable:filePath ?path .
            ?used core:name ?tool . OPTIONAL { ?used tool:version ?version } }"""):
            print("acquired", row[0], "by", f"'{row[1]}'", "with", row[2], row[3], row[4].toPython().isoformat())
        for row in ask("""SELECT ?path ?name ?time WHERE {
            ?act a inv:InvestigativeAction ; core:name ?name ; action:startTime ?time ;
                action:object/core:hasFacet/observable:filePath ?path ; action:result ?record .
            ?record a inv:ProvenanceRecord ; inv:exhibitNumber ?path . }"""):
            print("custody", row[0], row[1], row[2].toPython().isoformat())
        for row in ask("""SELECT ?kind ?maker ?imei WHERE {
            ?device a observable:Device ; core:hasFacet ?facet . ?facet observable:deviceType ?kind .
            OPTIONAL { ?facet observable:manufacturer/core:name ?maker }
            OPTIONAL { ?device core:hasFacet/observable:IMEI ?imei } }"""):
            print("device", row[0], None if row[1] is None else f"'{row[1]}'", row[2])
        for row in ask("""SELECT ?later ?earlier WHERE {
            ?act core:name ?later ; inv:wasInformedBy/core:name ?earlier }"""):
            print("order", row[0], "after", row[1])
        for row in ask("""SELECT ?name ?time WHERE {
            ?act core:name "release" ; action:performer/core:name ?name ; action:endTime ?time }"""):
            print("released by", f"'{row[0]}'", row[1].toPython().isoformat())
        loose = ask("""SELECT ?node WHERE { ?node a ?type . ?other ?property ?other2 .
            FILTER NOT EXISTS { ?holder ?any ?node } FILTER NOT EXISTS { ?node a core:Bundle } } LIMIT 1""")
        print("enclosed all" if not loose else f"loose {loose}")
        """#
}
