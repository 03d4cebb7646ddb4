import ExchangeModel
import OfficerAPI
import Testing

/// Strict reading and exact writing of JSON.
@Suite struct JSONTests {
    @Test(
        "What is not strict JSON is refused",
        arguments: [
            "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "01", "-0", "-", "1.0",
            "1e3", "9223372036854775808", "nul", "true false", "'a'", "\"a", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"",
            "\"\\ud800\\u0041\"", "\"\\udc00\"", "\"\\u00g0\"", "[1 2]", "{\"a\" 1}", "{a:1}", "\u{feff}{}", "/**/{}",
            String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
        ]
    )
    func refused(text: String) {
        #expect(throws: ExchangeError(ErrorCode("api.json"), "")) { try JSONValue(reading: Array(text.utf8)) }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notUTF8() {
        for bytes: [UInt8] in [[0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22]] {
            #expect(throws: ExchangeError(ErrorCode("api.json"), "")) { try JSONValue(reading: bytes) }
        }
    }

    @Test("What is read is written again, in the same order")
    func roundTrip() throws {
        let text = #"{"b":[1,-9223372036854775808,true,null],"a":{"":"“\" \\ / ü 😀 \n\t"},"c":[],"d":{}}"#
        let value = try JSONValue(reading: Array(text.utf8))
        #expect(String(decoding: value.line, as: UTF8.self) == text + "\n")
        #expect(try JSONValue(reading: value.page) == value)
        #expect(try JSONValue(reading: Array(#""\ud83d\ude00\u0041\/""#.utf8)) == .text("😀A/"))
    }
}
