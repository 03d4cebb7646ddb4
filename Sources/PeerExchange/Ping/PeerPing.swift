import BundleExchange
public import EvidencePackaging
public import ExchangeModel
import OutboundTransport
import TrustCrypto

/// Goes the whole way to a partner's gateway and says of each step whether it holds, and who can mend it if not.
///
/// The way ends with the partner's signed capability sheet, which is proven and handed on to be kept.
public struct PeerPing: Sendable {
    /// Reads a sheet, proves that the partner signed it, and keeps it.
    public typealias Take = @Sendable (_ sheet: [UInt8], _ peer: PartyID) async throws -> CapabilitySheet

    private let endpoint: PeerClient.FindEndpoint
    private let identity: PeerClient.FindIdentity
    private let take: Take
    private let now: @Sendable () -> ExchangeTime

    /// Takes what is asked on the way.
    public init(
        endpoint: @escaping PeerClient.FindEndpoint,
        identity: @escaping PeerClient.FindIdentity,
        now: @escaping @Sendable () -> ExchangeTime,
        take: @escaping Take
    ) {
        self.endpoint = endpoint
        self.identity = identity
        self.now = now
        self.take = take
    }

    /// Goes the way once.
    ///
    /// - Throws: What keeps the way from being begun: an unknown partner, no key of our own.
    public func ping(_ peer: PartyID) async throws -> PingReport {
        let endpoint = try await endpoint(peer)
        let own = try await identity()
        var request = OutboundRequest(.get, url: endpoint.url + PeerClient.capabilitiesPath)
        request.identity = try ClientIdentity(chain: [own.certificate] + own.chain, key: own.key.pem())
        request.check = endpoint.check
        request.oldestTLS = .version13
        request.acceptedStatuses = PeerAnswer.anyStatus
        var report = PingReport(peer: peer, url: endpoint.url, time: now())
        let walk = await ConnectionWalk.go(request, now: now)
        PingJudgement(peer: peer).enter(walk, into: &report)
        if let response = walk.response, response.status == 200 {
            await enterSheet(response, of: peer, into: &report)
        }
        report.close()
        return report
    }

    private func enterSheet(
        _ response: OutboundResponse,
        of peer: PartyID,
        into report: inout PingReport
    ) async {
        let sheet: CapabilitySheet
        do {
            let bytes = try PeerAnswer.require(200, PeerRoutes.cms, of: response, from: peer)
            sheet = try await take(bytes, peer)
        } catch {
            enterFault(error as? ExchangeError, into: &report)
            return
        }
        let suite = CryptoSuite.rogatory1.id
        guard sheet.suites.contains(suite) else {
            let reason = "\(peer) does not take the suite \(suite), only \(sheet.suites.joined(separator: ", "))"
            report.fail(.capability, ExchangeError(.peerCapability, reason), mender: .partner)
            return
        }
        report.pass(.capability, "Sheet \(sheet.serial) holds and is valid until \(sheet.notAfter)")
    }

    private func enterFault(_ error: ExchangeError?, into report: inout PingReport) {
        guard let error else {
            report.skip(.capability, "The sheet could not be read here", mender: .you)
            return
        }
        switch ProblemStatus.of(error) {
        case nil where error.code.rawValue.hasPrefix("sheet."): report.fail(.capability, error, mender: .partner)
        // A fault of this side, such as a full disk.
        case nil: report.skip(.capability, error.sentence, code: error.code, mender: .you)
        case 503: report.skip(.capability, error.sentence, code: error.code, mender: .partnersAuthority)
        default: report.fail(.capability, error, mender: .partner)
        }
    }
}

/// Turns a walk into lines, each with who can mend it.
struct PingJudgement {
    let peer: PartyID

    func enter(_ walk: ConnectionWalk, into report: inout PingReport) {
        enterWay(walk, into: &report)
        enterTLS(walk, into: &report)
        enterClock(walk, into: &report)
        enterProtocol(walk, into: &report)
    }

    private func enterWay(_ walk: ConnectionWalk, into report: inout PingReport) {
        switch walk.outcome(of: .name) {
        case .passed(let told): report.pass(.name, "The name leads to \(told)")
        case .failed(let error): report.fail(.name, error, mender: error.code == .transportURL ? .partner : .network)
        case .notReached: break
        }
        switch walk.outcome(of: .connection) {
        case .passed(let told): report.pass(.tcp, "Connected to \(told)")
        case .failed(let error):
            // Silence is mostly a firewall; an answer that nobody is there comes from the other end.
            report.fail(.tcp, error, mender: error.code == .transportTimeout ? .network : .partner)
        case .notReached: break
        }
    }

    // The server shows its certificate before it judges ours, so ours may be refused where theirs is good.
    private func enterTLS(_ walk: ConnectionWalk, into report: inout PingReport) {
        let handshake = walk.outcome(of: .handshake)
        let certificate = walk.outcome(of: .certificate)
        switch (handshake, certificate) {
        case (.passed, _): report.pass(.tls, "TLS 1.3, both certificates accepted")
        case (.failed(let error), _):
            report.fail(.tls, PeerAnswer.explained(error, peer), mender: mender(ofHandshake: error))
        case (.notReached, .failed), (.notReached, .passed): report.pass(.tls, "The server speaks TLS 1.3")
        case (.notReached, .notReached): return
        }
        switch certificate {
        case .passed(let name):
            report.pass(.certificate, "\(name) is registered and holds")
            report.pass(.revocation, "No certificate of the path is revoked")
        case .failed(let error) where error.code == .certificateRevoked:
            report.pass(.certificate, "The certificate is the registered one")
            report.fail(.revocation, error, mender: .partner)
        case .failed(let error) where isAboutRevocation(error):
            report.pass(.certificate, "The certificate is the registered one")
            report.skip(.revocation, error.sentence, code: error.code, mender: mender(ofRevocation: error))
        case .failed(let error):
            report.fail(.certificate, error, mender: mender(ofCertificate: error))
        case .notReached: break
        }
    }

    private func enterClock(_ walk: ConnectionWalk, into report: inout PingReport) {
        switch walk.outcome(of: .clock) {
        case .passed(let told): report.pass(.clock, "The clocks differ by \(told)")
        // Which of the two is wrong cannot be seen from here; one's own is the first to look at.
        case .failed(let error): report.fail(.clock, error, mender: .you)
        case .notReached:
            if walk.response != nil { report.skip(.clock, "The answer has no date", mender: .partner) }
        }
    }

    private func enterProtocol(_ walk: ConnectionWalk, into report: inout PingReport) {
        if let response = walk.response {
            if response.status == 200 {
                report.pass(.protocol, "\(peer) admits us and speaks version \(PeerRoutes.version)")
            } else {
                report.fail(.protocol, PeerAnswer.refusal(response, from: peer), mender: .partner)
            }
        } else if case .failed(let error) = walk.outcome(of: .answer) {
            report.fail(.protocol, error, mender: error.code == .transportTimeout ? .network : .partner)
        }
    }

    private func isAboutRevocation(_ error: ExchangeError) -> Bool {
        let area = error.code.rawValue.split(separator: ".").first
        return area == "revocation" || area == "ocsp"
    }

    private func mender(ofRevocation error: ExchangeError) -> PingReport.Mender {
        // Nothing at hand: it could not be fetched. Something unusable at hand: it was issued so, or not renewed.
        [.revocationNotAvailable, .revocationFetchFailed].contains(error.code) ? .network : .partnersAuthority
    }

    private func mender(ofHandshake error: ExchangeError) -> PingReport.Mender {
        switch error.code {
        case .transportIdentity: .you
        case .transportTimeout, .transportCut: .network
        default: .partner
        }
    }

    private func mender(ofCertificate error: ExchangeError) -> PingReport.Mender {
        switch error.code {
        case .certificateNotYetValid: .you
        case .certificateUntrusted, .certificateWrongIssuer, .certificateStrict, .certificateWeakSignature,
            .certificateNotAnAuthority, .certificateNameConstraint:
            .partnersAuthority
        default: .partner
        }
    }
}

extension ConnectionWalk {
    /// How a step ended.
    fileprivate func outcome(of step: Step) -> Outcome {
        steps.first { $0.step == step }?.outcome ?? .notReached
    }
}
