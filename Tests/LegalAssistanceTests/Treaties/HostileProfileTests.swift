import ExchangeModel
import Foundation
import GatewaySchemas
import LegalAssistance
import Testing

/// One change of a good profile that must be refused, and where the message must point.
struct HostileProfile: Sendable, CustomStringConvertible {
    let name: String
    let old: String
    let new: String
    let place: String
    /// Whether JSON Schema can say it as well; identity across a file it cannot.
    var schemaRefuses = true

    var description: String { name }
    var json: String? { ProfileSamples.bilateral(replacing: old, with: new) }

    static let all: [HostileProfile] = [
        .init(
            name: "an unknown member of a profile",
            old: "\"channel\":",
            new: "\"chanel\":",
            place: "$: there is no member \"chanel\""
        ),
        .init(
            name: "a member that is missing",
            old: "\"urgent\": {\"available\": true,",
            new: "\"urgent\": {",
            place: "$.urgent: the member \"available\" is missing"
        ),
        .init(
            name: "an unknown member of a limit",
            old: "\"amount\": 30",
            new: "\"amount\": 30, \"hard\": true",
            place: "$.limits[0]: there is no member \"hard\""
        ),
        .init(
            name: "a text where a number belongs",
            old: "\"amount\": 30",
            new: "\"amount\": \"30\"",
            place: "$.limits[0].amount"
        ),
        .init(name: "a limit of no days", old: "\"amount\": 30", new: "\"amount\": 0", place: "$.limits[0].amount"),
        .init(
            name: "a limit of a hundred years and more",
            old: "\"amount\": 30",
            new: "\"amount\": 36501",
            place: "$.limits[0].amount"
        ),
        .init(name: "a negative limit", old: "\"amount\": 30", new: "\"amount\": -30", place: "$.limits[0].amount"),
        .init(
            name: "an unknown unit",
            old: "\"calendarDays\"",
            new: "\"calenderDays\"",
            place: "$.limits[0].unit: \"calenderDays\" is none of: hours"
        ),
        .init(
            name: "an unknown event",
            old: "\"event\": \"execution\"",
            new: "\"event\": \"excution\"",
            place: "$.limits[0].event"
        ),
        .init(
            name: "an unknown anchor",
            old: "\"from\": \"received\"",
            new: "\"from\": \"recieved\"",
            place: "$.limits[0].from"
        ),
        .init(
            name: "an unknown kind of limit",
            old: "\"article\": \"9\", \"kind\": \"max\"",
            new: "\"article\": \"9\", \"kind\": \"maximum\"",
            place: "$.limits[0].kind"
        ),
        .init(
            name: "nobody known is obliged",
            old: "\"obliged\": \"requested\"",
            new: "\"obliged\": \"everybody\"",
            place: "$.limits[0].obliged"
        ),
        .init(
            name: "confirmed by a file",
            old: "\"obliged\": \"requested\", \"confidence\": \"recalled\"",
            new: "\"obliged\": \"requested\", \"confidence\": \"confirmed\"",
            place: "$.limits[0].confidence: a file cannot say"
        ),
        .init(
            name: "an unknown confidence",
            old: "\"obliged\": \"requested\", \"confidence\": \"recalled\"",
            new: "\"obliged\": \"requested\", \"confidence\": \"sure\"",
            place: "$.limits[0].confidence"
        ),
        .init(
            name: "verified without a source",
            old: "\"obliged\": \"requested\", \"confidence\": \"recalled\"",
            new: "\"obliged\": \"requested\", \"confidence\": \"verified\"",
            place: "$.limits[0].confidence: what is verified names its source"
        ),
        .init(
            name: "a limit of another profile",
            old: "kz-xx-2001/execution",
            new: "kz-xy-2001/execution",
            place: "$.limits[0]: the id",
            schemaRefuses: false
        ),
        .init(
            name: "a limit's id without a slash",
            old: "kz-xx-2001/execution",
            new: "kz-xx-2001-execution",
            place: "$.limits[0].id"
        ),
        .init(
            name: "a limit twice",
            old: "kz-xx-2001/execution",
            new: "kz-xx-2001/writtenConfirmationOfOralRequest",
            place: "$.limits[1]: the id kz-xx-2001/writtenConfirmationOfOralRequest stands twice",
            schemaRefuses: false
        ),
        .init(
            name: "an oral request confirmed by a limit that is not there",
            old: "\"confirmationLimit\": \"kz-xx-2001/writtenConfirmationOfOralRequest\"",
            new: "\"confirmationLimit\": \"kz-xx-2001/confirmation\"",
            place: "$.urgent: there is no limit",
            schemaRefuses: false
        ),
        .init(
            name: "30 February",
            old: "2001-05-17",
            new: "2001-02-30",
            place: "$.adopted: \"2001-02-30\" is no day that exists",
            schemaRefuses: false
        ),
        .init(
            name: "29 February of a common year",
            old: "2001-05-17",
            new: "2001-02-29",
            place: "$.adopted",
            schemaRefuses: false
        ),
        .init(name: "a month 13", old: "2001-05-17", new: "2001-13-01", place: "$.adopted"),
        .init(name: "a day in another form", old: "2001-05-17", new: "17.05.2001", place: "$.adopted"),
        .init(
            name: "in force before it begins",
            old: "\"since\": \"2002-01-01\", \"confidence\"",
            new: "\"since\": \"2002-01-01\", \"until\": \"2001-12-31\", \"confidence\"",
            place: "$.status: it ends before it begins",
            schemaRefuses: false
        ),
        .init(name: "a state in small letters", old: "\"XX\"", new: "\"xx\"", place: "$.parties[1].state"),
        .init(
            name: "a state twice",
            old: "\"XX\"",
            new: "\"KZ\"",
            place: "$.parties[1]: the state KZ stands twice",
            schemaRefuses: false
        ),
        .init(
            name: "a bilateral treaty of three",
            old: "{\"state\": \"XX\", \"confidence\": \"recalled\"}",
            new: "{\"state\": \"XX\", \"confidence\": \"recalled\"}, {\"state\": \"YY\", \"confidence\": \"recalled\"}",
            place: "$.parties: 3 parties do not fit"
        ),
        .init(
            name: "a bilateral treaty with open parties",
            old: "\"requestTypes\"",
            new: "\"partiesComplete\": false, \"requestTypes\"",
            place: "$.partiesComplete"
        ),
        .init(
            name: "contents bound to a side in a treaty",
            old: "\"requestTypes\"",
            new: "\"contentsBind\": \"requesting\", \"requestTypes\"",
            place: "\"contentsBind\" stands in domestic law"
        ),
        .init(
            name: "domestic law bound to no side",
            old: "\"bilateralTreaty\"",
            new: "\"domesticLaw\"",
            place: "$.parties: 2 parties do not fit"
        ),
        .init(name: "an unknown kind of instrument", old: "\"bilateralTreaty\"", new: "\"bilateral\"", place: "$.kind"),
        .init(
            name: "an unknown request type",
            old: "\"type\": \"searchAndSeizure\"",
            new: "\"type\": \"search\"",
            place: "$.requestTypes[1].type"
        ),
        .init(
            name: "a request type twice",
            old: "\"type\": \"searchAndSeizure\"",
            new: "\"type\": \"takingEvidence\"",
            place: "$.requestTypes[1]: the request type takingEvidence stands twice",
            schemaRefuses: false
        ),
        .init(name: "an unknown field", old: "\"offence\"", new: "\"offense\"", place: "$.contents[1].fields[1]"),
        .init(
            name: "a field twice",
            old: "\"offence\"",
            new: "\"factsSummary\"",
            place: "$.contents[1].fields[1]: it stands in the list twice"
        ),
        .init(
            name: "contents without a field",
            old: "[\"factsSummary\", \"offence\"]",
            new: "[]",
            place: "$.contents[1].fields: there is no field"
        ),
        .init(
            name: "an unknown condition",
            old: "[\"criminal\"]",
            new: "[\"always\"]",
            place: "$.contents[1].conditions[0]"
        ),
        .init(
            name: "contents twice",
            old: "\"4-b\"",
            new: "\"4-a\"",
            place: "$.contents[1]: the id 4-a stands twice",
            schemaRefuses: false
        ),
        .init(name: "an unknown language", old: "\"en\"]", new: "\"english\"]", place: "$.languages.accepted[1]"),
        .init(
            name: "a number where a text belongs",
            old: "\"article\": \"9\"",
            new: "\"article\": 9",
            place: "$.limits[0].article: a text was expected, not a number"
        ),
        .init(name: "an empty text", old: "\"Prosecutors General\"", new: "\"\"", place: "$.channel.text"),
        .init(
            name: "a text with a blank at its end",
            old: "\"Prosecutors General\"",
            new: "\"Prosecutors General \"",
            place: "$.channel.text"
        ),
        .init(
            name: "a control character",
            old: "\"Prosecutors General\"",
            new: "\"Prosecutors\\u0000General\"",
            place: "$.channel.text: a control character"
        ),
        .init(
            name: "a text that is too long",
            old: "\"Prosecutors General\"",
            new: "\"\(String(repeating: "x", count: 4_001))\"",
            place: "$.channel.text: the text is longer"
        ),
        .init(
            name: "a list where an object belongs",
            old: "{\"text\": \"Prosecutors General\", \"article\": \"3\", \"confidence\": \"recalled\"}",
            new: "[]",
            place: "$.channel: an object was expected, not a list"
        ),
        .init(
            name: "an object where a list belongs",
            old: "[\"ru\", \"en\"]",
            new: "{}",
            place: "$.languages.accepted: a list was expected, not an object"
        ),
        .init(
            name: "a word where true or false belongs",
            old: "\"oral\": true",
            new: "\"oral\": \"yes\"",
            place: "$.urgent.oral"
        ),
        .init(name: "an id with blanks", old: "\"id\": \"kz-xx-2001\"", new: "\"id\": \"kz xx 2001\"", place: "$.id"),
        .init(name: "a path as id", old: "\"id\": \"kz-xx-2001\"", new: "\"id\": \"../../kz\"", place: "$.id"),
    ]
}

struct HostileProfileTests {
    @Test(arguments: HostileProfile.all) func isRefusedAndNamed(_ sample: HostileProfile) throws {
        let json = try #require(sample.json)
        let error = exchangeError { _ = try TreatyProfiles(json: Array(json.utf8)) }
        #expect(error?.code == .treatyProfileInvalid)
        let reason = error?.reason ?? ""
        #expect(reason.contains(sample.place), "\(reason)")
        if !sample.place.hasPrefix("$.id") { #expect(reason.contains("kz-xx-2001"), "\(reason)") }
    }

    /// The published schema refuses the same samples, as far as JSON Schema can say it, and takes the good ones.
    @Test func theSchemaRefusesTheSame() throws {
        let refused = try HostileProfile.all.filter(\.schemaRefuses).map { try #require($0.json) }
        let accepted = try HostileProfile.all.filter { !$0.schemaRefuses }.map { try #require($0.json) }
        let good = [
            ProfileSamples.bilateral, ProfileSamples.rules, String(decoding: SchemaBytes.treatyProfiles, as: UTF8.self),
        ]
        let verdicts = try SchemaCheck.verdicts(on: refused + accepted + good)
        for (sample, verdict) in zip(HostileProfile.all.filter(\.schemaRefuses), verdicts) {
            #expect(verdict == "refused", "\(sample.name)")
        }
        for (sample, verdict) in zip(HostileProfile.all.filter { !$0.schemaRefuses }, verdicts.dropFirst(refused.count))
        {
            #expect(verdict == "accepted", "\(sample.name)")
        }
        #expect(verdicts.suffix(good.count) == Array(repeating: "accepted", count: good.count)[...])
        #expect(verdicts.count == refused.count + accepted.count + good.count)
    }

    @Test(
        arguments: [
            ("nothing", ""), ("half an object", "{\"id\": \"a\""), ("a member twice", "{\"id\": \"a\", \"id\": \"b\"}"),
            ("something after the end", "[] []"), ("a fraction", "{\"amount\": 1.5}"),
            ("an exponent", "{\"amount\": 1e3}"),
            ("a leading zero", "{\"amount\": 030}"), ("a number too large", "{\"amount\": 99999999999999999999}"),
            ("no number", "{\"amount\": -}"), ("a comment", "{} // no"), ("a comma too many", "[1,]"),
            ("a word", "nul"), ("half a character", "{\"name\": \"\\ud800\"}"),
            ("an unknown escape", "{\"name\": \"\\x\"}"),
            ("a bare line end in a text", "{\"name\": \"a\nb\"}"), ("a text without end", "{\"name\": \"a"),
            ("single quotes", "{'id': 1}"), ("no colon", "{\"id\" 1}"),
            ("too deep", String(repeating: "[", count: 5_000)),
            ("a byte-order mark", "\u{feff}[]"),
        ] as [(String, String)]
    )
    func whatIsNoJSONIsRefused(_ name: String, _ text: String) {
        let error = exchangeError { _ = try TreatyProfiles(json: Array(text.utf8)) }
        #expect(error?.code == .treatyProfileMalformed, "\(name): \(error?.reason ?? "accepted")")
        #expect(error?.reason.contains("line ") == true, "\(name): \(error?.reason ?? "")")
    }

    @Test func whatIsNotUTF8IsRefused() {
        #expect(exchangeError { _ = try TreatyProfiles(json: [0x22, 0xff, 0x22]) }?.code == .treatyProfileMalformed)
    }

    @Test func aFaultNamesLineAndPlace() {
        let text = ProfileSamples.bilateral.replacingOccurrences(of: "\"amount\": 30,", with: "\"amount\": 30,,")
        let error = exchangeError { _ = try TreatyProfiles(json: Array(text.utf8)) }
        #expect(error?.code == .treatyProfileMalformed)
        let line = text.components(separatedBy: "30,,")[0].components(separatedBy: "\n").count
        #expect(error?.reason.contains("line \(line), column") == true, "\(error?.reason ?? "")")
        #expect(error?.details == ["at $.limits[0]"])
    }

    @Test func aFileThatIsTooLargeIsRefused() {
        let bytes = [UInt8](repeating: 0x20, count: TreatyProfiles.largestFile + 1)
        #expect(exchangeError { _ = try TreatyProfiles(json: bytes) }?.code == .treatyProfileTooLarge)
        // At the limit it is read, and found empty.
        #expect(exchangeError { _ = try TreatyProfiles(json: bytes.dropLast()) }?.code == .treatyProfileMalformed)
    }

    @Test func anEmptyListIsRefused() {
        #expect(exchangeError { _ = try TreatyProfiles(json: Array("[]".utf8)) }?.code == .treatyProfileInvalid)
    }

    @Test func aProfileTwiceInAFileIsRefused() {
        let text = "[" + ProfileSamples.bilateral + "," + ProfileSamples.bilateral + "]"
        let error = exchangeError { _ = try TreatyProfiles(json: Array(text.utf8)) }
        #expect(error?.code == .treatyProfileDuplicate)
        #expect(error?.reason.contains("kz-xx-2001") == true)
    }

    /// Cut anywhere, the shipped file is refused, not read in part.
    @Test func aFileThatWasCutIsRefused() {
        let bytes = SchemaBytes.treatyProfiles
        for length in stride(from: 0, to: bytes.count - 2, by: 997) {
            let error = exchangeError { _ = try TreatyProfiles(json: Array(bytes.prefix(length))) }
            #expect(error?.code == .treatyProfileMalformed, "cut at \(length)")
        }
    }
}

/// PyPI `jsonschema` on samples of treaty profiles.
enum SchemaCheck {
    static let program = #"""
        import json
        import jsonschema

        schema = json.load(open("schema.json"))
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for sample in json.load(open("samples.json")):
            print("accepted" if validator.is_valid(json.loads(sample)) else "refused")

        """#

    /// `accepted` or `refused` for each sample.
    static func verdicts(on samples: [String]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(program.utf8).write(to: folder.appendingPathComponent("check.py"))
        try Data(SchemaBytes.treatyProfileJSON).write(to: folder.appendingPathComponent("schema.json"))
        try JSONSerialization.data(withJSONObject: samples).write(to: folder.appendingPathComponent("samples.json"))
        let python = Process()
        python.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        python.arguments = ["check.py"]
        python.currentDirectoryURL = folder
        let pipe = Pipe()
        python.standardOutput = pipe
        python.standardError = pipe
        python.standardInput = FileHandle.nullDevice
        try python.run()
        let output = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        python.waitUntilExit()
        guard python.terminationStatus == 0 else { throw ExchangeError(ErrorCode("test.python"), output) }
        return output.split(separator: "\n").map(String.init)
    }
}
