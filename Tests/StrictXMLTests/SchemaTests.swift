import ExchangeModel
import Testing

@testable import StrictXML

@Suite struct SchemaTests {
    private static let text = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x" elementFormDefault="qualified">
          <xs:element name="a">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="digest" minOccurs="0">
                  <xs:simpleType>
                    <xs:restriction base="xs:string"><xs:pattern value="[0-9a-f]{4}"/></xs:restriction>
                  </xs:simpleType>
                </xs:element>
                <xs:element name="number" type="xs:long" minOccurs="0"/>
                <xs:element name="time" type="xs:dateTime" minOccurs="0"/>
                <xs:element name="text" minOccurs="0" maxOccurs="100">
                  <xs:simpleType>
                    <xs:restriction base="xs:string"><xs:maxLength value="65536"/></xs:restriction>
                  </xs:simpleType>
                </xs:element>
              </xs:sequence>
              <xs:attribute name="kind">
                <xs:simpleType>
                  <xs:restriction base="xs:string"><xs:length value="1"/></xs:restriction>
                </xs:simpleType>
              </xs:attribute>
            </xs:complexType>
          </xs:element>
        </xs:schema>
        """
    private let schema = Result { () throws(ExchangeError) in try XMLSchemaDocument(Array(text.utf8)) }

    private func verdict(_ text: String) throws -> ErrorCode? {
        let schema = try schema.get()
        return code { () throws(ExchangeError) in try schema.validate(Array(text.utf8)) }
    }

    @Test(arguments: [
        "<a xmlns='urn:x'/>",
        "<p:a xmlns:p='urn:x'><p:digest>09af</p:digest></p:a>",
        "<a xmlns='urn:x'><number>9223372036854775807</number><time>2026-11-22T10:00:00Z</time></a>",
        "<a xmlns='urn:x' kind='&amp;'><text>&amp;</text></a>",
    ])
    func accepts(_ text: String) throws {
        #expect(try verdict(text) == nil)
    }

    @Test(arguments: [
        "<a/>",
        "<a xmlns='urn:y'/>",
        "<b xmlns='urn:x'/>",
        "<a xmlns='urn:x'>text</a>",
        "<a xmlns='urn:x'><digest>09AF</digest></a>",
        "<a xmlns='urn:x'><digest> 09af</digest></a>",
        "<a xmlns='urn:x'><number>9223372036854775808</number></a>",
        "<a xmlns='urn:x'><number>99999999999999999999999999999999999999999</number></a>",
        "<a xmlns='urn:x'><time>2026-02-30T10:00:00Z</time></a>",
        "<a xmlns='urn:x'><unknown/></a>",
        "<a xmlns='urn:x'><number>1</number><digest>09af</digest></a>",
        "<a xmlns='urn:x' other='1'/>",
        "<a xmlns='urn:x' kind='&amp;&amp;'/>",
        "<a xmlns='urn:x'><include xmlns='http://www.w3.org/2001/XInclude' href='file:///rogatory-sentinel/secret'/></a>",
    ])
    func refuses(_ text: String) throws {
        #expect(try verdict(text) == .xmlSchema)
    }

    @Test func notWellFormedIsNotInvalid() throws {
        #expect(try verdict("<a xmlns='urn:x'><digest>09af</digest>") == .xmlNotWellFormed)
    }

    @Test func schemaLocationHasNoSay() throws {
        let text = """
            <a xmlns='urn:y' xmlns:s='http://www.w3.org/2001/XMLSchema-instance' s:schemaLocation='urn:y /tmp/y.xsd'/>
            """
        #expect(try verdict(text) == .xmlSchemaInstance)
    }

    @Test func tellsPlaceAndRuleButNotTheValue() throws {
        let schema = try schema.get()
        do {
            try schema.validate(Array("<a xmlns='urn:x'>\n<digest>a secret</digest></a>".utf8))
            Issue.record("a wrong digest was accepted")
        } catch {
            #expect(error.details == ["cvc-pattern-valid", "element digest", "line 2"])
            #expect(!error.description.contains("secret"))
        }
    }

    /// libxml2 alone needs minutes for this, as it joins the pieces of a text one by one.
    @Test func manyReferencesInOneTextAreJoinedOnce() throws {
        let text = String(repeating: "&#38;", count: 65_536)
        #expect(try verdict("<a xmlns='urn:x'>" + String(repeating: "<text>\(text)</text>", count: 45) + "</a>") == nil)
        #expect(try verdict("<a xmlns='urn:x'><text>\(text)x</text></a>") == .xmlSchema)
    }

    @Test(arguments: ["import", "include", "redefine"])
    func refusesSchemasThatPointElsewhere(_ name: String) {
        let text = """
            <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
              <xs:\(name) schemaLocation="/tmp/other.xsd"/>
            </xs:schema>
            """
        #expect(
            code { () throws(ExchangeError) in _ = try XMLSchemaDocument(Array(text.utf8)) } == .xmlSchemaUnusable
        )
    }

    @Test func refusesSchemasThatDoNotCompile() {
        let text =
            #"<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" type="b"/></xs:schema>"#
        do {
            _ = try XMLSchemaDocument(Array(text.utf8))
            Issue.record("a schema without its type was compiled")
        } catch {
            #expect(error.code == .xmlSchemaUnusable)
            #expect(error.details.count == 1)
        }
        #expect(
            code { () throws(ExchangeError) in _ = try XMLSchemaDocument(Array("<a/>".utf8)) } == .xmlSchemaUnusable
        )
    }

    @Test func oneSchemaServesManyThreads() async throws {
        let schema = try schema.get()
        let good = Array("<a xmlns='urn:x' kind='1'><digest>09af</digest><number>7</number></a>".utf8)
        let bad = Array("<a xmlns='urn:x'><digest>09AF</digest></a>".utf8)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<500).allSatisfy { _ in
                        code { () throws(ExchangeError) in try schema.validate(good) } == nil
                            && code { () throws(ExchangeError) in try schema.validate(bad) } == .xmlSchema
                    }
                }
            }
            for await agreed in group { #expect(agreed) }
        }
    }
}
