/// What a person is at this gateway. One person can have several roles, but for the rule that nobody approves an own
/// draft and no administrator reads evidence.
public enum Role: String, CaseIterable, Hashable, Sendable {
    /// Drafts requests and answers, takes in evidence, sends, opens answers.
    case officer
    /// Reads drafts, signs and releases them.
    case approver
    /// Reads the bundles addressed to the agency.
    case agency
    /// Reads, verifies and exports the log; changes nothing.
    case auditor
    /// Keys, peers, persons, backup; reads no evidence.
    case administrator
}

/// One kind of thing that can be done through the gateway; every route of the interface names one.
public enum Act: String, CaseIterable, Hashable, Sendable {
    /// See who oneself is.
    case seeSelf
    /// See the state of the gateway: version, queue lengths, last errors.
    case seeStatus
    /// List persons and authorities, to name an approver.
    case listPeople
    /// Propose, confirm or decline a change of persons, roles, certificates, peers and agencies.
    case changePeople
    /// List the partners and how they are reached.
    case listPeers
    /// Try the connection to a partner.
    case pingPeer
    /// Make keys and install certificates.
    case manageKeys
    /// See threads of the own authority.
    case seeThreads
    /// Open a thread to a partner.
    case openThread
    /// Record by hand what happened outside the gateways, import open requests, move a request to another channel.
    case recordStep
    /// Pause, resume and extend deadlines.
    case manageDeadlines
    /// See treaties and calendars.
    case seeTreaties
    /// Attach the official text to a statement of a treaty's profile, or decide on what another person attached.
    case confirmTreaty
    /// Import a work calendar.
    case importCalendar
    /// See statistics.
    case seeStatistics
    /// Choose the own language and address, give out and revoke the own calendar feed.
    case changeOwnWishes
    /// See evidence, its digests and its custody.
    case seeEvidence
    /// Register evidence and take in its bytes.
    case takeInEvidence
    /// Enter a custody event.
    case recordCustody
    /// Read the bytes of evidence and documents.
    case readEvidence
    /// See drafts.
    case seeDrafts
    /// Make, sign and withdraw drafts.
    case makeDraft
    /// Sign and release a draft of somebody else, or refuse it.
    case approveDraft
    /// Seal and send an approved draft; cancel it while it waits.
    case sendBundle
    /// See what waits in the outbox and how the ways to partners stand.
    case seeOutbox
    /// Have a delivery wait or go on, and have work tried now.
    case steerOutbox
    /// See bundles with their states and receipts.
    case seeBundles
    /// Open a received bundle, or reject it.
    case openBundle
    /// Export and import bundles and receipts by disk.
    case carryBundle
    /// Read and search the log.
    case readLog
    /// Verify the log, take proofs, export it.
    case auditLog
    /// See what partners and this gateway witnessed of each other's logs.
    case seeWitnesses
    /// Back the gateway up.
    case backUp
}

extension Role {
    /// What a person with this role may do, within the own authority.
    public var acts: Set<Act> {
        switch self {
        case .officer:
            [
                .seeSelf, .changeOwnWishes, .listPeople, .listPeers, .pingPeer, .seeThreads, .openThread, .recordStep,
                .manageDeadlines, .seeTreaties, .confirmTreaty, .importCalendar, .seeStatistics, .seeEvidence,
                .takeInEvidence,
                .recordCustody, .readEvidence, .seeDrafts, .makeDraft, .sendBundle, .seeOutbox, .steerOutbox,
                .seeBundles,
                .openBundle, .carryBundle,
            ]
        case .approver:
            [
                .seeSelf, .changeOwnWishes, .listPeople, .seeThreads, .seeTreaties, .confirmTreaty, .seeStatistics,
                .seeEvidence, .readEvidence, .seeDrafts, .approveDraft, .seeBundles,
            ]
        case .agency: [.seeSelf, .seeBundles]
        case .auditor:
            [.seeSelf, .seeStatus, .seeOutbox, .readLog, .auditLog, .seeWitnesses, .seeTreaties, .seeStatistics]
        case .administrator:
            [
                .seeSelf, .seeStatus, .seeOutbox, .steerOutbox, .listPeople, .changePeople, .listPeers, .pingPeer,
                .manageKeys, .backUp, .seeWitnesses, .changeOwnWishes,
                .seeTreaties, .importCalendar,
            ]
        }
    }
}
