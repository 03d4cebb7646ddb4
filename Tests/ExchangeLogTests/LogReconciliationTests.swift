import ExchangeLog
import ExchangeModel
import Testing

/// Two logs, written step by step.
struct TwoLogs {
    static let kz = "KZ-GPO"
    static let kg = "KG-GPO"
    typealias Step = (party: String, entry: LogEntry)

    var steps: [Step] = []
    var selections: [String: LogExport.Selection] = [kz: .whole, kg: .whole]

    static func party(_ name: String) throws -> PartyID { try #require(PartyID(name[...])) }

    /// A step of the bundle with that number, some seconds after the start.
    static func step(
        _ party: String,
        _ kind: LogEntry.Kind,
        bundle: UInt8 = 1,
        at seconds: Int64,
        receipt: String? = nil,
        sender: String = kz
    ) throws -> Step {
        var entry = try Samples.entry(kind)
        entry.time = Samples.time.adding(seconds: seconds)
        entry.bundle = BundleID(at: Samples.time, random: [UInt8](repeating: bundle, count: 10))
        entry.message = MessageID(at: Samples.time, random: [UInt8](repeating: bundle, count: 10))
        entry.thread = ThreadID(at: Samples.time, random: [UInt8](repeating: 9, count: 10))
        entry.bundleSender = try Self.party(sender)
        entry.peer = try Self.party(party == kz ? kg : kz)
        entry.sealedDigest = try Samples.digest("sealed \(bundle)")
        entry.contentDigest = try Samples.digest("content \(bundle)")
        entry.digest = try receipt.map(Samples.digest)
        return (party, entry)
    }

    /// A delivery with which everything is right, as both sides log it.
    static func delivery(bundle: UInt8 = 1, from start: Int64 = 0) throws -> [Step] {
        [
            try step(kz, .bundleSealed, bundle: bundle, at: start),
            try step(kg, .bundleAnnounced, bundle: bundle, at: start + 8),
            try step(kz, .bundleAnnounced, bundle: bundle, at: start + 10),
            try step(kg, .bundleReceived, bundle: bundle, at: start + 20),
            try step(kg, .receiptIssued, bundle: bundle, at: start + 20, receipt: "received \(bundle)"),
            try step(kz, .bundleSent, bundle: bundle, at: start + 22),
            try step(kz, .receiptStored, bundle: bundle, at: start + 22, receipt: "received \(bundle)"),
            try step(kg, .bundleOpened, bundle: bundle, at: start + 60),
            try step(kg, .receiptIssued, bundle: bundle, at: start + 60, receipt: "opened \(bundle)"),
            try step(kz, .receiptStored, bundle: bundle, at: start + 62, receipt: "opened \(bundle)"),
        ]
    }

    /// Something both log long afterwards, so that nothing can still be on its way.
    static func afterwards() throws -> [Step] {
        try [kz, kg].map { party in
            var entry = try Samples.entry(.peerResumed)
            entry.time = Samples.time.adding(seconds: 1_000_000)
            return (party, entry)
        }
    }

    func result() throws -> LogReconciliation.Result {
        func head(_ party: String, _ origin: String) throws -> LogExport.Head {
            LogExport.Head(
                party: try Self.party(party),
                tree: .exchange,
                key: try Samples.key(origin).verifier,
                time: Samples.time,
                selection: try #require(selections[party])
            )
        }
        var logs = try LogReconciliation(head(Self.kz, Samples.kz), head(Self.kg, Samples.kg))
        for party in [Self.kz, Self.kg] {
            for (index, step) in steps.filter({ $0.party == party }).enumerated() {
                logs.add(step.entry, at: Int64(index), from: try Self.party(party))
            }
        }
        return logs.result()
    }
}

@Suite("Reconciliation of two logs")
struct LogReconciliationTests {
    private static func result(
        _ change: (inout [TwoLogs.Step]) throws -> Void
    ) throws -> LogReconciliation.Result {
        var logs = TwoLogs()
        logs.steps = try TwoLogs.delivery()
        try change(&logs.steps)
        logs.steps += try TwoLogs.afterwards()
        return try logs.result()
    }

    @Test("A delivery that both tell alike matches, with its receipts")
    func matched() throws {
        let result = try Self.result { _ in }
        #expect(result.findings.count == 3)
        #expect(result.count(.matched) == 3, "\(result.findings)")
        #expect(result.report.outcome == .passed)
    }

    @Test("Each step that is left out of one log is found, and named")
    func leftOut() throws {
        // Place of the step, and the finding that says so: bundle, first receipt or second receipt.
        let expected: [(Int, Int, String)] = [
            (0, 0, "bundle.sealed"), (2, 0, "bundle.announced"), (3, 0, "bundle.received"), (4, 1, "receipt.issued"),
            (5, 0, "bundle.sent"), (6, 1, "receipt.stored"), (8, 2, "receipt.issued"), (9, 2, "receipt.stored"),
        ]
        for (place, finding, kind) in expected {
            let result = try Self.result { $0.remove(at: place) }
            #expect(result.report.outcome == .failed)
            let hit = result.findings.first { $0.discrepancies.contains { $0.sentence.contains("has no \(kind)") } }
            #expect(hit?.discrepancies.first?.status == .oneSided, "\(kind): \(result.findings)")
            #expect((hit?.receipt == nil) == (finding == 0), "\(kind)")
        }
        // Nobody has to open.
        let unopened = try Self.result { $0.removeSubrange(7...9) }
        #expect(unopened.report.outcome == .passed, "\(unopened.findings)")
    }

    @Test("A log that denies the whole delivery is found, from either side")
    func denied() throws {
        for (party, kinds) in [
            (TwoLogs.kz, ["bundle.sealed", "bundle.announced", "bundle.sent", "receipt.stored"]),
            (TwoLogs.kg, ["bundle.announced", "bundle.received", "receipt.issued"]),
        ] {
            let result = try Self.result { $0.removeAll { $0.party == party } }
            #expect(result.count(.oneSided) == 3, "\(result.findings)")
            let text = result.findings.flatMap(\.discrepancies).map(\.sentence).joined(separator: "\n")
            for kind in kinds { #expect(text.contains("has no \(kind)"), "\(kind): \(text)") }
            #expect(result.report.outcome == .failed)
        }
    }

    @Test("What may still come is undecided, not missing")
    func onItsWay() throws {
        for count in 1...10 {
            var logs = TwoLogs()
            logs.steps = Array(try TwoLogs.delivery().prefix(count))
            let result = try logs.result()
            #expect(!result.findings.contains { $0.status > .undecided }, "\(count): \(result.findings)")
        }
        // Sealed and announced and nothing more: both logs say the same.
        for count in 1...3 {
            let begun = try Self.result { $0.removeSubrange(count...) }
            #expect(begun.report.outcome == .passed, "\(begun.findings)")
        }
        // The sender's log ends before the acknowledgement could stand in it.
        var logs = TwoLogs()
        logs.steps = Array(try TwoLogs.delivery().prefix(5))
        #expect(try logs.result().count(.undecided) == 2)
        #expect(try logs.result().report.outcome == .notChecked)
    }

    @Test("An export of some entries decides nothing about what it lacks")
    func filtered() throws {
        var logs = TwoLogs()
        logs.steps = try TwoLogs.delivery().filter { $0.party == TwoLogs.kz } + TwoLogs.afterwards()
        logs.selections[TwoLogs.kg] = .selected
        let result = try logs.result()
        #expect(result.count(.undecided) == 3, "\(result.findings)")
        #expect(result.report.outcome == .notChecked)
    }

    @Test("Statements that differ are found")
    func altered() throws {
        let alien = try Samples.digest("alien")
        let changes: [(String, (inout LogEntry) -> Void)] = [
            ("sealed digest", { $0.sealedDigest = alien }), ("content digest", { $0.contentDigest = alien }),
            ("thread", { $0.thread = ThreadID(at: Samples.time, random: [1]) }),
            ("message", { $0.message = MessageID(at: Samples.time, random: [1]) }),
        ]
        for (what, change) in changes {
            for place in 1..<10 {
                let result = try Self.result { change(&$0[place].entry) }
                let bundle = try #require(result.findings.first)
                #expect(bundle.status == .altered, "\(what) in step \(place): \(result.findings)")
                #expect(bundle.discrepancies.contains { $0.sentence.contains("another \(what)") })
                #expect(result.report.outcome == .failed)
            }
        }
        let peer = try Self.result { $0[3].entry.peer = PartyID("UZ-GPO") }
        #expect(peer.findings.first?.status == .altered)
    }

    @Test("A receipt that was exchanged for another is altered, not one-sided")
    func receipts() throws {
        let result = try Self.result { $0[9].entry.digest = try Samples.digest("forged") }
        #expect(result.count(.altered) == 2, "\(result.findings)")
        #expect(result.count(.oneSided) == 0)
        let moved = try Self.result { steps in
            steps += try TwoLogs.delivery(bundle: 2, from: 100)
            (steps[9].entry.bundle, steps[19].entry.bundle) = (steps[19].entry.bundle, steps[9].entry.bundle)
        }
        #expect(moved.findings.count { $0.receipt != nil && $0.status == .altered } == 2, "\(moved.findings)")
    }

    @Test("Steps in the log of the wrong party, or twice, are found")
    func misplaced() throws {
        for place in [0, 3, 5, 7] {
            let result = try Self.result { steps in
                let other = steps[place].party == TwoLogs.kz ? TwoLogs.kg : TwoLogs.kz
                steps[place].entry.peer = try TwoLogs.party(steps[place].party)
                steps[place].party = other
            }
            let altered = try #require(result.findings.first).discrepancies.filter { $0.status == .altered }
            #expect(altered.count == 1, "\(place): \(result.findings)")
            #expect(altered.first?.sentence.contains("in the log of the wrong party") == true, "\(place)")
        }
        for place in [4, 6] {
            let result = try Self.result { $0[place].party = $0[place].party == TwoLogs.kz ? TwoLogs.kg : TwoLogs.kz }
            #expect(result.findings.contains { $0.receipt != nil && $0.status == .altered }, "\(place)")
        }
        for place in [0, 3, 5, 7] {
            let result = try Self.result { $0.insert($0[place], at: place) }
            #expect(result.findings.first?.status == .altered, "\(place): \(result.findings)")
            // An attempt that did not succeed may stand beside it.
            let failed = try Self.result {
                $0.insert($0[place], at: place)
                $0[place].entry.outcome = .failed
            }
            #expect(failed.report.outcome == .passed, "\(place): \(failed.findings)")
        }
    }

    @Test("Clocks may be five minutes apart, not more")
    func clocks() throws {
        // Bundle received before it was sealed and announced, as the clocks say.
        for (shift, expected) in [(-308, LogReconciliation.Status.matched), (-309, .outOfOrder)] {
            let result = try Self.result { steps in
                for place in steps.indices where steps[place].party == TwoLogs.kg {
                    steps[place].entry.time = steps[place].entry.time.adding(seconds: Int64(shift))
                }
            }
            #expect(result.findings.first?.status == expected, "\(shift): \(result.findings)")
        }
        // The acknowledgement, and the receipt, earlier than what they acknowledge.
        for (shift, expected) in [(302, LogReconciliation.Status.matched), (303, .outOfOrder)] {
            let result = try Self.result { steps in
                for place in steps.indices where steps[place].party == TwoLogs.kg {
                    steps[place].entry.time = steps[place].entry.time.adding(seconds: Int64(shift))
                }
            }
            #expect(result.findings.map(\.status) == [expected, expected, expected], "\(shift): \(result.findings)")
        }
    }

    @Test("Each act of one party that follows from an act of the other is not earlier")
    func causes() throws {
        // The step whose clock is set, to when, and what it contradicts.
        let samples: [(Int, Int64, String)] = [
            (2, 8 - 301, "bundle.announced (KZ-GPO, entry 1) is earlier than bundle.announced (KG-GPO, entry 0)"),
            (2, 20 + 301, "bundle.received (KG-GPO, entry 1) is earlier than bundle.announced (KZ-GPO, entry 1)"),
            (5, 20 - 301, "bundle.sent (KZ-GPO, entry 2) is earlier than bundle.received (KG-GPO, entry 1)"),
            (1, 0 - 301, "bundle.announced (KG-GPO, entry 0) is earlier than bundle.sealed (KZ-GPO, entry 0)"),
            (6, 20 - 301, "receipt.stored (KZ-GPO, entry 3) is earlier than receipt.issued (KG-GPO, entry 2)"),
        ]
        for (place, seconds, sentence) in samples {
            for (shift, isFound) in [(0, true), (seconds < 0 ? 1 : -1, false)] {
                let result = try Self.result {
                    $0[place].entry.time = Samples.time.adding(seconds: seconds + Int64(shift))
                }
                let found = result.findings.flatMap(\.discrepancies).map(\.sentence)
                #expect(found == (isFound ? [sentence] : []), "\(place)")
            }
        }
    }

    @Test("Within one log the index is the order")
    func order() throws {
        for (first, second) in [(0, 2), (2, 5), (1, 3), (3, 7)] {
            let result = try Self.result { $0.swapAt(first, second) }
            #expect(result.findings.first?.status == .outOfOrder, "\(first), \(second): \(result.findings)")
            #expect(result.report.outcome == .failed)
        }
        let unreceived = try Self.result { $0.remove(at: 3) }
        let sentences = try #require(unreceived.findings.first).discrepancies.filter { $0.status == .outOfOrder }
        #expect(sentences.count == 1, "opened, but never received: \(unreceived.findings)")
    }

    @Test("Messages of a thread are opened in the order in which they were sealed")
    func threads() throws {
        let second = try TwoLogs.delivery(bundle: 2, from: 30)
        let inOrder = try Self.result { $0 += second }
        #expect(inOrder.report.outcome == .passed, "\(inOrder.findings)")
        let reversed = try Self.result { steps in
            let opening = steps[7]
            steps = steps[..<7] + second + [opening] + steps[8...]
        }
        #expect(reversed.findings.prefix(2).map(\.status) == [.matched, .outOfOrder], "\(reversed.findings)")
        // Another thread has its own order.
        let apart = try Self.result { steps in
            let opening = steps[7]
            let other = ThreadID(at: Samples.time, random: [7])
            steps =
                steps[..<7]
                + second.map { step in
                    var step = step
                    step.entry.thread = other
                    return step
                }
            steps += [opening] + (try TwoLogs.delivery()[8...])
        }
        #expect(apart.report.outcome == .passed, "\(apart.findings)")
    }

    @Test("By courier, by refusal, by expiry: what both logs tell alike matches")
    func otherWays() throws {
        let sealed = try TwoLogs.step(TwoLogs.kz, .bundleSealed, at: 0)
        let announced = try TwoLogs.step(TwoLogs.kz, .bundleAnnounced, at: 1)
        let taken = try TwoLogs.step(TwoLogs.kg, .bundleAnnounced, at: 1)
        let ways: [[TwoLogs.Step]] = [
            [
                sealed, try TwoLogs.step(TwoLogs.kz, .bundleExported, at: 5),
                try TwoLogs.step(TwoLogs.kg, .bundleImported, at: 86_400),
                try TwoLogs.step(TwoLogs.kg, .bundleReceived, at: 86_401),
                try TwoLogs.step(TwoLogs.kg, .bundleOpened, at: 86_402),
                try TwoLogs.step(TwoLogs.kg, .receiptIssued, at: 86_402, receipt: "a"),
                try TwoLogs.step(TwoLogs.kg, .bundleExported, at: 86_410),
                try TwoLogs.step(TwoLogs.kz, .bundleImported, at: 172_800),
                try TwoLogs.step(TwoLogs.kz, .receiptStored, at: 172_800, receipt: "a"),
            ],
            [sealed, try TwoLogs.step(TwoLogs.kg, .bundleRefused, at: 5)],
            [
                sealed, try TwoLogs.step(TwoLogs.kg, .bundleRefused, at: 5),
                try TwoLogs.step(TwoLogs.kz, .bundleRefused, at: 5),
            ],
            [sealed, taken, try TwoLogs.step(TwoLogs.kz, .bundleExpired, at: 9_000)],
            [sealed, taken, announced, try TwoLogs.step(TwoLogs.kz, .bundleExpired, at: 9_000)],
            [sealed, taken, announced, try TwoLogs.step(TwoLogs.kg, .bundleAbandoned, at: 9_000)],
            [sealed, try TwoLogs.step(TwoLogs.kz, .bundleCancelled, at: 3)],
        ]
        for (number, steps) in ways.enumerated() {
            var logs = TwoLogs()
            logs.steps = steps + (try TwoLogs.afterwards())
            let result = try logs.result()
            #expect(result.report.outcome == .passed, "way \(number): \(result.findings)")
        }
        // Announced and called off, but the recipient never heard of it.
        var unheard = TwoLogs()
        unheard.steps = [sealed, announced, try TwoLogs.step(TwoLogs.kz, .bundleExpired, at: 9_000)]
        unheard.steps += try TwoLogs.afterwards()
        #expect(try unheard.result().count(.oneSided) == 1)
        // A refused bundle that the sender says it delivered is not alike.
        var logs = TwoLogs()
        logs.steps = [
            sealed, announced, try TwoLogs.step(TwoLogs.kg, .bundleRefused, at: 5),
            try TwoLogs.step(TwoLogs.kz, .bundleSent, at: 6),
        ]
        logs.steps += try TwoLogs.afterwards()
        #expect(try logs.result().count(.oneSided) == 1)
    }

    @Test("Bundles for third parties are left out; both directions are seen")
    func others() throws {
        let result = try Self.result { steps in
            for step in try TwoLogs.delivery(bundle: 5).filter({ $0.party == TwoLogs.kz }) {
                var step = step
                step.entry.peer = PartyID("UZ-GPO")
                steps.append(step)
            }
            steps.append(try TwoLogs.step(TwoLogs.kz, .bundleReceived, bundle: 6, at: 1, sender: "UZ-GPO"))
            steps.append(try TwoLogs.step(TwoLogs.kg, .bundleSealed, bundle: 1, at: 1, sender: TwoLogs.kg))
        }
        #expect(result.report.outcome == .passed, "\(result.findings)")
        #expect(result.findings.map(\.sender.text) == [TwoLogs.kz, TwoLogs.kg, TwoLogs.kz, TwoLogs.kz])
    }

    @Test("Only the exchange trees of two parties are reconciled")
    func pairs() throws {
        func head(_ party: String, _ key: LogVerifierKey, _ tree: LogTree = .exchange) throws -> LogExport.Head {
            LogExport.Head(
                party: try TwoLogs.party(party),
                tree: tree,
                key: key,
                time: Samples.time,
                selection: .whole
            )
        }
        let (kz, kg) = (try Samples.key(Samples.kz).verifier, try Samples.key(Samples.kg).verifier)
        let pairs = [
            (try head(TwoLogs.kz, kz), try head(TwoLogs.kz, kg)),
            (try head(TwoLogs.kz, kz), try head(TwoLogs.kg, kz)),
            (try head(TwoLogs.kz, kz, .house), try head(TwoLogs.kg, kg)),
            (try head(TwoLogs.kz, kz), try head(TwoLogs.kg, kg, .house)),
        ]
        for (first, second) in pairs {
            #expect(code { _ = try LogReconciliation(first, second) } == .logExportPair)
        }
    }
}
