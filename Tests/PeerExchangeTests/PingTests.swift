import BundleExchange
import EvidencePackaging
import ExchangeModel
import Foundation
import GatewayListener
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

@testable import PeerExchange

/// The walk to a partner: what is wrong is found at its step, with the one who can mend it.
@Suite struct PingTests {
    private typealias Step = PingReport.Step

    private func ping(
        _ kz: LiveWorld.Side,
        _ base: String,
        now: @escaping @Sendable () -> ExchangeTime = { ExchangeTime(secondsSince1970: Int64(time(nil))) }
    ) -> PeerPing {
        let (keys, peers) = (kz.gateway.keys, kz.gateway.peers)
        return PeerPing(
            endpoint: { peer in
                PeerEndpoint(peer: peer, url: base) { chain, host in
                    try peers.checkServer(derChain: chain, host: host, of: peer)
                }
            },
            identity: { try await keys.current(.gatewayTLS) },
            now: now,
            take: { try await peers.takeSheet($0, of: $1) }
        )
    }

    /// Holds the lines against what is expected: everything before passes, everything behind is not reached.
    private func expect(
        _ report: PingReport,
        _ wrong: Step?,
        _ outcome: VerificationReport.Outcome = .passed,
        _ code: ErrorCode? = nil,
        _ mender: PingReport.Mender? = nil,
        alsoPassed: Set<Step> = [],
        location: SourceLocation = #_sourceLocation
    ) {
        let told = Comment(rawValue: report.text)
        #expect(
            report.lines.map(\.step).sorted { index($0) < index($1) } == Step.allCases,
            told,
            sourceLocation: location
        )
        for line in report.lines {
            if let wrong, line.step == wrong {
                #expect(
                    line.outcome == outcome && line.code == code && line.mender == mender,
                    told,
                    sourceLocation: location
                )
            } else if wrong.map({ index(line.step) < index($0) }) ?? true || alsoPassed.contains(line.step) {
                #expect(line.outcome == .passed, told, sourceLocation: location)
            } else {
                #expect(line.outcome == .notChecked && line.reason == "Not reached", told, sourceLocation: location)
            }
        }
        #expect(report.outcome == outcome, told, sourceLocation: location)
    }

    private func index(_ step: Step) -> Int { Step.allCases.firstIndex(of: step) ?? -1 }

    @Test func aGoodPartnerPassesAndItsSheetIsKept() async throws {
        try await LiveWorld.with { world, kz, kg in
            let report = try await ping(kz, world.url(of: kg)).ping(kg.party)
            expect(report, nil)
            let kept = try await kz.gateway.peers.show(kg.party, by: kz.person("administrator-1")).capabilities
            #expect(kept == (try await kz.client.capabilities(of: kg.party)))
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(report.json())) as? [String: Any]
            )
            #expect(object["outcome"] as? String == "passed")
            #expect(object["peer"] as? String == "KG-GPO")
            let steps = try #require(object["steps"] as? [[String: Any]])
            #expect(steps.compactMap { $0["name"] as? String } == Step.allCases.map(\.rawValue))
            #expect(report.text.split(separator: "\n").count == Step.allCases.count + 1)
            let stranger = try #require(PartyID("UZ-GPO"))
            let real = PeerPing(kz.gateway)
            await #expect(throws: ExchangeError(.peerUnknown, "")) { _ = try await real.ping(stranger) }
        }
    }

    @Test func theWayIsNamedWhereItEnds() async throws {
        try await LiveWorld.with { world, kz, kg in
            let closed = try await ping(kz, "https://127.0.0.1:1").ping(kg.party)
            expect(closed, .tcp, .failed, .transportUnreachable, .partner)
            let nameless = try await ping(kz, "https://host..example:8443").ping(kg.party)
            #expect(nameless.lines.first?.outcome == .failed)
            #expect(nameless.outcome == .failed)
            try await StandInService.with(
                answer: { _ in ListenerResponse(contentType: "text/plain", body: []) },
                of: kg,
                usesTLS: false
            ) { base in
                let url = base.replacingOccurrences(of: "http:", with: "https:")
                let report = try await ping(kz, url).ping(kg.party)
                expect(report, .tls, .failed, .transportTLS, .partner)
            }
            let text = closed.text
            #expect(text.contains("FAILED       tcp"))
            #expect(text.contains("to be mended by the partner [transport.unreachable]"))
        }
    }

    @Test func certificatesAreToldApartFromRevocation() async throws {
        try await LiveWorld.with { world, kz, kg in
            let url = try world.url(of: kg)
            // Their listener shows one that we do not know.
            try await world.renewTLS(world.pki.issueTLS(party: "KG-GPO"), of: kg)
            expect(try await ping(kz, url).ping(kg.party), .certificate, .failed, .peerUnregistered, .partner)
            try await kz.change(.replacePeer(card: kg.card()))
            expect(try await ping(kz, url).ping(kg.party), nil)
            // A host that the certificate does not name.
            let elsewhere = try await ping(kz, url.replacingOccurrences(of: "127.0.0.1", with: "127.0.0.2"))
                .ping(kg.party)
            #expect(elsewhere.outcome == .failed)
            // They do not let us in.
            try await kg.change(.suspendPeer(kz.party))
            let refused = try await ping(kz, url).ping(kg.party)
            expect(
                refused,
                .tls,
                .failed,
                .transportRefused,
                .partner,
                alsoPassed: [.certificate, .revocation]
            )
            try await kg.change(.resumePeer(kz.party))
            let shown = try await kg.gateway.keys.current(.gatewayTLS).certificate
            try await world.revoke(shown, party: "KG-GPO", seenBy: kz)
            let revoked = try await ping(kz, url).ping(kg.party)
            expect(revoked, .revocation, .failed, .certificateRevoked, .partner)
        }
    }

    @Test func oldRevocationListsAreNoProof() async throws {
        try await LiveWorld.with { world, kz, kg in
            world.wait(seconds: 8 * 86_400)
            let report = try await ping(kz, world.url(of: kg)).ping(kg.party)
            expect(report, .revocation, .notChecked, .revocationStale, .partnersAuthority)
        }
    }

    @Test func clocksThatDisagreeAreNamed() async throws {
        try await LiveWorld.with { world, kz, kg in
            let report = try await ping(kz, world.url(of: kg)) {
                ExchangeTime(secondsSince1970: Int64(time(nil)) + 600)
            }.ping(kg.party)
            #expect(report.outcome == .failed)
            let clock = report.lines.first { $0.step == .clock }
            #expect(clock?.outcome == .failed && clock?.code == .transportClock && clock?.mender == .you)
            #expect(report.lines.filter { $0.step != .clock }.allSatisfy { $0.outcome == .passed })
        }
    }

    @Test func anotherVersionAndAFalseSheetAreNamed() async throws {
        try await LiveWorld.with { _, kz, kg in
            let script = Mutex((404, "application/problem+json", Array(#"{"code":"exchange.unknown_version"}"#.utf8)))
            let own = try await kz.gateway.peers.ownSheet(
                OwnCapabilities(largestBundle: 1, treaties: [], languages: ["kk"], contact: .init(name: "Desk"))
            )
            try await StandInService.with(
                answer: { _ in
                    let (status, type, body) = script.withLock { $0 }
                    return ListenerResponse(status: status, contentType: type, body: body)
                },
                of: kg
            ) { base in
                let ping = ping(kz, base)
                let version = try await ping.ping(kg.party)
                expect(version, .protocol, .failed, .peerUnavailable, .partner)
                #expect(version.text.contains("exchange.unknown_version"))
                script.withLock { $0 = (200, "application/pkcs7-mime", own) }
                expect(try await ping.ping(kg.party), .capability, .failed, .sheetOtherParty, .partner)
                script.withLock { $0 = (200, "application/pkcs7-mime", [0x30, 0x00]) }
                let garbage = try await ping.ping(kg.party)
                #expect(garbage.lines.last?.step == .capability && garbage.lines.last?.outcome == .failed)
                script.withLock { $0 = (200, "text/html", Array("<html>".utf8)) }
                expect(try await ping.ping(kg.party), .capability, .failed, .peerAnswer, .partner)
                let kept = try await kz.gateway.peers.show(kg.party, by: kz.person("administrator-1")).capabilities
                #expect(kept == nil)
            }
        }
    }
}
