import ExchangeModel
import Testing

@testable import TrustCrypto

@Suite struct HostNameTests {
    private func certificate(_ names: [CertificateTemplate.AlternativeName]) throws -> PartyCertificate {
        let authorities = try TestAuthorities(.p256)
        var template = TestAuthorities.template(.gatewayTLS)
        template.subject.commonName = "common.example"
        template.alternativeNames = names
        return try authorities.issuing.issue(template, publicKey: PrivateKey.generate(.p256))
    }

    @Test func namesAndAddresses() throws {
        let ipv6: [UInt8] = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        let found = try certificate([.dns("gateway.example"), .dns("*.wild.example"), .ip([10, 0, 0, 1]), .ip(ipv6)])
        for host in ["gateway.example", "GATEWAY.example", "a.wild.example", "10.0.0.1", "2001:db8::1"] {
            #expect(found.isFor(host: host), "\(host)")
        }
        for host in [
            "", "example", ".example", ".wild.example", "wild.example", "a.b.wild.example", "common.example",
            "gateway.example.evil.example", "gateway.example\u{0}.evil.example", "10.0.0.2", "2001:db8::2",
            "*.wild.example",
            String(repeating: "a", count: 254),
        ] {
            #expect(!found.isFor(host: host), "\(host)")
        }
    }

    @Test func theCommonNameCountsForNothing() throws {
        #expect(try !certificate([]).isFor(host: "common.example"))
    }

    @Test func partialWildcardsCountForNothing() throws {
        #expect(try !certificate([.dns("g*.example")]).isFor(host: "gateway.example"))
    }
}
