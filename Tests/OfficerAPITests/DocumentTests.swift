import ExchangeModel
import Foundation
import GatewaySchemas
import ProgramHarness
import Testing

@testable import OfficerAPI

/// The OpenAPI document, as others and as this program read it.
@Suite struct DocumentTests {
    @Test("A tool of others takes the document for OpenAPI 3.1")
    func foreign() throws {
        let path = OfficerPKI.scratch("document") + ".json"
        try Data(SchemaBytes.officerAPI).write(to: URL(fileURLWithPath: path))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-m", "openapi_spec_validator", "--schema", "3.1.0", path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try String(decoding: output.fileHandleForReading.readWhole(), as: UTF8.self)
        process.waitUntilExit()
        #expect(
            process.terminationStatus == 0,
            "needs Python's openapi-spec-validator (pip install openapi-spec-validator): \(said)"
        )
    }

    @Test("Every operation names an act, has a summary, an example of its body and of what it needs")
    func whole() throws {
        for operation in try InterfaceDocument().operations {
            for parameter in operation.pathParameters {
                let example = try #require(parameter.example, "\(operation.id) \(parameter.name)")
                _ = try parameter.schema.value(of: example, named: parameter.name)
                #expect(parameter.isRequired)
            }
            if let body = operation.body, let schema = body.schema {
                try schema.check(#require(body.example, "\(operation.id)"), named: "")
            }
            if operation.method == "GET" { #expect(operation.body == nil, "\(operation.id)") }
            #expect(operation.answer.mediaType != nil, "\(operation.id)")
        }
    }

    @Test(
        "A document that promises what this program does not keep is refused",
        arguments: [
            (#""minLength":1"#, #""minProperties":1"#), (#""x-act":"seeSelf""#, #""x-act":"seeEverything""#),
            (#""x-act":"seeSelf","#, ""), (#""operationId":"showSelf""#, #""operationId":"showStatus""#),
            (##""$ref":"#/components/schemas/Me""##, ##""$ref":"#/components/schemas/You""##),
            (#""openapi":"3.1.0""#, #""openapi":"3.0.3""#), (#""/me":{"get""#, #""/me":{"trace""#),
            (#""/requests/{request}":"#, #""/requests/{string}":"#),
        ]
    )
    func broken(original: String, replacement: String) throws {
        let text = String(decoding: try JSONValue(reading: InterfaceDocument.bytes).line, as: UTF8.self)
        try #require(text.contains(original))
        let changed = text.replacingOccurrences(of: original, with: replacement)
        #expect(throws: ExchangeError(.apiDocument, "")) { try InterfaceDocument(reading: Array(changed.utf8)) }
    }
}
