import BundleExchange
import EvidencePackaging
import ExchangeModel
import Foundation
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

@testable import PeerExchange

/// Who is let in, and for how long.
@Suite struct AdmissionTests {
    private static let sheet = "/exchange/v1/capabilities"

    @Test func strangersAreRefusedInTheHandshake() async throws {
        try await LiveWorld.with { world, _, kg in
            let url = try world.url(of: kg) + Self.sheet
            let pki = world.pki
            let good = try await Curl(pki.gatewayTLS("KZ-GPO"), world: pki).ask("GET", url)
            #expect(good.status == 200)
            let mimic = try pki.mimicTLS()
            let strangers: [(String, TLSHolder?)] = [
                ("no certificate", nil),
                ("good, of the partner's authority, but not registered", try pki.issueTLS()),
                ("expired and not registered", try pki.issueTLS(notAfter: -60)),
                ("of another authority, with the partner's names", mimic),
                ("our own", try pki.gatewayTLS("KG-GPO")),
                ("the partner's, for sealing", try pki.holder("parties/KZ-GPO/seal")),
                ("the partner's, for receipts", try pki.holder("parties/KZ-GPO/receipt")),
                ("a person's of the partner", try pki.holder("parties/KZ-GPO/people/officer-sign-in")),
                ("an agency's of the partner", try pki.holder("parties/KZ-GPO/agencies/KZ-AFM/tls")),
            ]
            for (name, holder) in strangers {
                let answer = try await Curl(holder, world: pki).ask("GET", url)
                #expect(answer.status == 0 && answer.exit != 0, "\(name): \(answer.status) \(answer.error)")
                #expect(answer.error.contains("alert"), "\(name): \(answer.error)")
            }
            // Nothing older than TLS 1.3, and nothing without TLS.
            let old = try await Curl(pki.gatewayTLS("KZ-GPO"), world: pki).ask(
                "GET",
                url,
                options: ["--tls-max", "1.2"]
            )
            #expect(old.status == 0 && old.exit != 0)
            let plain = url.replacingOccurrences(of: "https:", with: "http:")
            #expect(try await Curl(nil, world: pki).ask("GET", plain).status == 0)
        } afterwards: { _, kg in
            let refusals = try await kg.refusals()
            #expect(refusals.count == 8)
        }
    }

    @Test func aRegisteredCertificateIsRefusedWhenItEnds() async throws {
        try await LiveWorld.with { world, kz, kg in
            let short = try world.pki.issueTLS(notAfter: 3_600)
            try await world.renewTLS(short, of: kz)
            try await kg.change(.replacePeer(card: kz.card()))
            let curl = Curl(short, world: world.pki)
            let url = try world.url(of: kg) + Self.sheet
            #expect(try await curl.ask("GET", url).status == 200)
            // The old one is still registered: both are let in while one replaces the other.
            #expect(try await Curl(world.pki.gatewayTLS("KZ-GPO"), world: world.pki).ask("GET", url).status == 200)
            world.wait(seconds: 7_200)
            #expect(try await curl.ask("GET", url).status == 0)
            #expect(try await Curl(world.pki.gatewayTLS("KZ-GPO"), world: world.pki).ask("GET", url).status == 200)
        } afterwards: { _, kg in
            let refusals = try await kg.refusals()
            #expect(refusals == [.certificateExpired])
        }
    }

    @Test func revocationBitesOnAStandingConnectionAndInTheHandshake() async throws {
        try await LiveWorld.with { world, kz, kg in
            _ = try await kz.client.capabilities(of: kg.party)
            let tls = try world.pki.gatewayTLS("KZ-GPO").certificate
            try await world.revoke(tls, party: "KZ-GPO", seenBy: kg)
            await #expect(throws: ExchangeError(.peerNotAdmitted, "")) {
                _ = try await kz.client.capabilities(of: kg.party)
            }
            // That answer ended the connection, so this is a new one.
            await #expect(throws: ExchangeError(.transportRefused, "")) {
                _ = try await kz.client.capabilities(of: kg.party)
            }
        } afterwards: { _, kg in
            let refusals = try await kg.refusals()
            #expect(refusals == [.certificateRevoked])
        }
    }

    @Test func suspensionBitesOnAStandingConnectionAndEndsWithIt() async throws {
        try await LiveWorld.with { world, kz, kg in
            _ = try await kz.client.capabilities(of: kg.party)
            try await kg.change(.suspendPeer(kz.party))
            await #expect(throws: ExchangeError(.peerNotAdmitted, "")) {
                _ = try await kz.client.capabilities(of: kg.party)
            }
            do {
                _ = try await kz.client.capabilities(of: kg.party)
                Issue.record("let in")
            } catch let error as ExchangeError {
                #expect(error.code == .transportRefused)
                #expect(error.reason.hasPrefix("KG-GPO refused our certificate"))
            }
            try await kg.change(.resumePeer(kz.party))
            _ = try await kz.client.capabilities(of: kg.party)
            // The suspended partner's server is not spoken to either.
            try await kz.change(.suspendPeer(kg.party))
            do {
                _ = try await kz.client.capabilities(of: kg.party)
                Issue.record("spoken to")
            } catch let error as ExchangeError {
                #expect(error.code == .peerSuspended)
                #expect(error.reason.hasPrefix("We do not accept"))
            }
        }
    }

    @Test func aSuspensionDuringAPartLeavesThePartOut() async throws {
        let sample = try await SampleBundle.another()
        try await LiveWorld.with { world, kz, kg in
            let key = BundleKey(sender: kz.party, id: sample.id)
            _ = try await kz.client.announce(sample.announcement, of: key, to: kg.party)
            let file = try RandomAccessFile(openingForReading: sample.path)
            func send(_ number: Int, from source: any ByteSource) async throws {
                let part = sample.announcement.parts[number - 1]
                try await kz.client.send(
                    part: number,
                    digest: part.sha256,
                    from: source,
                    range: part.offset..<part.offset + part.size,
                    of: key,
                    to: kg.party
                )
            }
            try await send(1, from: file)
            let last = sample.announcement.parts[1]
            // Suspended when the last bytes are about to leave.
            let source = InterruptingSource(file, at: last.offset + last.size) {
                try await kg.change(.suspendPeer(kz.party))
            }
            await #expect(throws: ExchangeError(.peerNotAdmitted, "")) { try await send(2, from: source) }
            await #expect(throws: ExchangeError.self) { try await send(3, from: file) }
            try await kg.change(.resumePeer(kz.party))
            let count = sample.announcement.parts.count
            let state = try await kz.client.state(of: key, at: kg.party)
            #expect(state == DeliveryState(standing: .announced, missing: [2...count]))
        }
    }

    @Test func anotherCertificateIsShownToLaterConnections() async throws {
        try await LiveWorld.with { world, kz, kg in
            _ = try await kz.client.capabilities(of: kg.party)
            let renewed = try world.pki.issueTLS(party: "KG-GPO")
            try await world.renewTLS(renewed, of: kg)
            let unchanged = try await kg.gateway.keys.current(.gatewayTLS)
            #expect(try !kg.listener.show(unchanged))
            // The connection that stands was made with the old one, which is still good.
            _ = try await kz.client.capabilities(of: kg.party)
            kz.client.close()
            do {
                _ = try await kz.client.capabilities(of: kg.party)
                Issue.record("accepted")
            } catch let error as ExchangeError {
                #expect(error.code == .peerUnregistered)
            }
            try await kz.change(.replacePeer(card: kg.card()))
            _ = try await kz.client.capabilities(of: kg.party)
        }
    }

    @Test func aNewKeyOfOursMakesANewConnection() async throws {
        try await LiveWorld.with { world, kz, kg in
            _ = try await kz.client.capabilities(of: kg.party)
            try await world.renewTLS(world.pki.issueTLS(), of: kz)
            // Not known there yet: were the old connection used, this would pass.
            await #expect(throws: ExchangeError(.transportRefused, "")) {
                _ = try await kz.client.capabilities(of: kg.party)
            }
            try await kg.change(.replacePeer(card: kz.card()))
            _ = try await kz.client.capabilities(of: kg.party)
        }
    }
}

/// A file that does something once, before it gives the bytes up to an offset.
final class InterruptingSource: ByteSource {
    private let file: any ByteSource
    private let offset: Int64
    private let act: Mutex<(@Sendable () async throws -> Void)?>

    init(_ file: any ByteSource, at offset: Int64, act: @escaping @Sendable () async throws -> Void) {
        self.file = file
        self.offset = offset
        self.act = Mutex(act)
    }

    var size: Int64 { file.size }

    func read(into buffer: UnsafeMutableRawBufferPointer, at start: Int64) throws {
        let due = act.withLock { act in
            guard start + Int64(buffer.count) >= offset else { return (@Sendable () async throws -> Void)?.none }
            return act.take()
        }
        if let due {
            // The transfer has a thread of its own, which may wait.
            let done = DispatchSemaphore(value: 0)
            let fault = Mutex<(any Error)?>(nil)
            Task {
                do { try await due() } catch { fault.withLock { $0 = error } }
                done.signal()
            }
            done.wait()
            if let fault = fault.withLock({ $0 }) { throw fault }
        }
        try file.read(into: buffer, at: start)
    }
}
