import ExchangeModel
import Testing

@testable import StrictXML

/// One hostile document for each rule, and the code it must end in.
struct HostileDocument: CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let code: ErrorCode
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ code: ErrorCode) { self.init(name, Array(text.utf8), code) }

    init(_ name: String, _ bytes: [UInt8], _ code: ErrorCode) {
        self.name = name
        self.bytes = bytes
        self.code = code
    }

    static let externalEntity = #"<!DOCTYPE a [<!ENTITY x SYSTEM "file:///rogatory-sentinel/secret">]><a>&x;</a>"#
    static let parameterEntity = #"<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]><a/>"#
    static let billionLaughs: String = {
        let levels = (1...9).map { level in
            "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">"
        }
        return "<!DOCTYPE a [<!ENTITY l0 \"lol\">" + levels.joined() + "]><a>&l9;</a>"
    }()
    static let xinclude = """
        <a xmlns:i="http://www.w3.org/2001/XInclude"><i:include parse="text" href="file:///rogatory-sentinel/secret"/></a>
        """

    static let all: [HostileDocument] = [
        HostileDocument("document type", "<!DOCTYPE a><a/>", .xmlDoctype),
        HostileDocument(
            "document type after the declaration",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE a><a/>",
            .xmlDoctype
        ),
        HostileDocument("document type inside the root", "<a><!DOCTYPE a></a>", .xmlDoctype),
        HostileDocument("external file entity", externalEntity, .xmlDoctype),
        HostileDocument("external DTD", #"<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>"#, .xmlDoctype),
        HostileDocument("public DTD", #"<!DOCTYPE a PUBLIC "-//X" "http://127.0.0.1:9/a.dtd"><a/>"#, .xmlDoctype),
        HostileDocument("parameter entity", parameterEntity, .xmlDoctype),
        HostileDocument("billion laughs", billionLaughs, .xmlDoctype),
        HostileDocument("entity without declaration", "<a>&x;</a>", .xmlEntity),
        HostileDocument("entity in an attribute", "<a b='&x;'/>", .xmlEntity),
        HostileDocument("bare ampersand", "<a>a & b</a>", .xmlNotWellFormed),
        HostileDocument("ampersand at the end", "<a>&am", .xmlNotWellFormed),
        HostileDocument("processing instruction before", "<?pi x?><a/>", .xmlProcessingInstruction),
        HostileDocument(
            "style sheet",
            "<?xml-stylesheet href='file:///rogatory-sentinel/secret'?><a/>",
            .xmlProcessingInstruction
        ),
        HostileDocument("processing instruction inside", "<a><?pi x?></a>", .xmlProcessingInstruction),
        HostileDocument("second XML declaration", "<a><?xml version='1.0'?></a>", .xmlProcessingInstruction),
        HostileDocument("comment", "<a>one<!-- hidden -->two</a>", .xmlComment),
        HostileDocument("CDATA section", "<a><![CDATA[<b>]]></a>", .xmlCDATASection),
        HostileDocument("conditional section", "<a><![INCLUDE[<b>]]></a>", .xmlNotWellFormed),
        HostileDocument("UTF-16, big end first", [0xfe, 0xff, 0, 0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e], .xmlEncoding),
        HostileDocument("UTF-16, little end first", [0xff, 0xfe, 0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e, 0], .xmlEncoding),
        HostileDocument("UTF-16 without mark", [0x3c, 0, 0x61, 0, 0x2f, 0, 0x3e, 0], .xmlEncoding),
        HostileDocument("UTF-8 with byte order mark", [0xef, 0xbb, 0xbf] + Array("<a/>".utf8), .xmlEncoding),
        HostileDocument("other encoding declared", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", .xmlEncoding),
        HostileDocument("UTF-7 declared", "<?xml version='1.0' encoding='UTF-7'?><a/>", .xmlEncoding),
        HostileDocument("XML 1.1", "<?xml version='1.1'?><a/>", .xmlNotWellFormed),
        HostileDocument("declaration without version", "<?xml encoding='UTF-8'?><a/>", .xmlNotWellFormed),
        HostileDocument(
            "declaration out of order",
            "<?xml version='1.0' standalone='no' encoding='UTF-8'?><a/>",
            .xmlNotWellFormed
        ),
        HostileDocument("declaration twice", "<?xml version='1.0' version='1.0'?><a/>", .xmlNotWellFormed),
        HostileDocument("declaration that does not end", "<?xml version='1.0'", .xmlNotWellFormed),
        HostileDocument("not UTF-8", Array("<a>".utf8) + [0xc3, 0x28] + Array("</a>".utf8), .xmlEncoding),
        HostileDocument("overlong UTF-8", Array("<a>".utf8) + [0xc0, 0xaf] + Array("</a>".utf8), .xmlEncoding),
        HostileDocument(
            "surrogate in UTF-8",
            Array("<a>".utf8) + [0xed, 0xa0, 0x80] + Array("</a>".utf8),
            .xmlEncoding
        ),
        HostileDocument("NUL", Array("<a>x".utf8) + [0] + Array("y</a>".utf8), .xmlBadCharacter),
        HostileDocument("escape character", Array("<a>".utf8) + [0x1b] + Array("</a>".utf8), .xmlBadCharacter),
        HostileDocument("U+FFFE", "<a>\u{FFFE}</a>", .xmlBadCharacter),
        HostileDocument("U+FFFF at the end", "<a/>\u{FFFF}", .xmlBadCharacter),
        HostileDocument("reference to NUL", "<a>&#0;</a>", .xmlBadCharacter),
        HostileDocument("reference to a surrogate", "<a>&#xD800;</a>", .xmlBadCharacter),
        HostileDocument("reference beyond Unicode", "<a>&#x110000;</a>", .xmlBadCharacter),
        HostileDocument("empty", "", .xmlNotWellFormed),
        HostileDocument("white space only", " \n", .xmlNotWellFormed),
        HostileDocument("two roots", "<a/><b/>", .xmlNotWellFormed),
        HostileDocument("text after the root", "<a/>x", .xmlNotWellFormed),
        HostileDocument("tags that do not match", "<a></b>", .xmlNotWellFormed),
        HostileDocument("only end tags", "</a></a></a>", .xmlNotWellFormed),
        HostileDocument("root that does not end", "<a>", .xmlNotWellFormed),
        HostileDocument("tag that does not end", "<a b='>", .xmlNotWellFormed),
        HostileDocument("duplicate attribute", "<a b='1' b='2'/>", .xmlNotWellFormed),
        HostileDocument(
            "duplicate attribute by namespace",
            "<a xmlns:p='urn:x' xmlns:q='urn:x' p:b='1' q:b='2'/>",
            .xmlNotWellFormed
        ),
        HostileDocument("undeclared prefix", "<p:a/>", .xmlNotWellFormed),
        HostileDocument("end of a CDATA section in text", "<a>]]></a>", .xmlNotWellFormed),
        HostileDocument(
            "schema location",
            "<a xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:schemaLocation='urn:x file:///rogatory-sentinel/secret'/>",
            .xmlSchemaInstance
        ),
        HostileDocument(
            "type override",
            "<a xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:type='b'/>",
            .xmlSchemaInstance
        ),
        HostileDocument(
            "depth bomb",
            String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000),
            .xmlTooDeep
        ),
        HostileDocument(
            "100,000 attributes",
            "<a" + (0..<100_000).map { " a\($0)=''" }.joined() + "/>",
            .xmlTooLarge
        ),
        HostileDocument("50 MB of text", "<a>" + String(repeating: "x", count: 50_000_000) + "</a>", .xmlTooLarge),
        HostileDocument("2 MB of text", "<a>" + String(repeating: "x", count: 2_000_000) + "</a>", .xmlTooLarge),
        HostileDocument("2 MB in one tag", "<a b='" + String(repeating: "x", count: 2_000_000) + "'/>", .xmlTooLarge),
        HostileDocument("600,000 elements", "<a>" + String(repeating: "<b/>", count: 600_000) + "</a>", .xmlTooLarge),
    ]
}

/// The code of what the work throws; `nil` when it throws nothing.
func code(of work: () throws(ExchangeError) -> Void) -> ErrorCode? {
    do {
        try work()
        return nil
    } catch {
        return error.code
    }
}

@Suite struct RefusalTests {
    @Test(arguments: HostileDocument.all)
    func refusesBy(_ document: HostileDocument) {
        #expect(code { () throws(ExchangeError) in _ = try StrictXMLDocument.parse(document.bytes) } == document.code)
    }

    /// The same rules hold in libxml2's handler, so that neither layer has to trust the other.
    @Test(arguments: [
        (HostileDocument.externalEntity, ErrorCode.xmlDoctype),
        (HostileDocument.parameterEntity, .xmlDoctype),
        (HostileDocument.billionLaughs, .xmlDoctype),
        (#"<!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd"><a/>"#, .xmlDoctype),
        ("<a><?pi x?></a>", .xmlProcessingInstruction),
        ("<a><!-- x --></a>", .xmlComment),
        ("<a><![CDATA[x]]></a>", .xmlCDATASection),
        ("<a>&x;</a>", .xmlNotWellFormed),
    ])
    func handlerRefusesByItself(_ text: String, _ expected: ErrorCode) {
        #expect(
            code { () throws(ExchangeError) in
                _ = try StrictXMLDocument.parseScanned(Array(text.utf8), schema: nil)
            } == expected
        )
    }

    @Test func includesNothing() throws {
        let root = try StrictXMLDocument.parse(Array(HostileDocument.xinclude.utf8)).root
        #expect(root.children.map(\.name) == ["include"])
        #expect(root.children.map(\.text) == [""])
    }

    @Test func everyTruncationIsRefused() throws {
        let document = Array(#"<?xml version="1.0" encoding="UTF-8"?><a b="&lt;é"><c>t &#13;ё</c><d/></a>"#.utf8)
        _ = try StrictXMLDocument.parse(document)
        for length in 0..<document.count {
            #expect(throws: ExchangeError.self) { try StrictXMLDocument.parse(Array(document[..<length])) }
        }
    }

    /// Whatever one byte does to a document, it is refused or read, and what is read can be written again.
    @Test func everyByteMayBeAnything() {
        let document = Array(#"<?xml version="1.0"?><a b="&lt;é"><c>t&#13;ё]</c><d/></a>"#.utf8)
        for index in document.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = document
                changed[index] = byte
                do {
                    _ = try StrictXMLDocument.parse(changed)
                } catch {
                    #expect(error.code.rawValue.hasPrefix("xml."))
                }
            }
        }
    }

    @Test func tellsTheLine() {
        do {
            _ = try StrictXMLDocument.parse(Array("<a>\n<b/>\n<!-- x --></a>".utf8))
            Issue.record("a comment was read")
        } catch {
            #expect(error.details == ["line 3"])
        }
    }
}
