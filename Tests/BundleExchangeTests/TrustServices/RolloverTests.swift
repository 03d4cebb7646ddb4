import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// One certificate takes the place of another, on the side that has it and on the partner's.
@Suite struct RolloverTests {
    private static let day: Int64 = 86_400

    /// Installs a successor of a key and gives the id and the certificate.
    private func successor(
        _ name: String,
        _ purpose: KeyPurpose,
        from days: Int64?,
        in house: RegisterHouse
    ) async throws -> (id: String, certificate: PartyCertificate) {
        let person = try await house.first
        let key = try await house.keys.new(purpose, by: person)
        let core = try house.core
        let wrapped = try await core.store.read { try KeyRows.wrapped(key.id, $0) }
        let own = try PrivateKey(pem: WrappedPrivateKey.unwrap(wrapped, id: key.id, under: core.storeKey))
        let base = house.base + "/" + name
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(
                commonName: "Next " + name,
                organizationIdentifier: house.party.text
            ),
            purpose: try #require(purpose.certificatePurpose),
            notBefore: RegisterPKI.time.adding(seconds: -3_600),
            notAfter: RegisterPKI.time.adding(seconds: 700 * Self.day),
            alternativeNames: purpose == .gatewayTLS ? [.dns("localhost")] : [],
            crlURL: try house.pki.certificate(base).crlDistributionPointURLs.first
        )
        let issuer = house.party.state.lowercased() + "-issuing"
        let certificate = try house.pki.authority(issuer).issue(template, publicKey: own)
        let chain = Array((try certificate.pem() + house.pki.certificate("ca/" + issuer).pem()).utf8)
        _ = try await house.keys.install(
            key.id,
            chain: chain,
            from: days.map { RegisterPKI.time.adding(seconds: $0 * Self.day) },
            overlap: 3 * Self.day,
            by: person
        )
        return (key.id, certificate)
    }

    @Test func theNextKeyIsAnnouncedBeforeItIsUsed() async throws {
        let house = try await RegisterHouse.ready("KG-GPO")
        try await house.importKeys()
        let old = try await house.keys.current(.gatewayTLS).certificate
        let first = try await house.peers.ownCard(by: house.first).card
        let (_, next) = try await successor("tls", .gatewayTLS, from: 10, in: house)
        #expect(try await house.keys.current(.gatewayTLS).certificate == old)
        let card = try await house.peers.ownCard(by: house.first).card
        #expect(card.serial == first.serial + 1)
        #expect(Set(card.certificates[.gatewayTLS] ?? []) == [old, next])
        #expect(card.windows[next.sha256]?.from == RegisterPKI.time.adding(seconds: 10 * Self.day))
        #expect(card.windows[old.sha256]?.until == RegisterPKI.time.adding(seconds: 13 * Self.day))
        house.advance(10 * Self.day - 1)
        try await house.peers.revocation.refresh()
        #expect(try await house.keys.current(.gatewayTLS).certificate == old)
        house.advance(1)
        #expect(try await house.keys.current(.gatewayTLS).certificate == next)
        house.advance(3 * Self.day + 1)
        let last = try await house.keys.announced(.gatewayTLS)
        #expect(last.map(\.certificate) == [next])
    }

    @Test func partnersAcceptBothOnlyWhileTheyOverlap() async throws {
        let sender = try await RegisterHouse.ready("KG-GPO")
        try await sender.importKeys()
        let old = try await sender.keys.current(.gatewayTLS).certificate
        let oldEncryption = try await sender.keys.current(.gatewayEncryption).certificate
        let first = try await sender.peers.ownCard(by: sender.first).der
        let house = try await RegisterHouse.ready()
        try await house.change(.addPeer(card: first))
        let next = try await successor("tls", .gatewayTLS, from: 2, in: sender).certificate
        let nextEncryption = try await successor("encryption", .gatewayEncryption, from: 2, in: sender).certificate
        let second = try await sender.peers.ownCard(by: sender.first).der
        try await house.change(.replacePeer(card: second))
        let kg = try #require(PartyID("KG-GPO"))
        func recipient() async throws -> PartyCertificate? {
            try await house.peers.recipients(of: kg, mode: .gateway, agency: nil).first
        }

        #expect(try house.peers.identify(tlsChain: [old]) == kg)
        await expectCode(.peerOutsideWindow) { _ = try house.peers.identify(tlsChain: [next]) }
        #expect(try await recipient() == oldEncryption)
        house.advance(2 * Self.day)
        #expect(try house.peers.identify(tlsChain: [old]) == kg)
        #expect(try house.peers.identify(tlsChain: [next]) == kg)
        #expect(try await recipient() == nextEncryption)
        house.advance(3 * Self.day + 1)
        await expectCode(.peerOutsideWindow) { _ = try house.peers.identify(tlsChain: [old]) }
        await expectCode(.peerOutsideWindow) {
            try house.peers.checkServer([old], host: "localhost", of: kg)
        }
        #expect(try house.peers.identify(tlsChain: [next]) == kg)
        try await house.open()
        await expectCode(.peerOutsideWindow) { _ = try house.peers.identify(tlsChain: [old]) }
    }

    @Test func aKeyIsScheduledOnlyAsItsCertificateAllows() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys(["seal"])
        let person = try await house.first
        let (id, next) = try await successor("seal", .gatewaySeal, from: 5, in: house)
        func at(_ days: Int64) -> ExchangeTime { RegisterPKI.time.adding(seconds: days * Self.day) }
        for days: Int64 in [-1, 800] {
            await expectCode(.requestValue) {
                _ = try await house.keys.schedule(id, from: at(days), overlap: 0, by: person)
            }
        }
        await expectCode(.requestValue) {
            _ = try await house.keys.schedule(id, from: at(1), overlap: -1, by: person)
        }
        let raw = try await house.keys.new(.gatewaySeal, by: person)
        await expectCode(.wrongState) {
            _ = try await house.keys.schedule(raw.id, from: at(1), overlap: 0, by: person)
        }
        // It may be put off or be had earlier; without overlap the old one is over at once.
        let record = try await house.keys.schedule(id, from: at(1), overlap: 0, by: person)
        #expect(record.currentFrom == at(1))
        #expect(try await house.kinds(.house).last == .keyScheduled)
        house.advance(Self.day + 1)
        #expect(try await house.keys.current(.gatewaySeal).certificate == next)
        #expect(try await house.keys.announced(.gatewaySeal).map(\.certificate) == [next])
    }
}
