import EvidencePackaging
import ExchangeModel
import Testing

@Suite struct ASiCManifestTests {
    private static let sample = ASiCManifest(
        entries: ManifestSamples.asic.map { .init(uri: $0.uri, mediaType: $0.mediaType, sha256: $0.sha256) }
    )

    private func read(_ old: String, _ new: String) throws -> ErrorCode? {
        let text = String(decoding: try Self.sample.xml(), as: UTF8.self)
        let parts = text.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count > 1, "nothing to replace: \(old)")
        return manifestCode { _ = try ASiCManifest(xml: Array(parts.joined(separator: new).utf8)) }
    }

    private func write(_ change: (inout ASiCManifest) -> Void) -> ErrorCode? {
        var manifest = Self.sample
        change(&manifest)
        return manifestCode { _ = try manifest.xml() }
    }

    @Test func looksAsSpecified() throws {
        let one = ASiCManifest(entries: Array(Self.sample.entries.prefix(1)))
        #expect(
            String(decoding: try one.xml(), as: UTF8.self) == """
                <?xml version="1.0" encoding="UTF-8"?>
                <ASiCManifest xmlns="http://uri.etsi.org/02918/v1.2.1#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
                  <SigReference URI="META-INF/signature.p7s" MimeType="application/pkcs7-signature"/>
                  <DataObjectReference URI="mimetype" MimeType="text/plain">
                    <ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                    <ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue>
                  </DataObjectReference>
                </ASiCManifest>

                """
        )
    }

    @Test func survivesTheRoundTrip() throws {
        let bytes = try Self.sample.xml()
        #expect(try ASiCManifest(xml: bytes) == Self.sample)
        #expect(try ASiCManifest(xml: bytes).xml() == bytes)
    }

    /// Every media type that a manifest may state for a file can be written here too.
    @Test func carriesEveryMediaType() throws {
        let name = "aZ09!#$&^_.+-" + String(repeating: "x", count: 114)
        let entry = ASiCManifest.Entry(uri: "a", mediaType: "\(name)/\(name)", sha256: ManifestSamples.digest(1))
        #expect(try ASiCManifest(xml: ASiCManifest(entries: [entry]).xml()).entries == [entry])
        var manifest = ManifestSamples.full
        manifest.evidence[0].file.mediaType = entry.mediaType
        #expect(try EvidenceManifest(xml: manifest.xml()) == manifest)
        #expect(write { $0.entries[0].mediaType = "x\(name)/a" } == ErrorCode("xml.schema"))
        #expect(write { $0.entries[0].mediaType = "text/plain; charset=utf-8" } == ErrorCode("xml.schema"))
    }

    @Test func everyDigestByteSurvives() throws {
        let entries = (UInt8.min...UInt8.max).map { byte in
            ASiCManifest.Entry(uri: "parts/\(byte)", mediaType: "a/b", sha256: ManifestSamples.digest(byte))
        }
        #expect(try ASiCManifest(xml: ASiCManifest(entries: entries).xml()).entries == entries)
    }

    @Test func carriesTheLargestContainer() throws {
        let entries = (1...20_003).map { number in
            ASiCManifest.Entry(
                uri: "parts/\(number).p7m",
                mediaType: "application/pkcs7-mime",
                sha256: ManifestSamples.digest(UInt8(number % 256))
            )
        }
        let manifest = ASiCManifest(entries: entries)
        #expect(try ASiCManifest(xml: manifest.xml()) == manifest)
        #expect(
            manifestCode {
                _ = try ASiCManifest(entries: entries + [.init(uri: "x", mediaType: "a/b", sha256: entries[0].sha256)])
                    .xml()
            } == ErrorCode("xml.schema")
        )
    }

    /// Another writer may use other prefixes and white space.
    @Test func readsOtherPrefixes() throws {
        let value = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        let text = """
            <asic:ASiCManifest xmlns:asic="http://uri.etsi.org/02918/v1.2.1#"><asic:SigReference
            MimeType='application/pkcs7-signature' URI='META-INF/signature.p7s'></asic:SigReference>
            <asic:DataObjectReference MimeType="text/plain" URI="mimetype">
            <DigestMethod xmlns="http://www.w3.org/2000/09/xmldsig#" Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
            <d:DigestValue xmlns:d="http://www.w3.org/2000/09/xmldsig#">\(value)</d:DigestValue>
            </asic:DataObjectReference></asic:ASiCManifest>
            """
        #expect(
            try ASiCManifest(xml: Array(text.utf8)).entries
                == [.init(uri: "mimetype", mediaType: "text/plain", sha256: ManifestSamples.digest(0))]
        )
    }

    @Test func refusesOtherSignatures() throws {
        let code = ErrorCode("asic.signature_reference")
        #expect(try read("META-INF/signature.p7s", "META-INF/signature2.p7s") == code)
        #expect(try read("application/pkcs7-signature", "application/xml") == code)
        #expect(try read("URI=\"META-INF/signature.p7s\"", "") == ErrorCode("xml.schema"))
    }

    @Test func refusesNamesThatNoManifestMayHold() {
        #expect(write { $0.entries[1].uri = $0.entries[0].uri } == ErrorCode("asic.reference"))
        #expect(write { $0.entries[0].uri = "META-INF/ASiCManifest.xml" } == ErrorCode("asic.reference"))
        #expect(write { $0.entries[0].uri = "META-INF/signature.p7s" } == ErrorCode("asic.reference"))
        for name in ["../x", "a/../x", "/x", "a//x", "./x", "a/", "", "http://x", "a%2fx", "a\\x", "a b", "é", "a&b"] {
            #expect(write { $0.entries[0].uri = name } == ErrorCode("xml.schema"), "\(name)")
        }
        #expect(write { $0.entries[0].uri = String(repeating: "a", count: 256) } == ErrorCode("xml.schema"))
        #expect(write { $0.entries = [] } == ErrorCode("xml.schema"))
    }

    @Test func refusesOtherDigests() throws {
        let code = ErrorCode("asic.digest")
        #expect(try read("xmlenc#sha256", "xmlenc#sha512") == code)
        #expect(try read("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1") == code)
        for value in [
            "", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=AAAA", "=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "-_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA===",
        ] {
            #expect(try read("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", value) == code, "\(value)")
        }
        #expect(try read("<ds:DigestValue>", "<ds:DigestValue Id=\"x\">") == code)
        #expect(try read("<ds:DigestMethod ", "<ds:DigestMethod Id=\"x\" ") == code)
        #expect(try read("<ds:DigestValue>", "<ds:DigestValue><ds:x/>") == code)
        #expect(try read("ds:DigestMethod", "ds:Transforms") == code)
        #expect(try read("xmldsig#", "xmldsig") == ErrorCode("xml.schema"))
        #expect(
            try read("    <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\n", "")
                == ErrorCode("xml.schema")
        )
        #expect(try read("</ds:DigestValue>", "</ds:DigestValue><ds:X/>") == ErrorCode("xml.schema"))
    }
}
