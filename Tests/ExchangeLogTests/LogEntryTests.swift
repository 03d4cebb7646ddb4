import ExchangeLog
import ExchangeModel
import Foundation
import GatewaySchemas
import Testing

@Suite("Log entry")
struct LogEntryTests {
    private static func refused(_ text: String) -> ErrorCode? { code { _ = try LogEntry(decoding: Array(text.utf8)) } }

    @Test("The encoding is this one, for ever")
    func encoding() throws {
        let random = String(repeating: "0a", count: 32)
        var entry = LogEntry(
            kind: .bundleReceived,
            time: Samples.time,
            outcome: .done,
            tool: "rogatory",
            toolVersion: "0.1.0",
            random: [UInt8](repeating: 10, count: 32)
        )
        let head = #"{"kind":"bundle.received","outcome":"done","random":"\#(random)","#
        let tail = #""tool":"rogatory","toolVersion":"0.1.0","version":1}"#
        let time = #""time":"\#(Samples.time)","#
        #expect(String(decoding: try entry.encoded(), as: UTF8.self) == head + time + tail)
        entry.subject = "a \"b\" \\ ü"
        let subject = #""subject":"a \"b\" \\ ü","#
        #expect(String(decoding: try entry.encoded(), as: UTF8.self) == head + subject + time + tail)
    }

    @Test("What is written is read back, and is what Python's json writes with sorted keys")
    func roundTrip() throws {
        let directory = try ScratchDirectory()
        for entry in [try Samples.entry(), try Samples.fullEntry()] {
            let bytes = try entry.encoded()
            #expect(try LogEntry(decoding: bytes) == entry)
            let script =
                "import json,sys; b=open(sys.argv[1],'rb').read(); "
                + "sys.exit(json.dumps(json.loads(b),sort_keys=True,separators=(',',':'),ensure_ascii=False).encode()!=b)"
            let finished = try run(["python3", "-c", script, directory.write(bytes, "entry.json")])
            #expect(finished.status == 0, "\(finished.output)")
        }
    }

    @Test("Every kind is written, read and in one tree", arguments: LogEntry.Kind.allCases)
    func kinds(_ kind: LogEntry.Kind) throws {
        let entry = try Samples.entry(kind)
        #expect(try LogEntry(decoding: entry.encoded()).kind == kind)
        let area = kind.rawValue.prefix { $0 != "." }
        let areas = [
            "thread", "evidence", "document", "draft", "bundle", "receipt", "peer", "agency", "house", "request",
            "witness",
        ]
        #expect((kind.tree == .exchange) == areas.contains(String(area)))
    }

    @Test("The schema names the kinds and members that there are")
    func schema() throws {
        let object = try JSONSerialization.jsonObject(with: Data(SchemaBytes.logEntryJSON))
        let schema = try #require(object as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: Any])
        let kinds = try #require(properties["kind"] as? [String: Any])["enum"] as? [String]
        #expect(kinds == LogEntry.Kind.allCases.map(\.rawValue))
        let outcomes = try #require(properties["outcome"] as? [String: Any])["enum"] as? [String]
        #expect(outcomes == LogEntry.Outcome.allCases.map(\.rawValue))
        func members(_ entry: LogEntry) throws -> Set<String> {
            let read = try JSONSerialization.jsonObject(with: Data(entry.encoded()))
            return Set(try #require(read as? [String: Any]).keys)
        }
        #expect(try members(Samples.fullEntry()) == Set(properties.keys))
        #expect(try members(Samples.entry()) == Set(try #require(schema["required"] as? [String])))
        #expect(schema["additionalProperties"] as? Bool == false)
    }

    @Test("Another form of the same entry is refused")
    func notCanonical() throws {
        let good = String(decoding: try Samples.fullEntry().encoded(), as: UTF8.self)
        let samples: [(String, String, String)] = [
            ("space after a colon", "\"kind\":", "\"kind\": "),
            ("space before a colon", "\"kind\":", "\"kind\" :"),
            ("space after a comma", ",\"kind\"", ", \"kind\""),
            ("space at the start", "{\"authority\"", "{ \"authority\""),
            ("tab before the end", "\"version\":1}", "\"version\":1\t}"),
            ("escaped letter", "bundle.received", "bundle.\\u0072eceived"),
            ("escaped slash", "Ä ", "\\/ "),
            ("upper-case escape", "Ä ", "\\u00C4 "),
            ("exponent", "\"version\":1", "\"version\":1e0"),
            ("fraction", "\"version\":1", "\"version\":1.0"),
            ("leading zero", "\"version\":1", "\"version\":01"),
        ]
        for (what, from, to) in samples {
            let changed = good.replacingOccurrences(of: from, with: to)
            try #require(changed != good, "\(what)")
            let code = Self.refused(changed)
            #expect(code == .logEntryNotCanonical || code == .logEntryMalformed, "\(what): \(String(describing: code))")
        }
        #expect(Self.refused(good + "\n") == .logEntryNotCanonical)
        #expect(Self.refused(" " + good) == .logEntryNotCanonical)
        // Order and number of members.
        let tool = #""tool":"rogatory","#
        let version = #""toolVersion":"0.1.0","#
        #expect(
            Self.refused(good.replacingOccurrences(of: tool + version, with: version + tool)) == .logEntryNotCanonical
        )
        #expect(Self.refused(good.replacingOccurrences(of: tool, with: tool + tool)) == .logEntryNotCanonical)
    }

    @Test("What is no entry is refused")
    func malformed() throws {
        let good = String(decoding: try Samples.fullEntry().encoded(), as: UTF8.self)
        let texts = [
            "", "{", "}", "{}", "[]", "null", "1", "\"a\"", "{\"version\":1", "{\"version\":1}}", good + "{}",
            "\u{feff}" + good,
            String(good.dropLast()), good.replacingOccurrences(of: "\"version\":1", with: "\"version\":\"1\""),
            good.replacingOccurrences(of: "\"version\":1", with: "\"version\":true"),
            good.replacingOccurrences(of: ",\"version\":1", with: ""),
            good.replacingOccurrences(of: "\"version\":1}", with: "\"version\":1,}"),
            good.replacingOccurrences(of: "\"tool\":\"rogatory\",", with: ""),
            good.replacingOccurrences(of: "{\"authority\"", with: "{,\"authority\""),
            good.replacingOccurrences(of: "\"version\":1}", with: "\"version\":1,\"witness\":\"a\"}"),
            good.replacingOccurrences(of: "{\"authority\"", with: "{\"\":\"a\",\"authority\""),
        ]
        for text in texts {
            #expect(Self.refused(text) == .logEntryMalformed, "\(text)")
        }
        var bytes = try Samples.fullEntry().encoded()
        let place = try #require(bytes.firstIndex(of: 0xc3))
        bytes[place] = 0xff
        #expect(code { _ = try LogEntry(decoding: bytes) } == .logEntryMalformed, "no UTF-8")
    }

    @Test("A value that its member cannot have is refused")
    func values() throws {
        let good = String(decoding: try Samples.fullEntry().encoded(), as: UTF8.self)
        let samples: [(String, String)] = [
            ("\"authority\":\"gpo-kz\"", "\"authority\":\"\""),
            ("\"authority\":\"gpo-kz\"", "\"authority\":\"a\\nb\""),
            ("\"authority\":\"gpo-kz\"", "\"authority\":\"a\u{7f}\""),
            ("\"authority\":\"gpo-kz\"", "\"authority\":\"" + String(repeating: "a", count: 1_025) + "\""),
            ("\"authority\":\"gpo-kz\"", "\"authority\":1"),
            ("\"authority\":\"gpo-kz\"", "\"authority\":[]"),
            ("\"code\":\"bundle.digest_mismatch\"", "\"code\":\"bundle\""),
            ("\"code\":\"bundle.digest_mismatch\"", "\"code\":\"bundle.Digest\""),
            ("\"outcome\":\"done\"", "\"outcome\":\"Done\""),
            ("\"peer\":\"KG-GPO\"", "\"peer\":\"kg-gpo\""),
            ("\"item\":\"0193b0aa-7c3e", "\"item\":\"0193B0AA-7c3e"),
            ("\"item\":\"0193b0aa-7c3e-", "\"item\":\"0193b0aa7c3e--"),
            ("\"time\":\"2026-11-22T", "\"time\":\"2026-11-31T"),
            ("\"bundle\":\"urn:uuid:", "\"bundle\":\"uuid:"),
            ("\"random\":\"", "\"random\":\"00"),
        ]
        for (from, to) in samples {
            let changed = good.replacingOccurrences(of: from, with: to)
            try #require(changed != good, "\(from)")
            #expect(Self.refused(changed) == .logEntryValue, "\(to)")
        }
    }

    @Test("An unknown kind and an unknown version are told apart from damage")
    func unknown() throws {
        let good = String(decoding: try Samples.fullEntry().encoded(), as: UTF8.self)
        #expect(Self.refused(good.replacingOccurrences(of: "bundle.received", with: "bundle.eaten")) == .logUnknownKind)
        let newer = good.replacingOccurrences(of: "\"version\":1", with: "\"version\":2")
        #expect(Self.refused(newer) == .logUnknownVersion)
        // A newer version may have members and kinds of its own; the version is what is said of it.
        let kind = newer.replacingOccurrences(of: "bundle.received", with: "bundle.eaten")
        #expect(Self.refused(kind) == .logUnknownVersion)
    }

    @Test("An entry is at most 65,535 bytes")
    func size() throws {
        var entry = try Samples.fullEntry()
        entry.subject = String(repeating: "\u{1F5DD}", count: 1_024)
        entry.authority = entry.subject
        let bytes = try entry.encoded()
        #expect(bytes.count < LogEntry.largestEncoding)
        #expect(try LogEntry(decoding: bytes) == entry)
        let long = Array("{\"authority\":\"".utf8) + [UInt8](repeating: 0x61, count: 65_522)
        #expect(code { _ = try LogEntry(decoding: long) } == .logEntryTooLarge)
        #expect(code { _ = try LogEntry(decoding: Array(long.dropLast())) } == .logEntryMalformed)
    }

    @Test("What could not be read again is not written")
    func writing() throws {
        let changes: [(inout LogEntry) -> Void] = [
            { $0.tool = "" }, { $0.toolVersion = "1\n2" }, { $0.random = [] }, { $0.authority = "\u{85}" },
            { $0.subject = String(repeating: "é", count: 1_025) }, { $0.item = "urn:uuid:x" },
            { $0.code = ErrorCode("nonsense") },
        ]
        for (index, change) in changes.enumerated() {
            var entry = try Samples.fullEntry()
            change(&entry)
            #expect(code { _ = try entry.encoded() } == .logEntryValue, "change \(index)")
        }
    }

    @Test("Every flipped bit gives another entry or none")
    func flips() throws {
        let entry = try Samples.fullEntry()
        let bytes = try entry.encoded()
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                do {
                    let read = try LogEntry(decoding: changed)
                    #expect(try read.encoded() == changed)
                    #expect(read != entry, "byte \(place), bit \(bit)")
                } catch let error as ExchangeError {
                    #expect(error.code.rawValue.hasPrefix("log."))
                }
            }
        }
    }
}
