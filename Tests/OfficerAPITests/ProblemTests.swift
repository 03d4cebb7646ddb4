import BundleExchange
import ExchangeModel
import Foundation
import GatewayListener
import Testing

@testable import OfficerAPI

/// Refusals and faults as callers see them.
@Suite struct ProblemTests {
    @Test("Of every area of error codes it is decided whether callers are told of it")
    func areas() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources")
        let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
        let pattern = try NSRegularExpression(pattern: #"ErrorCode\("([a-z0-9]+)\."#)
        var found: Set<String> = []
        for case let file as URL in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in pattern.matches(in: text, range: NSRange(text.startIndex..., in: text)) {
                if let range = Range(match.range(at: 1), in: text) { found.insert(String(text[range])) }
            }
        }
        #expect(found.count > 20)
        #expect(OfficerProblem.ours.isDisjoint(with: OfficerProblem.areas.keys))
        let undecided = found.subtracting(OfficerProblem.areas.keys).subtracting(OfficerProblem.ours)
        #expect(undecided.isEmpty, "\(undecided.sorted())")
    }

    @Test("A fault on our side tells the caller nothing of itself")
    func silence() throws {
        for code in ["store.damaged", "key.damaged", "draft.damaged", "blob.damaged", "no.such"] {
            let error = ExchangeError(ErrorCode(code), "a secret place", hint: "a secret hint", details: ["more"])
            let response = OfficerProblem.response(to: error)
            #expect(response.status == 500)
            guard case .bytes(let bytes) = response.body else { throw error }
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(!text.contains("secret") && !text.contains("more") && !text.contains(code))
        }
    }

    @Test(
        "Each kind of refusal has its status",
        arguments: [
            ("access.denied", 403), ("access.unknown", 401), ("api.sign_in", 401), ("request.not_found", 404),
            ("request.wrong_state", 409), ("request.value", 422), ("api.json", 400), ("change.own", 409),
            ("store.full", 507), ("revocation.stale", 503), ("evidence.mismatch", 422), ("log.inconsistent", 422),
        ]
    )
    func statuses(code: String, status: Int) {
        #expect(OfficerProblem.status(of: ExchangeError(ErrorCode(code), "reason")) == status)
    }
}
