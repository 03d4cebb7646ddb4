public import ExchangeModel

extension LogReconciliation {
    /// How two logs agree on a bundle or a receipt; the later ones are the graver ones.
    public enum Status: String, CaseIterable, Comparable, Sendable {
        /// Both logs say the same, as far as the delivery went.
        case matched
        /// A step is missing that may still come, or may only be missing in the export.
        case undecided
        /// The steps stand in an order in which they cannot have happened.
        case outOfOrder
        /// A step stands in one log and its counterpart is missing in the other.
        case oneSided
        /// The logs state different things.
        case altered

        private var gravity: Int { Self.allCases.firstIndex(of: self) ?? 0 }

        /// Less grave ones come first.
        public static func < (left: Status, right: Status) -> Bool { left.gravity < right.gravity }

        /// The code in reports; none for what matches.
        public var code: ErrorCode? {
            switch self {
            case .matched: nil
            case .undecided: .logUndecided
            case .outOfOrder: .logOutOfOrder
            case .oneSided: .logOneSided
            case .altered: .logAltered
            }
        }
    }

    /// One thing on which the logs do not agree.
    public struct Discrepancy: Hashable, Sendable {
        /// What kind of disagreement it is.
        public let status: Status
        /// One sentence that names the parties and the entries.
        public let sentence: String
    }

    /// What the logs say of one bundle or of one receipt.
    public struct Finding: Hashable, Sendable {
        /// The bundle's sender.
        public let sender: PartyID
        /// The bundle.
        public let bundle: BundleID
        /// SHA-256 of the receipt, if the finding is about one.
        public let receipt: SHA256Digest?
        /// Every disagreement.
        public let discrepancies: [Discrepancy]

        /// The gravest disagreement, or that it matches.
        public var status: Status { discrepancies.map(\.status).max() ?? .matched }
    }

    /// What came of the reconciliation.
    public struct Result: Hashable, Sendable {
        /// Every bundle and, after the bundles, every receipt, in the order of the logs.
        public let findings: [Finding]

        /// How many findings have that status.
        public func count(_ status: Status) -> Int { findings.count { $0.status == status } }

        /// One check for each kind of disagreement.
        public var report: VerificationReport {
            var report = VerificationReport()
            let bundles = findings.count { $0.receipt == nil }
            let receipts = findings.count - bundles
            let whole = "\(bundles) bundle\(bundles == 1 ? "" : "s") and \(receipts) receipt\(receipts == 1 ? "" : "s")"
            for (status, name, good) in [
                (Status.altered, "reconciliation.altered", "is stated differently in the two logs"),
                (.oneSided, "reconciliation.one_sided", "is missing in one of the two logs"),
                (.outOfOrder, "reconciliation.out_of_order", "stands out of order"),
                (.undecided, "reconciliation.decided", "is left undecided"),
            ] {
                let hits = findings.compactMap { finding in
                    finding.discrepancies.first { $0.status == status }.map { (finding, $0) }
                }
                guard let (finding, discrepancy) = hits.first, let code = status.code else {
                    report.pass(name, "Of \(whole) none \(good)")
                    continue
                }
                let error = ExchangeError(
                    code,
                    "\(hits.count) of \(whole): the first is the bundle \(finding.bundle.uuid) of \(finding.sender): "
                        + discrepancy.sentence
                )
                if status == .undecided { report.skip(name, error) } else { report.fail(name, error) }
            }
            return report
        }
    }

    /// What the logs say, when all entries of both were added.
    public func result() -> Result {
        let reversed = reversedOpenings()
        var findings = order.compactMap { key -> Finding? in
            guard let delivery = deliveries[key], concernsBoth(key, delivery) else { return nil }
            var judge = DeliveryJudge(self, key, delivery)
            judge.run()
            return Finding(
                sender: key.sender,
                bundle: key.bundle,
                receipt: nil,
                discrepancies: judge.discrepancies + (reversed[key].map { [$0] } ?? [])
            )
        }
        findings += receiptFindings()
        return Result(findings: findings)
    }

    /// A bundle that goes to a third party is not between these two, unless the other log knows it all the same.
    private func concernsBoth(_ key: DeliveryKey, _ delivery: Delivery) -> Bool {
        guard let sender = parties.firstIndex(of: key.sender) else { return false }
        let other = 1 - sender
        return delivery.peers[sender].isEmpty || delivery.peers[sender].contains(parties[other])
            || delivery.steps.contains { $0.side == other }
    }

    /// How a missing step is to be read: an export of some entries, or one that ends too early, does not show it.
    func missing(on side: Int, due: ExchangeTime) -> Status {
        guard selections[side] == .whole, let latest = latest[side], latest >= due else { return .undecided }
        return .oneSided
    }

    func name(_ step: LogStep) -> String { "\(step.kind.rawValue) (\(parties[step.side]), entry \(step.index))" }

    // MARK: Receipts

    private func receiptFindings() -> [Finding] {
        // Receipts that only one log has, by bundle: two of them there are one that was exchanged for another.
        var alone: [DeliveryKey: Set<LogEntry.Kind>] = [:]
        for trace in receipts.values where trace.first(.receiptIssued) == nil || trace.first(.receiptStored) == nil {
            for (key, step) in trace.steps { alone[key, default: []].insert(step.kind) }
        }
        return receiptOrder.compactMap { digest in
            guard let trace = receipts[digest], let (key, step) = trace.steps.first else { return nil }
            guard let delivery = deliveries[key], concernsBoth(key, delivery) else { return nil }
            var discrepancies: [Discrepancy] = []
            func add(_ status: Status, _ sentence: String) {
                discrepancies.append(Discrepancy(status: status, sentence: sentence))
            }
            for (key, step) in trace.steps {
                let isSender = parties[step.side] == key.sender
                if isSender != (step.kind == .receiptStored) {
                    add(.altered, "\(name(step)) stands in the log of the wrong party")
                }
            }
            switch (trace.first(.receiptIssued), trace.first(.receiptStored)) {
            case (let issued?, let stored?):
                if issued.key != stored.key {
                    add(.altered, "\(name(issued.step)) and \(name(stored.step)) name different bundles")
                }
                if stored.step.time.adding(seconds: allowance) < issued.step.time {
                    add(.outOfOrder, "\(name(stored.step)) is earlier than \(name(issued.step))")
                }
            case (.some, nil), (nil, .some):
                let missing = step.kind == .receiptIssued ? LogEntry.Kind.receiptStored : .receiptIssued
                let other = 1 - step.side
                if alone[key] == [.receiptIssued, .receiptStored] {
                    add(.altered, "\(name(step)) has no counterpart, but \(parties[other]) has another receipt")
                } else {
                    let due = step.time.adding(seconds: missing == .receiptStored ? allowance : -allowance)
                    add(
                        self.missing(on: other, due: due),
                        "\(name(step)) has no \(missing.rawValue) in the log of \(parties[other])"
                    )
                }
            case (nil, nil): break
            }
            return Finding(sender: key.sender, bundle: key.bundle, receipt: digest, discrepancies: discrepancies)
        }
    }

    // MARK: Threads

    /// Bundles that the recipient opened after one that the sender sealed later in the same thread.
    private func reversedOpenings() -> [DeliveryKey: Discrepancy] {
        struct Opening {
            let key: DeliveryKey
            let sealed: LogStep
            let opened: LogStep
        }
        var threads: [String: [Opening]] = [:]
        for key in order {
            guard let delivery = deliveries[key], let thread = delivery.thread,
                let sender = parties.firstIndex(of: key.sender),
                let sealed = delivery.first(.bundleSealed, on: sender),
                let opened = delivery.first(.bundleOpened, on: 1 - sender)
            else { continue }
            threads["\(key.sender) \(thread)", default: []].append(Opening(key: key, sealed: sealed, opened: opened))
        }
        var found: [DeliveryKey: Discrepancy] = [:]
        for openings in threads.values {
            var last: Opening?
            for opening in openings.sorted(by: { $0.sealed.index < $1.sealed.index }) {
                if let last, opening.opened.index < last.opened.index {
                    found[opening.key] = Discrepancy(
                        status: .outOfOrder,
                        sentence: "\(name(opening.opened)) stands before the opening of the bundle "
                            + "\(last.key.bundle.uuid), which was sealed earlier in the thread"
                    )
                } else {
                    last = opening
                }
            }
        }
        return found
    }
}
