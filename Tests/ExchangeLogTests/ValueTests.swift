import ExchangeModel
import Testing

@Suite("Forms of values")
struct ValueTests {
    @Test("Base64 is that of RFC 4648, in its one canonical form")
    func base64() {
        let known = ["": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE="]
        for (bytes, text) in known {
            #expect(StrictBase64.text(of: Array(bytes.utf8)) == text)
            #expect(StrictBase64.bytes(of: text) == Array(bytes.utf8))
        }
        #expect(StrictBase64.bytes(of: "+/+/") == [0xfb, 0xff, 0xbf])
        let wrong = [
            "Z", "Zg", "Zg=", "Zg===", "=", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Z=g=", "Zm9v\n", " Zm9",
            "Zm-_", "Zm9v====",
            "Zm9\u{ff}",
        ]
        for text in wrong { #expect(StrictBase64.bytes(of: text) == nil, "\(text)") }
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(StrictBase64.decoded(StrictBase64.encoded(bytes)) == bytes)
        }
    }

    @Test("Identifiers have one form")
    func identifiers() throws {
        let id = try #require(BundleID(urn: "urn:uuid:0193b0aa-7c3e-7f10-8a11-0123456789ab"))
        #expect(id.uuid == "0193b0aa-7c3e-7f10-8a11-0123456789ab")
        #expect(id.bytes.prefix(7) == [0x01, 0x93, 0xb0, 0xaa, 0x7c, 0x3e, 0x7f])
        for text in [
            "", "urn:uuid:", "0193b0aa-7c3e-7f10-8a11-0123456789ab", "urn:uuid:0193b0aa7c3e-7f10-8a11-0123456789ab-",
            "urn:uuid:0193b0aa-7c3e-7f10-8a11-0123456789aB", "URN:uuid:0193b0aa-7c3e-7f10-8a11-0123456789ab",
            "urn:uuid:0193b0aa-7c3e-4f10-8a11-0123456789ab", "urn:uuid:0193b0aa-7c3e-7f10-ca11-0123456789ab",
            "urn:uuid:0193b0aa-7c3e-7f10-8a11-0123456789ab0", "urn:uuid:0193b0aa-7c3e-7f10-8a11-0123456789a",
            "urn:uuid:0193b0aa-7c3e-7f10-8a11-0123456789-b",
        ] {
            #expect(BundleID(urn: text) == nil, "\(text)")
        }
        #expect(Hexadecimal.bytes(of: "0aff") == [0x0a, 0xff])
        #expect(Hexadecimal.text(of: [0x0a, 0xff]) == "0aff")
        for text in ["0", "0A", "0g", "0x0a"] { #expect(Hexadecimal.bytes(of: text) == nil, "\(text)") }
    }

    @Test("Times are written as they are read")
    func times() throws {
        for text in [
            "0000-01-01T00:00:00Z", "0001-02-03T04:05:06Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
            "2024-02-29T12:00:00Z", "2026-11-22T10:09:08Z", "9999-12-31T23:59:59Z",
        ] {
            #expect(try #require(ExchangeTime(rfc3339: text)).description == text)
        }
    }
}
