import EvidencePackaging
import ExchangeModel
import Testing

@Suite struct HeaderTests {
    private func read(_ replacements: [(String, String)]) throws -> ErrorCode? {
        var text = String(decoding: try ManifestSamples.header.xml(), as: UTF8.self)
        for (old, new) in replacements {
            let parts = text.split(separator: old, omittingEmptySubsequences: false)
            try #require(parts.count > 1, "nothing to replace: \(old)")
            text = parts.joined(separator: new)
        }
        return manifestCode { _ = try ExchangeHeader(xml: Array(text.utf8)) }
    }

    private func write(_ change: (inout ExchangeHeader) -> Void) -> ErrorCode? {
        var header = ManifestSamples.header
        change(&header)
        return manifestCode { _ = try header.xml() }
    }

    @Test func survivesTheRoundTrip() throws {
        var header = ManifestSamples.header
        let bytes = try header.xml()
        #expect(try ExchangeHeader(xml: bytes) == header)
        #expect(try ExchangeHeader(xml: bytes).xml() == bytes)
        header.supersedes = nil
        #expect(try ExchangeHeader(xml: header.xml()) == header)
    }

    @Test func everyValueOfEveryChoiceSurvives() throws {
        for bundleClass in ExchangeHeader.BundleClass.allCases {
            for mode in ExchangeHeader.Mode.allCases where mode == .gateway || bundleClass == .evidence {
                for priority in ExchangeHeader.Priority.allCases {
                    var header = ManifestSamples.header
                    header.bundleClass = bundleClass
                    header.mode = mode
                    header.priority = priority
                    #expect(try ExchangeHeader(xml: header.xml()) == header)
                }
            }
        }
    }

    @Test func looksAsSpecified() throws {
        #expect(
            String(decoding: try ManifestSamples.header.xml(), as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <exchangeHeader xmlns="urn:rogatory:exchange-header:1">
                  <formatVersion>1</formatVersion>
                  <suite>rogatory-1</suite>
                  <bundle>\(ManifestSamples.header.bundle)</bundle>
                  <sender>KZ-GPO</sender>
                  <recipient>CN-SPP-2</recipient>
                  <recipientKeys>
                    <key>\(ManifestSamples.digest(1))</key>
                    <key>\(ManifestSamples.digest(2))</key>
                  </recipientKeys>
                  <class>evidence</class>
                  <mode>agency</mode>
                  <priority>urgent</priority>
                  <thread>\(ManifestSamples.thread)</thread>
                  <sequence>7</sequence>
                  <supersedes>\(ManifestSamples.header.supersedes?.urn ?? "")</supersedes>
                  <created>2026-11-22T10:00:00Z</created>
                  <expires>2026-12-22T10:00:00Z</expires>
                  <partSize>33554432</partSize>
                  <contentSize>500000000000</contentSize>
                  <contentDigest>\(ManifestSamples.digest(0xfe))</contentDigest>
                </exchangeHeader>

                """
        )
    }

    @Test func refusesOtherVersions() throws {
        #expect(try read([("exchange-header:1", "exchange-header:2")]) == ErrorCode("header.unknown_version"))
        #expect(
            try read([("exchange-header:1", "exchange-header:2"), ("<suite>", "<new/><suite>")])
                == ErrorCode("header.unknown_version")
        )
        #expect(
            try read([("<formatVersion>1</formatVersion>", "<formatVersion>2</formatVersion>")])
                == ErrorCode("header.unknown_version")
        )
        #expect(write { $0.formatVersion = 2 } == ErrorCode("header.unknown_version"))
    }

    @Test func refusesOtherNamespacesAndElements() throws {
        for change in [
            ("urn:rogatory:exchange-header:1", "urn:rogatory:evidence-manifest:1"),
            (" xmlns=\"urn:rogatory:exchange-header:1\"", ""),
            ("exchangeHeader", "exchangeheader"), ("<suite>", "<unknown/><suite>"),
            ("<priority>urgent</priority>", ""), ("<priority>", "<priority level=\"1\">"),
            ("<recipientKeys>", "<recipientKeys>text"),
            ("<sequence>7</sequence>", "<sequence>7</sequence><sequence>8</sequence>"),
            ("\(ManifestSamples.digest(1))", "\(ManifestSamples.digest(1).hex.uppercased().replacing("0", with: "A"))"),
            ("KZ-GPO", "kz-gpo"), ("KZ-GPO", "KZGPO"), ("KZ-GPO", " KZ-GPO"), ("urgent", "URGENT"),
            ("<sequence>7</", "<sequence>0</"), ("<sequence>7</", "<sequence>-7</"),
            ("<sequence>7</", "<sequence>+7</"),
            ("<sequence>7</", "<sequence>07</"), ("<sequence>7</", "<sequence>7.0</"),
            ("<sequence>7</", "<sequence>9007199254740992</"),
            ("<sequence>7</", "<sequence>99999999999999999999999999999999</"), ("<sequence>7</", "<sequence></"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00+00:00"), ("2026-11-22T10:00:00Z", "2026-11-31T10:00:00Z"),
            ("2026-11-22T10:00:00Z", "2026-11-22T24:00:00Z"), ("2026-11-22T10:00:00Z", "2026-11-22T10:00:60Z"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5Z"), ("2026-11-22T10:00:00Z", "2027-02-29T10:00:00Z"),
            ("2026-11-22T10:00:00Z", "22026-11-22T10:00:00Z"), ("2026-11-22T10:00:00Z", "-2026-11-22T10:00:00Z"),
            ("urn:uuid:", "URN:UUID:"), ("-7", "-4"),
        ] {
            #expect(try read([change]) == ErrorCode("xml.schema"), "\(change)")
        }
    }

    @Test func refusesFormsThatTheSchemaCannotTellApart() throws {
        for change in [
            ("<sequence>7</", "<sequence> 7</"), ("<sequence>7</", "<sequence>7\n</"),
            ("2026-11-22T10:00:00Z", "\t2026-11-22T10:00:00Z"),
        ] {
            #expect(try read([change]) == ErrorCode("header.value"), "\(change)")
        }
    }

    @Test func refusesSuitesItDoesNotHave() throws {
        #expect(try read([("rogatory-1", "rogatory-2")]) == ErrorCode("header.unknown_suite"))
        #expect(try read([("rogatory-1", "Rogatory 1")]) == ErrorCode("xml.schema"))
    }

    @Test func checksWhatTheSchemaCannot() {
        #expect(
            write {
                $0.partSize = 65_536; $0.contentSize = 65_536 * 18_000
            } == nil
        )
        #expect(
            write {
                $0.partSize = 65_536; $0.contentSize = 65_536 * 18_000 + 1
            } == ErrorCode("header.part_count")
        )
        #expect(write { $0.contentSize = 9_007_199_254_740_991 } == ErrorCode("header.part_count"))
        #expect(write { $0.partSize = 65_535 } == ErrorCode("header.part_size"))
        #expect(write { $0.partSize = 67_108_865 } == ErrorCode("header.part_size"))
        #expect(write { $0.expires = $0.created } == nil)
        #expect(write { $0.expires = $0.created.adding(seconds: -1) } == ErrorCode("header.time_order"))
        #expect(write { $0.recipientKeys += [$0.recipientKeys[0]] } == ErrorCode("header.recipient_keys"))
        #expect(write { $0.recipientKeys = [] } == ErrorCode("xml.schema"))
        #expect(write { $0.recipientKeys = (0..<65).map { ManifestSamples.digest($0) } } == ErrorCode("xml.schema"))
        #expect(write { $0.bundleClass = .message } == ErrorCode("header.mode"))
        #expect(write { $0.supersedes = $0.bundle } == ErrorCode("header.supersedes"))
        #expect(write { $0.contentSize = 0 } == ErrorCode("xml.schema"))
        #expect(write { $0.sequence = -1 } == ErrorCode("xml.schema"))
        #expect(write { $0.recipient = $0.sender } == nil)
    }

    @Test func refusesHostileXML() throws {
        let good = String(decoding: try ManifestSamples.header.xml(), as: UTF8.self)
        let body = good.drop { $0 != "\n" }
        let doctype = #"<!DOCTYPE exchangeHeader [<!ENTITY x SYSTEM "file:///rogatory-sentinel/secret">]>"#
        #expect(manifestCode { _ = try ExchangeHeader(xml: Array((doctype + body).utf8)) } == ErrorCode("xml.doctype"))
        let padded = Array((good + String(repeating: "\n", count: ExchangeHeader.largestXML)).utf8)
        #expect(manifestCode { _ = try ExchangeHeader(xml: padded) } == ErrorCode("xml.too_large"))
    }
}
