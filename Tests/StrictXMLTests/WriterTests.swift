import ExchangeModel
import Testing

@testable import StrictXML

@Suite struct WriterTests {
    private func document(
        _ write: (inout StrictXMLWriter) throws(ExchangeError) -> Void
    ) throws(ExchangeError) -> [UInt8] {
        var writer = StrictXMLWriter()
        try write(&writer)
        return try writer.document()
    }

    private static func nothing(_ writer: inout StrictXMLWriter) {}

    @Test func hasAFixedLayout() throws {
        let bytes = try document { writer throws(ExchangeError) in
            try writer.element("a", ["xmlns": "urn:x", "b": "<\"\t\n\r>"]) { writer throws(ExchangeError) in
                try writer.element("c", text: "]]> & \t\n\r")
                try writer.element("d")
                try writer.element("e") { writer throws(ExchangeError) in try writer.element("f", text: " ") }
                try writer.element("g") { writer throws(ExchangeError) in Self.nothing(&writer) }
            }
        }
        #expect(
            String(decoding: bytes, as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <a xmlns="urn:x" b="&lt;&quot;&#9;&#10;&#13;&gt;">
                  <c>]]&gt; &amp; \t
                &#13;</c>
                  <d/>
                  <e>
                    <f> </f>
                  </e>
                  <g/>
                </a>

                """
        )
    }

    static let texts = [
        "", " ", "  leading and trailing  ", "\t\n\r", "\r\n", "a\rb\nc\r\nd", "]]>", "<![CDATA[x]]>", "&amp;", "&#38;",
        "\"'",
        "Қазақстан Республикасы", "Дело № 5", "中华人民共和国", "👩‍⚖️🇰🇿", "e\u{301} é", "\u{7f}\u{80}\u{85}\u{2028}",
        "\u{D7FF}\u{E000}\u{FFFD}",
        "\u{10000}\u{10FFFF}",
    ]

    /// Compared as code points: Swift calls `é` and `e\u{301}` the same text.
    @Test(arguments: texts) func keepsEveryTextExactly(_ text: String) throws {
        let bytes = try document { writer throws(ExchangeError) in
            try writer.element("a", ["b": text], text: text)
        }
        let root = try StrictXMLDocument.parse(bytes).root
        #expect(Array(root.text.unicodeScalars) == Array(text.unicodeScalars))
        #expect(Array((root.attribute("b") ?? "?").unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test(arguments: ["\u{0}", "\u{8}", "\u{b}", "\u{c}", "\u{1b}", "\u{1f}", "\u{fffe}", "\u{ffff}"])
    func refusesWhatXMLCannotWrite(_ text: String) {
        for isAttribute in [true, false] {
            #expect(
                code { () throws(ExchangeError) in
                    _ = try document { writer throws(ExchangeError) in
                        try writer.element("a", ["b": isAttribute ? text : ""], text: isAttribute ? "" : text)
                    }
                } == .xmlBadCharacter
            )
        }
    }

    @Test func namesTheCharacterItCannotWrite() {
        for (text, name) in [("\u{1b}", "U+1B"), ("ab\u{ffff}", "U+FFFF"), ("\u{fffe}", "U+FFFE")] {
            do {
                _ = try document { writer throws(ExchangeError) in try writer.element("a", text: text) }
                Issue.record("written")
            } catch {
                #expect(error.details == [name])
            }
        }
    }

    @Test(arguments: ["", "1a", "a b", "a>", "é", ":a", "a:", "a:b:c", "-a", "a=\"x\""])
    func refusesOtherNames(_ name: String) {
        #expect(
            code { () throws(ExchangeError) in
                _ = try document { writer throws(ExchangeError) in try writer.element(name) }
            } == .xmlMisuse
        )
    }

    private func isMisuse(_ write: (inout StrictXMLWriter) throws(ExchangeError) -> Void) -> Bool {
        code { () throws(ExchangeError) in _ = try document(write) } == .xmlMisuse
    }

    @Test func refusesADocumentWithoutRoot() { #expect(isMisuse { Self.nothing(&$0) }) }

    @Test func refusesASecondRoot() {
        #expect(
            isMisuse { writer throws(ExchangeError) in
                try writer.element("a")
                try writer.element("b")
            }
        )
    }

    @Test func refusesADoubledAttribute() {
        #expect(isMisuse { writer throws(ExchangeError) in try writer.element("a", ["b": "1", "b": "2"]) })
    }

    @Test func refusesToEndInsideAnElement() {
        #expect(
            isMisuse { writer throws(ExchangeError) in
                try writer.element("a") { writer throws(ExchangeError) in _ = try writer.document() }
            }
        )
    }
}
