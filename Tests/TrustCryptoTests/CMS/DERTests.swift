import ExchangeModel
import Testing

@testable import TrustCrypto

@Suite struct DERTests {
    @Test(
        arguments: [
            ("nothing", []), ("no length", [0x30]), ("indefinite length", [0x30, 0x80, 0, 0]),
            ("length not minimal, short", [0x04, 0x81, 0x01, 0]),
            ("length not minimal, zero byte", [0x04, 0x82, 0, 0x80]),
            ("length of eight bytes", [0x04, 0x88, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("length of 2⁶³", [0x04, 0x88, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            ("length beyond the end", [0x04, 0x02, 0]),
            ("large length beyond the end", [0x04, 0x84, 0xff, 0xff, 0xff, 0xff]),
            ("length of 127 bytes", [0x04, 0xff]), ("tag of two bytes", [0x3f, 0x81, 0x01, 0]),
            ("bytes after the structure", [0x04, 0x00, 0x00]), ("string in pieces", [0x24, 0x03, 0x04, 0x01, 0]),
            ("boolean of 1", [0x01, 0x01, 0x01]), ("empty integer", [0x02, 0x00]),
            ("integer not minimal", [0x02, 0x02, 0x00, 0x7f]),
            ("negative integer not minimal", [0x02, 0x02, 0xff, 0x80]),
            ("null with content", [0x05, 0x01, 0]), ("bit string without count", [0x03, 0x00]),
            ("bit string with dirty padding", [0x03, 0x02, 0x01, 0x01]),
            ("bit string of 8 unused bits", [0x03, 0x02, 8, 0]),
            ("empty bit string with unused bits", [0x03, 0x01, 0x01]),
            ("unfinished object identifier", [0x06, 0x01, 0x80]),
            ("object identifier not minimal", [0x06, 0x02, 0x80, 0x01]), ("empty object identifier", [0x06, 0x00]),
            ("sequence that is not constructed", [0x10, 0x00]), ("set that is not constructed", [0x11, 0x00]),
        ] as [(String, [UInt8])]
    )
    func refused(what: String, bytes: [UInt8]) {
        expect(.signatureMalformed) { try DERCanonical.check(bytes[...], fault: .signatureMalformed) }
    }

    @Test(
        arguments: [
            [0x30, 0x00], [0x02, 0x02, 0x00, 0x80], [0x02, 0x01, 0x80], [0x01, 0x01, 0xff], [0x03, 0x01, 0x00],
            [0x03, 0x02, 0x07, 0x80], [0xa0, 0x02, 0x05, 0x00], [0x06, 0x02, 0x81, 0x01],
        ] as [[UInt8]]
    )
    func accepted(bytes: [UInt8]) throws {
        try DERCanonical.check(bytes[...], fault: .signatureMalformed)
    }

    @Test func depthIsBounded() throws {
        func nested(_ depth: Int) -> [UInt8] {
            var headers: [[UInt8]] = []
            var size: Int64 = 0
            for _ in 0..<depth {
                headers.append(DERWriter.header(DERTag.sequence, length: size))
                size += Int64(headers.last?.count ?? 0)
            }
            return headers.reversed().flatMap { $0 }
        }
        try DERCanonical.check(nested(30)[...], fault: .signatureMalformed)
        for depth in [33, 1_000, 100_000] {
            expect(.signatureMalformed) { try DERCanonical.check(nested(depth)[...], fault: .signatureMalformed) }
        }
    }

    @Test(arguments: [
        ("1.2.840.113549.1.7.2", DERObjectID.signedData), ("0.4.0.1733.2.1", .mimeType),
        ("0.4.0.19122.1.1", .signerAttributesV2), ("2.16.840.1.101.3.4.1.46", .aes256GCM),
        ("1.3.132.1.11.1", .ecdhSHA256KDF),
    ])
    func objectIdentifiersAreTheirDottedForm(dotted: String, id: DERObjectID) throws {
        #expect(id.dotted == dotted)
        let directory = try ScratchDirectory()
        let path = try directory.write(DERWriter.objectID(id), "id")
        let printed = try Tool.openssl(demand: ["asn1parse", "-inform", "DER", "-in", path, "-oid", "/dev/null"])
        #expect(printed.contains("OBJECT"))
    }

    @Test(arguments: [
        ("261122101623Z", DERTag.utcTime, "2026-11-22T10:16:23Z"),
        ("500101000000Z", DERTag.utcTime, "1950-01-01T00:00:00Z"),
        ("20500101000000Z", DERTag.generalizedTime, "2050-01-01T00:00:00Z"),
    ])
    func signingTimes(text: String, tag: UInt8, expected: String) throws {
        let time = try SigningTime.read(DERWriter.element(tag, Array(text.utf8)))
        #expect(time.description == expected)
        let written = SigningTime.content(of: time)
        #expect(written.tag == tag)
        #expect(written.text == text)
    }

    @Test(arguments: [
        "2611221016Z", "261122101623+0000", "261122101623", "261322101623Z", "26112210162Z", "", "Z", "2611221016２3Z",
    ])
    func signingTimesRefused(text: String) {
        for tag in [DERTag.utcTime, DERTag.generalizedTime, DERTag.utf8String] {
            expect(.signatureMalformed) { _ = try SigningTime.read(DERWriter.element(tag, Array(text.utf8))) }
        }
    }

    @Test func fractionsOfTimestamps() {
        func read(_ text: String) -> String? { SigningTime.generalized(Array(text.utf8))?.description }
        #expect(read("20261122072308.123Z") == "2026-11-22T07:23:08Z")
        #expect(read("20261122072308Z") == "2026-11-22T07:23:08Z")
        for text in [
            "20261122072308.120Z", "20261122072308.Z", "20261122072308.1.2Z", "20261122072308,1Z", "202611220723Z",
        ] {
            #expect(read(text) == nil)
        }
    }

    @Test func pem() throws {
        func read(_ text: String) throws -> [UInt8]? {
            try PEMText.der(in: Array(text.utf8), labels: ["CMS", "PKCS7"], fault: .signatureMalformed)
        }
        #expect(try read("-----BEGIN CMS-----\nAQID\n-----END CMS-----\n") == [1, 2, 3])
        #expect(try read("-----BEGIN PKCS7-----\r\nAQI=\r\n-----END PKCS7-----\r\n") == [1, 2])
        #expect(try read("0\u{80}") == nil)
        for text in [
            "-----BEGIN CMS-----\nAQID\n", "-----BEGIN CMS-----\nAQID\n-----END PKCS7-----\n",
            "-----BEGIN X-----\nAQID\n-----END X-----\n", "-----BEGIN CMS-----\nAQI\n-----END CMS-----\n",
            "-----BEGIN CMS-----\nAQ==AQ==\n-----END CMS-----\n", "-----BEGIN CMS-----\nA Q I D\n-----END CMS-----\n",
            "-----BEGIN CMS-----\nAR==\n-----END CMS-----\n", "-----BEGIN CMS-----\nA===\n-----END CMS-----\n",
        ] {
            expect(.signatureMalformed) { _ = try read(text) }
        }
    }
}
