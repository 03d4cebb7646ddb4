public import ExchangeModel
import Foundation

/// What a walk to a partner's gateway found, step by step, and who can mend what is wrong.
public struct PingReport: Hashable, Sendable {
    /// The steps in the order they are made; each needs those before it.
    public enum Step: String, CaseIterable, Sendable {
        /// The gateway's name leads to an address.
        case name
        /// Something listens there.
        case tcp
        /// TLS 1.3 is agreed on.
        case tls
        /// The server's certificate is the registered one and holds.
        case certificate
        /// Neither it nor what issued it is revoked.
        case revocation
        /// The clocks agree.
        case clock
        /// The partner admits us and speaks our version of the protocol.
        case `protocol`
        /// The partner's signed capability sheet holds.
        case capability
    }

    /// Who can mend what is wrong.
    public enum Mender: String, CaseIterable, Sendable {
        /// The people of this gateway.
        case you
        /// Those who run the network between the gateways.
        case network = "your network"
        /// The people of the partner's gateway.
        case partner = "the partner"
        /// The authority that issued the partner's certificate.
        case partnersAuthority = "the partner's CA"
    }

    /// How one step ended.
    public struct Line: Hashable, Sendable {
        /// The step.
        public let step: Step
        /// How it ended.
        public let outcome: VerificationReport.Outcome
        /// One sentence: what holds, what is wrong, or why it was not checked.
        public let reason: String
        /// What is wrong.
        public let code: ErrorCode?
        /// Who can mend it.
        public let mender: Mender?
    }

    /// The partner.
    public let peer: PartyID
    /// Where its gateway is said to be.
    public let url: String
    /// When the walk began.
    public let time: ExchangeTime
    /// Every step, also those that were not reached.
    public private(set) var lines: [Line] = []

    init(peer: PartyID, url: String, time: ExchangeTime) {
        self.peer = peer
        self.url = url
        self.time = time
    }

    /// `failed` if any step failed, else `notChecked` if any was not checked, else `passed`.
    public var outcome: VerificationReport.Outcome {
        if lines.contains(where: { $0.outcome == .failed }) { return .failed }
        return lines.count == Step.allCases.count && lines.allSatisfy { $0.outcome == .passed } ? .passed : .notChecked
    }

    mutating func pass(_ step: Step, _ reason: String) {
        lines.append(Line(step: step, outcome: .passed, reason: reason, code: nil, mender: nil))
    }

    mutating func fail(_ step: Step, _ error: ExchangeError, mender: Mender) {
        lines.append(
            Line(step: step, outcome: .failed, reason: error.sentence, code: error.code, mender: mender)
        )
    }

    mutating func skip(_ step: Step, _ reason: String, code: ErrorCode? = nil, mender: Mender? = nil) {
        lines.append(Line(step: step, outcome: .notChecked, reason: reason, code: code, mender: mender))
    }

    /// Enters every step without a line as not reached.
    mutating func close() {
        for step in Step.allCases where !lines.contains(where: { $0.step == step }) {
            skip(step, "Not reached")
        }
    }

    private struct Written: Encodable {
        struct Step: Encodable {
            let name: String
            let outcome: String
            let reason: String
            let code: String?
            let mender: String?
        }

        let peer: String
        let url: String
        let time: String
        let outcome: String
        let steps: [Step]
    }

    /// The report as JSON.
    public func json() throws -> [UInt8] {
        let written = Written(
            peer: peer.text,
            url: url,
            time: time.description,
            outcome: outcome.rawValue,
            steps: lines.map {
                Written.Step(
                    name: $0.step.rawValue,
                    outcome: $0.outcome.rawValue,
                    reason: $0.reason,
                    code: $0.code?.rawValue,
                    mender: $0.mender?.rawValue
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(written)) + [0x0a]
    }

    /// The report as plain text, one line a step.
    public var text: String {
        let width = Step.allCases.map(\.rawValue.count).max() ?? 0
        var result = "\(peer) at \(url)\n"
        for line in lines {
            let mark =
                switch line.outcome {
                case .passed: "passed     "
                case .failed: "FAILED     "
                case .notChecked: "not checked"
                }
            let name = line.step.rawValue + String(repeating: " ", count: width - line.step.rawValue.count)
            let mender = line.mender.map { "; to be mended by \($0.rawValue)" } ?? ""
            let code = line.code.map { " [\($0)]" } ?? ""
            result += "\(mark)  \(name)  \(line.reason)\(mender)\(code)\n"
        }
        return result
    }
}
