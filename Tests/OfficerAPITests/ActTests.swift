import ExchangeModel
import LegalAssistance
import Testing

@testable import OfficerAPI

/// Acts as the interface writes and reads them.
@Suite struct ActTests {
    private static let digest = String(repeating: "ab", count: 32)
    private static let thread = "01932b5c-8000-7000-8000-000000000000"

    /// One act of every kind, with everything that it can say.
    static let full: [String: String] = [
        "request":
            #""flags":["urgent","oral"],"items":[{"id":"a","text":"Logs"},{"id":"b","text":"Names"}],"deadline":"2027-01-31","deadlineReasons":"detention","preservation":"\#(thread)""#,
        "oralConfirmation": #""reference":"R-1""#,
        "supplement": #""text":"More","items":[{"id":"c","text":"Photos"}]"#,
        "secondSignature": #""of":"\#(digest)""#,
        "acknowledge": #""authority":"executing","name":"Police","reference":"K-1","received":"2026-11-20T10:00:00Z""#,
        "underReview": "",
        "askInformation": #""text":"Which account?","until":"2027-01-01T10:00:00Z""#,
        "giveInformation": #""text":"That one""#,
        "accept": #""conditions":["first","second\nof two lines"]"#,
        "acceptConditions": "",
        "declineConditions": #""reasons":"not possible""#,
        "transfer": #""to":"Customs""#,
        "beginExecution": "",
        "announceDelay": #""reasons":"holidays","estimate":"2027-02-01""#,
        "postpone": #""itemIds":["a","b"],"reasons":"own case","until":"2027-02-01","ground":"ongoingProceedings""#,
        "resume": "",
        "partiallyExecute": #""itemIds":["a"],"cites":["\#(digest)"]"#,
        "execute": #""itemIds":["a"],"cites":["\#(digest)"]"#,
        "confirmResults": "",
        "refuse": #""itemIds":["a"],"ground":"sovereignty","reasons":"essential interests""#,
        "returnUnexecuted": #""reasons":"wrong address""#,
        "withdraw": #""reasons":"settled""#,
        "remind": #""text":"Please""#,
        "escalate": #""level":"liaison","text":"Please""#,
        "askStatus": "",
        "giveStatus": #""text":"Under way","servedOnProvider":"2026-11-20T10:00:00Z""#,
        "extendDeadline": #""limit":"x/execution","days":30,"reasons":"complex""#,
        "evidence": "",
        "close": "",
        "destructionCertificate": #""cites":["\#(digest)"]"#,
        "returnObjects": #""text":"One disk""#,
        "requestPreservation": #""flags":["emergency"],"items":[{"id":"a","text":"Mailbox"}],"until":"2027-02-01""#,
        "preserved": #""since":"2026-11-20","until":"2027-02-01""#,
        "askPreservationExtension": #""until":"2027-02-01""#,
        "extendPreservation": #""until":"2027-02-01""#,
        "warnPreservation": #""text":"The provider may tell""#,
        "requestForPreservedDataReceived": #""thread":"\#(thread)","reference":"R-1""#,
        "releasePreservation": "",
    ]

    private static func json(_ kind: RequestAct.Kind) throws -> JSONValue {
        let rest = try #require(full[kind.rawValue], "\(kind) has no example")
        let text = #"{"kind":"\#(kind.rawValue)"\#(rest.isEmpty ? "" : "," + rest)}"#
        return try JSONValue(reading: Array(text.utf8))
    }

    @Test(
        "An act of every kind is read and written without loss, and fits the document",
        arguments: RequestAct.Kind.allCases
    )
    func roundTrip(kind: RequestAct.Kind) throws {
        let value = try Self.json(kind)
        let act = try RequestAct(json: #require(value.object))
        #expect(act.kind == kind)
        #expect(JSONValue(act) == value)
        let document = try JSONValue(reading: InterfaceDocument.bytes)
        let components = try #require(document["components"]?["schemas"]?.object)
        for schema in ["Act", "StatedAct"] {
            try JSONSchema(#require(components[schema]), components: components).check(value, named: "")
        }
        let kinds = components["ActKind"]?["enum"]?.array?.compactMap(\.text)
        #expect(kinds == RequestAct.Kind.allCases.map(\.rawValue))
    }

    @Test(
        "What does not belong to an act, is missing or not in its form is refused",
        arguments: [
            #"{"kind":"remind","reasons":"x"}"#, #"{"kind":"refuse","reasons":"x"}"#,
            #"{"kind":"request","itemIds":["a"]}"#, #"{"kind":"refuse","ground":"g","reasons":"r","items":[]}"#,
            #"{"kind":"extendDeadline","limit":"l","reasons":"r","days":3,"until":"2027-01-01"}"#,
            #"{"kind":"postpone","reasons":"r","until":"2027-02-29"}"#, #"{"kind":"secondSignature","of":"12"}"#,
            #"{"kind":"request","items":[{"id":"all","text":"x"}]}"#, #"{"kind":"request","deadline":"2027-01-01"}"#,
            #"{"kind":"requestForPreservedDataReceived","thread":"no"}"#,
            #"{"kind":"request","items":[{"id":"a","text":"x"},{"id":"a","text":"y"}]}"#,
        ]
    )
    func refused(text: String) throws {
        let object = try #require(JSONValue(reading: Array(text.utf8)).object)
        #expect(throws: ExchangeError(.actInvalid, "")) { try RequestAct(json: object) }
    }

    @Test("An unknown kind is refused")
    func unknown() throws {
        let object = try #require(JSONValue(reading: Array(#"{"kind":"teleport"}"#.utf8)).object)
        #expect(throws: ExchangeError(.apiValue, "")) { try RequestAct(json: object) }
    }
}
