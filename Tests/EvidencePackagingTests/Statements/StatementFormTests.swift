import ExchangeModel
import Foundation
import GatewaySchemas
import Testing

@testable import EvidencePackaging

@Suite("The form of the statements")
struct StatementFormTests {
    @Test("is held by xmllint against the same schemas")
    func xmllint() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let log = try workshop.log()
        let cases: [(schema: [UInt8], document: [UInt8])] = [
            (SchemaBytes.receipt, try workshop.receipt(in: log).xml()),
            (SchemaBytes.receipt, try workshop.receipt(.rejected, in: log) { $0.reason = "Повреждён" }.xml()),
            (SchemaBytes.receipt, try workshop.agencyReceipt().xml()),
            (SchemaBytes.peerCard, try workshop.card().xml()),
            (SchemaBytes.peerCard, try workshop.card { $0.houseLog = nil }.xml()),
            (SchemaBytes.capabilitySheet, try workshop.sheet().xml()),
        ]
        for (schema, document) in cases {
            let files = ["schema.xsd": schema, "document.xml": document]
            let command = ["xmllint", "--nonet", "--noout", "--schema", "schema.xsd", "document.xml"]
            let result = try ForeignTool.run(command, files: files)
            #expect(result.status == 0, "\(result.output)")
            let broken = try document.replacing("<formatVersion>1</formatVersion>", "")
            let refusal = try ForeignTool.run(command, files: ["schema.xsd": schema, "document.xml": broken])
            #expect(refusal.status == 3, "\(refusal.output)")
        }
    }

    @Test("is that of the receipt printed in FORMAT.md")
    func printed() throws {
        let page = try String(
            contentsOf: URL(fileURLWithPath: #filePath).appendingPathComponent("../../../../Schemas/FORMAT.md")
                .standardized,
            encoding: .utf8
        )
        let start = try #require(page.range(of: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<receipt "))
        let end = try #require(page.range(of: "</receipt>\n", range: start.lowerBound..<page.endIndex))
        let printed = Array(page[start.lowerBound..<end.upperBound].utf8)
        let receipt = try Receipt(xml: printed)
        #expect(receipt.kind == .opened && receipt.agency == "KG-MVD")
        #expect(try receipt.xml() == printed)
    }
}
