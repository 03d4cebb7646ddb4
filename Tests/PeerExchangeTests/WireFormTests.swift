import BundleExchange
import ExchangeModel
import Foundation
import Testing

@testable import PeerExchange

@Suite struct WireFormTests {
    // MARK: - The state of a bundle

    @Test(arguments: [
        (
            DeliveryState(standing: .announced, missing: [1...3, 5...5]),
            #"{"standing":"announced","missing":[[1,3],[5,5]]}"#
        ),
        (DeliveryState(standing: .announced, missing: []), #"{"standing":"announced","missing":[]}"#),
        (DeliveryState(standing: .received, missing: []), #"{"standing":"received","missing":[]}"#),
    ])
    func theStateIsWrittenAndRead(_ state: DeliveryState, _ json: String) throws {
        #expect(String(decoding: state.json, as: UTF8.self) == json + "\n")
        #expect(try DeliveryState(answer: Array(json.utf8)) == state)
    }

    @Test func membersOfALaterVersionArePassedOver() throws {
        let later = #"{"expires":"2027-01-01T00:00:00Z","missing":[[2,2]],"standing":"announced","quota":{"bytes":1}}"#
        #expect(try DeliveryState(answer: Array(later.utf8)) == DeliveryState(standing: .announced, missing: [2...2]))
    }

    @Test(arguments: [
        "", "[]", "{}", #"{"standing":"announced"}"#, #"{"standing":"parked","missing":[]}"#,
        #"{"standing":"announced","missing":[[1]]}"#, #"{"standing":"announced","missing":[[1,2,3]]}"#,
        #"{"standing":"announced","missing":[[0,2]]}"#, #"{"standing":"announced","missing":[[-1,2]]}"#,
        #"{"standing":"announced","missing":[[3,2]]}"#, #"{"standing":"announced","missing":[[1,3],[3,4]]}"#,
        #"{"standing":"announced","missing":[[5,6],[1,2]]}"#, #"{"standing":"announced","missing":[[1,100000]]}"#,
        #"{"standing":"announced","missing":[[1,99999999999999999999]]}"#,
        #"{"standing":"received","missing":[[1,1]]}"#, "{\"standing\":\"announced\",\"missing\":[]}x",
    ])
    func anAnswerThatMakesNoSenseIsNoState(_ json: String) {
        #expect(throws: ExchangeError(.peerAnswer, "")) { try DeliveryState(answer: Array(json.utf8)) }
    }

    @Test func deepNestingEndsInAnError() {
        let deep = #"{"standing":"announced","missing":"# + String(repeating: "[", count: 100_000)
        #expect(throws: ExchangeError(.peerAnswer, "")) { try DeliveryState(answer: Array(deep.utf8)) }
    }

    // MARK: - Statuses

    @Test(arguments: [
        ("peer.suspended", 403), ("peer.unknown", 403), ("peer.certificate_refused", 403), ("request.not_found", 404),
        ("exchange.unknown_version", 404), ("announcement.conflict", 409), ("request.wrong_state", 409),
        ("assembly.part_busy", 409), ("assembly.in_use", 409), ("part.missing", 409), ("assembly.no_such_part", 404),
        ("assembly.part_digest", 422), ("exchange.length_required", 411), ("announcement.too_large", 413),
        ("announcement.sender", 422), ("receipt.mismatch", 422), ("signature.invalid", 422),
        ("certificate.revoked", 422), ("header.value", 422), ("xml.doctype", 422), ("exchange.digest_mismatch", 422),
        ("revocation.not_available", 503), ("revocation.stale", 503), ("timestamp.future", 503), ("store.full", 507),
        ("store.busy", 503),
    ])
    func errorsHaveTheirStatus(_ code: String, _ status: Int) {
        #expect(ProblemStatus.of(ExchangeError(ErrorCode(code), "")) == status)
    }

    @Test(arguments: [
        "store.value", "log.inconsistent", "key.missing", "crypto.internal", "output.failed", "assembly.other_bundle",
    ])
    func faultsOnThisSideAreNotTold(_ code: String) {
        #expect(ProblemStatus.of(ExchangeError(ErrorCode(code), "")) == nil)
    }

    // MARK: - Paths

    @Test(arguments: ["1", "9", "10", "99999"])
    func partNumbersAreRead(_ text: String) throws { #expect(try PathValues.part(text) == Int(text)) }

    @Test(arguments: [nil, "", "0", "01", "+1", "-1", "1 ", " 1", "1.0", "0x1", "100000", "٣", "1_0", "1e1"])
    func otherPartNumbersAreNotThere(_ text: String?) {
        #expect(throws: ExchangeError(.notFound, "")) { try PathValues.part(text) }
    }

    @Test(arguments: [
        nil, "", "urn:uuid:0190a7b4-1111-7222-8333-444455556666", "0190A7B4-1111-7222-8333-444455556666",
        "0190a7b4-1111-4222-8333-444455556666", "0190a7b4111172228333444455556666",
        "0190a7b4-1111-7222-8333-44445555666", "../../etc/passwd",
    ])
    func otherBundleNamesAreNotThere(_ text: String?) {
        #expect(throws: ExchangeError(.notFound, "")) { try PathValues.bundle(text) }
    }

    @Test func aBundleNameIsRead() throws {
        let text = "0190a7b4-1111-7222-8333-444455556666"
        #expect(try PathValues.bundle(text).uuid == text)
    }
}
