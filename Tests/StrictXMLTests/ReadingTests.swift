import ExchangeModel
import Testing

@testable import StrictXML

@Suite struct ReadingTests {
    private func root(_ text: String) throws -> StrictXMLElement {
        try StrictXMLDocument.parse(Array(text.utf8)).root
    }

    @Test func readsNamesAttributesTextAndLines() throws {
        let root = try root(
            """
            <?xml version='1.0' encoding='utf-8' standalone='yes'?>
            <a xmlns="urn:one" xmlns:p="urn:two" x="1" p:x="2">
              <p:b>text</p:b>
              <c/>
            </a>
            """
        )
        #expect(root.name == "a")
        #expect(root.namespace == "urn:one")
        #expect(root.attribute("x") == "1")
        #expect(root.attributes.map(\.namespace) == ["", "urn:two"])
        #expect(root.attributes.map(\.value) == ["1", "2"])
        #expect(root.children.map(\.name) == ["b", "c"])
        #expect(root.children("b", namespace: "urn:two").map(\.text) == ["text"])
        #expect(root.children("b", namespace: "urn:one").isEmpty)
        #expect(root.children.map(\.line) == [3, 4])
    }

    @Test func resolvesTheFiveEntitiesAndCharacterReferences() throws {
        let root = try root(
            "<a b='&amp;#38;&lt;&#38;&quot;&apos;&#x20AC;&#9;'>&amp;#38;&lt;&gt;&quot;&apos;&#x20AC;&#13;</a>"
        )
        #expect(root.attribute("b") == "&#38;<&\"'€\t")
        #expect(root.text == "&#38;<>\"'€\r")
    }

    @Test func joinsTextAroundChildren() throws {
        #expect(try root("<a>one<b/>two</a>").text == "onetwo")
    }

    @Test func readsUpToTheDepthLimitAndNoDeeper() throws {
        let limits = StrictXMLDocument.Limits(depth: 3)
        let good = Array("<a><b><c/><c></c></b><b><c/></b></a>".utf8)
        #expect(try StrictXMLDocument.parse(good, limits: limits).root.children.count == 2)
        let deep = Array("<a><b><c><d/></c></b></a>".utf8)
        #expect(
            code { () throws(ExchangeError) in _ = try StrictXMLDocument.parse(deep, limits: limits) } == .xmlTooDeep
        )
    }

    @Test func readsUpToTheSizeLimitAndNoMore() throws {
        let document = Array("<a>12</a>".utf8)
        _ = try StrictXMLDocument.parse(document, limits: .init(bytes: 9))
        #expect(
            code { () throws(ExchangeError) in
                _ = try StrictXMLDocument.parse(document, limits: .init(bytes: 8))
            } == .xmlTooLarge
        )
    }

    @Test func readsUpToTheElementAndAttributeLimits() throws {
        let document = Array("<a b='' c=''><d/></a>".utf8)
        _ = try StrictXMLDocument.parse(document, limits: .init(elements: 2, attributes: 2))
        for limits in [StrictXMLDocument.Limits(elements: 1), .init(attributes: 1)] {
            #expect(
                code { () throws(ExchangeError) in _ = try StrictXMLDocument.parse(document, limits: limits) }
                    == .xmlTooLarge
            )
        }
    }

    @Test func readsALargeDocument() throws {
        let item = "<item><name>" + String(repeating: "я", count: 7_000) + "</name></item>\n"
        let document = Array(("<list>" + String(repeating: item, count: 1_150) + "</list>").utf8)
        #expect(document.count > 16_000_000)
        #expect(try StrictXMLDocument.parse(document).root.children.count == 1_150)
    }
}
