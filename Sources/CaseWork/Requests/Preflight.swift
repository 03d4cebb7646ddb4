public import BundleExchange
public import ExchangeModel
import GatewayText
import LegalAssistance
import Persistence
import TrustCrypto

/// One thing that was looked at before a request is sent.
public struct PreflightFinding: Hashable, Sendable {
    /// What it means for sending.
    public enum Outcome: String, CaseIterable, Hashable, Sendable {
        /// It is as it should be.
        case good
        /// It is said, and nothing more.
        case warning
        /// The message would not go out, or would come back.
        case fault
    }

    /// Who can mend it.
    public enum Mender: String, CaseIterable, Hashable, Sendable {
        /// The officer who drafts.
        case officer
        /// An administrator of this gateway.
        case administrator
        /// The partner.
        case partner
    }

    /// What was looked at, such as `peer` or `treaty`.
    public let check: String
    /// How it is.
    public let outcome: Outcome
    /// One plain sentence.
    public let sentence: String
    /// Who mends it, where something is to be mended.
    public let mender: Mender?
}

extension RequestDesk {
    /// Looks at everything that would keep the next message of a request from going out, or bring it back.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func preflight(_ id: ThreadID, by person: ActingPerson) async throws -> [PreflightFinding] {
        let file = try await show(id, by: person)
        var findings: [PreflightFinding] = []
        if file.record.channel.isProven, let peer = file.record.peer {
            findings += try await peerFindings(peer)
            findings += try await ownFindings(id, by: person)
        }
        findings += treatyFindings(file)
        if file.state.phase == .notBegun, file.record.side == .requesting { findings += contentFindings(file) }
        return findings
    }

    private func peerFindings(_ peer: PartyID) async throws -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        let row = try await core.store.read { store in
            try store.row("SELECT name, suspended FROM peer WHERE party = ?", [SQLValue(peer)])
        }
        guard let row else {
            return [fault("peer", "\(peer) is not a partner of this gateway", .administrator)]
        }
        if try row.optionalInteger("suspended") != nil {
            findings.append(fault("peer", "The partner \(peer) is suspended here", .administrator))
        } else {
            findings.append(good("peer", "\(peer) is a partner and not suspended"))
        }
        do {
            let now = core.now()
            let recipients = try await gateway.peers.recipients(of: peer, mode: .gateway, agency: nil)
            if let end = recipients.compactMap(\.notAfter).min(), end < now.adding(seconds: 30 * 86_400) {
                let day = String(end.description.prefix(10))
                findings.append(
                    warning("recipient key", "The partner's encryption certificate ends on \(day)", .partner)
                )
            } else {
                findings.append(good("recipient key", "The partner's encryption certificate is valid"))
            }
        } catch let error as ExchangeError {
            findings.append(fault("recipient key", error.reason, .administrator))
        }
        return findings
    }

    private func ownFindings(_ id: ThreadID, by person: ActingPerson) async throws -> [PreflightFinding] {
        var findings: [PreflightFinding] = []
        for purpose in [KeyPurpose.gatewaySeal, .gatewayTLS] {
            do {
                _ = try await gateway.keys.current(purpose)
                findings.append(good("key \(purpose.rawValue)", "A key is installed and valid"))
            } catch let error as ExchangeError {
                findings.append(fault("key \(purpose.rawValue)", error.reason, .administrator))
            }
        }
        let now = core.now()
        let rows = try await core.store.read { store in
            try store.rows(
                "SELECT der FROM person_certificate WHERE person = ? AND purpose = ? AND withdrawn IS NULL",
                [.text(person.person.text), .text(CertificatePurpose.personSignature.rawValue)]
            )
        }
        let usable = try rows.map { try $0.certificate("der") }.contains { certificate in
            guard let start = certificate.notBefore, let end = certificate.notAfter else { return false }
            return start <= now && now <= end
        }
        findings.append(
            usable
                ? good("own certificate", "You have a certificate to sign with")
                : fault(
                    "own certificate",
                    "No certificate to sign with that is valid now is registered for you",
                    .administrator
                )
        )
        let free = try gateway.freeBytes()
        let size = try await core.store.read { store in
            try store.row(
                """
                SELECT SUM(stored_file.size) AS size FROM draft_file JOIN draft ON draft.id = draft_file.draft \
                JOIN stored_file ON stored_file.id = draft_file.file \
                WHERE draft.thread = ? AND draft.state IN ('open', 'signed', 'approved')
                """,
                [SQLValue(id)]
            )?.optionalInteger("size") ?? 0
        }
        if size > core.limits.largestBundle {
            findings.append(fault("size", "The draft holds \(size) bytes, more than a bundle may have", .officer))
        } else {
            findings.append(good("size", "The draft holds \(size) bytes"))
        }
        if free / 2 < size {
            findings.append(
                fault("disk", "Sealing needs twice the draft's \(size) bytes, \(free) are free", .administrator)
            )
        } else {
            findings.append(good("disk", "Enough is free"))
        }
        return findings
    }

    private func treatyFindings(_ file: CaseFile) -> [PreflightFinding] {
        guard let profile = file.profile else {
            return [
                warning(
                    "treaty",
                    "No treaty is chosen; the request rests on reciprocity and has no treaty deadline",
                    .officer
                )
            ]
        }
        var findings = [good("treaty", "It rests on \(profile.shortName)")]
        for state in [book.state, file.record.partnerState] where !profile.partiesConfidence(of: state).isReliable {
            findings.append(
                warning(
                    "treaty",
                    "That \(state) is bound by \(profile.shortName) is \(profile.partiesConfidence(of: state).rawValue) only",
                    .officer
                )
            )
        }
        if profile.limits.isEmpty, profile.noFixedTimeLimit != nil {
            findings.append(
                good("deadline", "\(profile.shortName) sets no fixed time limit; ask for a date, with reasons")
            )
        }
        return findings
    }

    private func contentFindings(_ file: CaseFile) -> [PreflightFinding] {
        let texts = Texts(.english)
        let missing = missing(in: file)
        guard !missing.isEmpty else { return [good("contents", "Nothing that the treaty demands is missing")] }
        return missing.map { item in
            let article = item.article.map { " (art. \($0))" } ?? ""
            let sentence = "\(texts(item.field.labelKey))\(article): \(texts(item.remedy.rawValue))"
            return PreflightFinding(
                check: "contents",
                outcome: item.severity == .blocks ? .fault : .warning,
                sentence: sentence,
                mender: .officer
            )
        }
    }

    private func good(_ check: String, _ sentence: String) -> PreflightFinding {
        PreflightFinding(check: check, outcome: .good, sentence: sentence, mender: nil)
    }

    private func warning(_ check: String, _ sentence: String, _ mender: PreflightFinding.Mender) -> PreflightFinding {
        PreflightFinding(check: check, outcome: .warning, sentence: sentence, mender: mender)
    }

    private func fault(_ check: String, _ sentence: String, _ mender: PreflightFinding.Mender) -> PreflightFinding {
        PreflightFinding(check: check, outcome: .fault, sentence: sentence, mender: mender)
    }
}
