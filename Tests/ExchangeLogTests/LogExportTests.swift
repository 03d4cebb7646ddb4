import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import ExchangeLog

/// Writes exports and checks them.
struct ExportSample {
    let key: LogSigningKey
    let log: SampleLog

    init(count: Int, origin: String = Samples.kz) throws {
        key = try Samples.key(origin)
        log = try SampleLog(Samples.entries(count))
    }

    func head(_ selection: LogExport.Selection, tree: LogTree = .exchange) throws -> LogExport.Head {
        LogExport.Head(
            party: try #require(PartyID("KZ-GPO" as Substring)),
            tree: tree,
            key: key.verifier,
            time: Samples.time,
            selection: selection
        )
    }

    func whole(checkpoints: [Int64] = [], size: Int64? = nil) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let size = size ?? log.size
        let writer = try LogExportWriter(head: head(.whole), checkpoint: log.checkpoint(key, size: size)) {
            bytes += $0
        }
        for index in 0..<size {
            try writer.append(log.entries[Int(index)])
            if checkpoints.contains(index + 1) { try writer.append(checkpoint: log.checkpoint(key, size: index + 1)) }
        }
        try writer.finish()
        return bytes
    }

    func selected(_ indices: [Int64], from sizes: [Int64] = []) throws -> [UInt8] {
        var bytes: [UInt8] = []
        let writer = try LogExportWriter(
            head: head(.selected),
            checkpoint: log.checkpoint(key),
            consistency: sizes.map { try ConsistencyProof(from: $0, to: log.size, nodes: log) }
        ) { bytes += $0 }
        for index in indices {
            let proof = try InclusionProof(index: index, size: log.size, nodes: log)
            try writer.append(log.entries[Int(index)], proof: proof)
        }
        try writer.finish()
        return bytes
    }

    func check(_ bytes: [UInt8], earlier: String? = nil, portion: Int = 1_000) throws -> LogExportVerification {
        try LogExportVerification(
            of: Self.source(bytes, portion: portion),
            keys: [key.verifier],
            earlier: { _ in earlier }
        )
    }

    static func source(_ bytes: [UInt8], portion: Int) -> (UnsafeMutableRawBufferPointer) throws -> Int {
        var rest = bytes[...]
        return { buffer in
            let count = min(buffer.count, portion, rest.count)
            buffer.copyBytes(from: rest.prefix(count))
            rest = rest.dropFirst(count)
            return count
        }
    }

    /// The lines without their ends.
    static func lines(_ bytes: [UInt8]) -> [[UInt8]] { bytes.split(separator: 0x0a).map { Array($0) } }

    /// Lines joined again, with an end whose digest is right.
    static func joined(_ lines: [[UInt8]], entries: Int64? = nil) throws -> [UInt8] {
        let bytes: [UInt8] = lines.dropLast().flatMap { (line: [UInt8]) -> [UInt8] in line + [0x0a] }
        guard let last = lines.last, case .end(let stated, _) = try LogExportLine(last[...]) else { return bytes }
        return bytes + LogExportLine.end(entries: entries ?? stated, digest: try SHA256Digest(of: bytes)).bytes
    }
}

extension LogExportVerification {
    /// Names of the checks that failed, with their codes.
    var failed: [String: ErrorCode] {
        report.checks.filter { $0.outcome == .failed }.reduce(into: [:]) { $0[$1.name] = $1.code }
    }

    var names: [String] { report.checks.map(\.name) }
}

@Suite("Export of a log")
struct LogExportTests {
    @Test("A whole export is proven by its root, whatever its size and the portions it comes in", arguments: 0...9)
    func whole(_ count: Int) throws {
        let sample = try ExportSample(count: count)
        let bytes = try sample.whole()
        for portion in [1, 7, 100_000] {
            let checked = try sample.check(bytes, portion: portion)
            #expect(checked.report.outcome == .passed, "\(checked.report)")
            #expect(checked.entries == Int64(count))
            #expect(checked.checkpoint?.size == Int64(count))
            #expect(checked.firstWrong == nil)
            #expect(
                checked.names == [
                    "export.form", "export.key", "log.checkpoint", "log.entries", "log.root", "export.undamaged",
                ]
            )
        }
        #expect(try LogExport.head(of: ExportSample.source(bytes, portion: 3)) == sample.head(.whole))
        #expect(code { _ = try LogExport.head(of: ExportSample.source([], portion: 3)) } == .logExportCut)
    }

    @Test("A selected export proves each entry")
    func selected() throws {
        let sample = try ExportSample(count: 13)
        for indices: [Int64] in [[], [0], [12], [1, 5, 6, 11], Array(0..<13)] {
            var seen: [Int64] = []
            let checked = try LogExportVerification(
                of: ExportSample.source(sample.selected(indices), portion: 50),
                keys: [sample.key.verifier],
                entry: { index, entry in
                    seen.append(index)
                    let bytes = try entry.encoded()
                    #expect(bytes == sample.log.entries[Int(index)])
                }
            )
            #expect(checked.report.outcome == .passed, "\(checked.report)")
            #expect(seen == indices)
            #expect(checked.names.contains("log.inclusion") && !checked.names.contains("log.root"))
        }
    }

    @Test("An export continues the checkpoint that an auditor holds")
    func earlier() throws {
        let sample = try ExportSample(count: 11)
        for size in Int64(0)...11 {
            let note = try sample.log.checkpoint(sample.key, size: size)
            let whole = try sample.check(sample.whole(), earlier: note)
            #expect(whole.report.outcome == .passed, "\(size): \(whole.report)")
            let proven = try sample.check(sample.selected([3], from: [2, size, 9]), earlier: note)
            #expect(proven.report.outcome == .passed, "\(size): \(proven.report)")
            // Without the proof nothing is known, and nothing is said to have passed.
            let unproven = try sample.check(sample.selected([3]), earlier: note)
            #expect(unproven.report.outcome == (size == 0 || size == 11 ? .passed : .notChecked), "\(size)")
        }
        // The same key signed another history.
        let other = try SampleLog((0..<11).map { try Samples.entry(number: $0 + 100).encoded() })
        for size in Int64(1)...11 {
            let note = try other.checkpoint(sample.key, size: size)
            let whole = try sample.check(sample.whole(), earlier: note)
            #expect(whole.failed == ["log.earlier": .logInconsistent], "\(size): \(whole.report)")
            let selected = try sample.check(sample.selected([3], from: [size]), earlier: note)
            #expect(selected.failed == ["log.earlier": .logInconsistent], "\(size): \(selected.report)")
        }
        // The log became shorter.
        let longer = try sample.log.checkpoint(sample.key)
        let shorter = try sample.check(sample.whole(size: 7), earlier: longer)
        #expect(shorter.failed == ["log.earlier": .logShorter])
        // What is no checkpoint of this log.
        let alien = try sample.log.checkpoint(Samples.key())
        #expect(try sample.check(sample.whole(), earlier: alien).failed == ["log.earlier": .logNoteNotSigned])
        #expect(try sample.check(sample.whole(), earlier: "").failed == ["log.earlier": .logNoteMalformed])
    }

    @Test("A flipped bit in any byte of an export is found", arguments: LogExport.Selection.allCases)
    func flips(_ selection: LogExport.Selection) throws {
        let sample = try ExportSample(count: 3)
        let bytes = try selection == .whole ? sample.whole(checkpoints: [2]) : sample.selected([0, 2], from: [1])
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1 << UInt8(place % 8)
            let checked = try sample.check(changed, portion: 100_000)
            #expect(checked.report.outcome == .failed, "byte \(place)")
        }
    }

    @Test("An export that was cut at any byte is found", arguments: LogExport.Selection.allCases)
    func cuts(_ selection: LogExport.Selection) throws {
        let sample = try ExportSample(count: 3)
        let bytes = try selection == .whole ? sample.whole() : sample.selected([0, 2])
        for count in bytes.indices {
            let checked = try sample.check(Array(bytes.prefix(count)), portion: 100_000)
            #expect(checked.report.outcome == .failed, "cut at \(count)")
            #expect(checked.failed["export.form"] == .logExportCut, "cut at \(count)")
        }
    }

    @Test("An altered entry is named by its index", arguments: Int64(0)..<12)
    func altered(_ index: Int64) throws {
        let sample = try ExportSample(count: 12)
        let alien = try Samples.entry(number: 500).encoded()
        var lines = ExportSample.lines(try sample.whole(checkpoints: [4, 8]))
        let place = try #require(
            lines.firstIndex {
                if case .entry(index, _, _, _)? = try? LogExportLine($0[...]) { true } else { false }
            }
        )
        // Whoever changes the entry alone is found by the leaf, which the root proves.
        let leaf = try MerkleTree.leafHash(sample.log.entries[Int(index)])
        lines[place] = LogExportLine.entry(index: index, entry: alien, leaf: leaf, path: nil).bytes.dropLast()
        let first = try sample.check(ExportSample.joined(lines))
        #expect(first.failed == ["log.entries": .logEntryAltered], "\(first.report)")
        #expect(first.firstWrong == index...index)
        // Whoever changes the leaf too, by the next checkpoint.
        let stated = try MerkleTree.leafHash(alien)
        lines[place] = LogExportLine.entry(index: index, entry: alien, leaf: stated, path: nil).bytes.dropLast()
        let second = try sample.check(ExportSample.joined(lines))
        #expect(second.failed == ["log.root": .logRootMismatch], "\(second.report)")
        #expect(second.firstWrong == index / 4 * 4...index / 4 * 4 + 3)
        // In a selected export its proof fails.
        var selected = ExportSample.lines(try sample.selected([index]))
        let path = try InclusionProof(index: index, size: 12, nodes: sample.log).path
        selected[2] = LogExportLine.entry(index: index, entry: alien, leaf: nil, path: path).bytes.dropLast()
        let third = try sample.check(ExportSample.joined(selected))
        #expect(third.failed == ["log.inclusion": .logNotIncluded], "\(third.report)")
        #expect(third.firstWrong == index...index)
    }

    @Test("Entries that are no entries are found although the log has them")
    func unreadable() throws {
        let sample = try ExportSample(count: 2)
        var log = sample.log
        let good = String(decoding: log.entries[0], as: UTF8.self)
        let house = try Samples.entry(.roleGranted).encoded()
        let samples: [([UInt8], ErrorCode)] = [
            ([], .logEntryMalformed), (Array("{}".utf8), .logEntryMalformed),
            (Array(good.replacingOccurrences("bundle.received", "bundle.eaten").utf8), .logUnknownKind),
            (Array((good + " ").utf8), .logEntryNotCanonical), (house, .logWrongTree),
        ]
        for (bytes, _) in samples { try log.append(bytes) }
        var exported: [UInt8] = []
        let writer = try LogExportWriter(head: sample.head(.whole), checkpoint: log.checkpoint(sample.key)) {
            exported += $0
        }
        for entry in log.entries { try writer.append(entry) }
        try writer.finish()
        let checked = try sample.check(exported)
        #expect(checked.failed == ["log.entries": .logEntryMalformed])
        #expect(checked.firstWrong == 2...2)
        for (number, (_, expected)) in samples.enumerated() {
            var selected: [UInt8] = []
            let writer = try LogExportWriter(head: sample.head(.selected), checkpoint: log.checkpoint(sample.key)) {
                selected += $0
            }
            let index = Int64(number) + 2
            try writer.append(
                log.entries[Int(index)],
                proof: InclusionProof(index: index, size: log.size, nodes: log)
            )
            try writer.finish()
            let checked = try sample.check(selected)
            #expect(checked.failed == ["log.entries": expected], "\(checked.report)")
            #expect(checked.firstWrong == index...index)
        }
    }

    @Test("Lines that are missing, doubled, moved or of another export are found")
    func order() throws {
        let sample = try ExportSample(count: 6)
        let whole = ExportSample.lines(try sample.whole(checkpoints: [3]))
        let selected = ExportSample.lines(try sample.selected([1, 4], from: [2]))
        func changed(_ lines: [[UInt8]], _ change: (inout [[UInt8]]) -> Void) throws -> [String: ErrorCode] {
            var lines = lines
            change(&lines)
            let checked = try sample.check(ExportSample.joined(lines))
            #expect(checked.report.outcome == .failed)
            return checked.failed
        }
        // Head, checkpoint, entries 0 to 2, checkpoint, entries 3 to 5, end.
        #expect(try changed(whole) { $0.remove(at: 0) } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0.remove(at: 1) } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0.remove(at: 3) } == ["log.entries": .logExportOrder])
        #expect(try changed(whole) { $0.insert($0[3], at: 3) } == ["log.entries": .logExportOrder])
        #expect(try changed(whole) { $0.swapAt(3, 4) } == ["log.entries": .logExportOrder])
        #expect(try changed(whole) { $0.swapAt(4, 5) } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0.insert($0[0], at: 2) } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0.insert(selected[2], at: 2) } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0[2] = selected[3] } == ["export.form": .logExportOrder])
        #expect(try changed(whole) { $0.insert([], at: 2) } == ["export.form": .logExportMalformed])
        #expect(try changed(whole) { $0.insert($0[9], at: 9) } == ["export.form": .logExportOrder])
        #expect(try changed(selected) { $0[3] = whole[3] } == ["export.form": .logExportOrder])
        #expect(try changed(selected) { $0.swapAt(3, 4) } == ["log.entries": .logExportOrder])
        #expect(try changed(selected) { $0.insert($0[3], at: 3) } == ["log.entries": .logExportOrder])
        #expect(try changed(selected) { $0.swapAt(2, 3) } == ["export.form": .logExportOrder])
        #expect(try changed(selected) { $0.insert($0[1], at: 2) } == ["export.form": .logExportOrder])
        #expect(try changed(selected) { $0.remove(at: 3) } == ["export.form": .logExportOrder], "the count says so")
        let first = LogExportLine.checkpoint(try sample.log.checkpoint(sample.key, size: 0)).bytes.dropLast()
        #expect(try changed(selected) { $0.insert(Array(first), at: 2) } == ["export.form": .logExportOrder])
        // Whoever cuts off entries and says so in the end is found by the checkpoint.
        var short = whole
        short.remove(at: 8)
        let checked = try sample.check(ExportSample.joined(short, entries: 5))
        #expect(checked.failed == ["log.entries": .logExportOrder])
        #expect(checked.firstWrong == 5...5)
        // An index outside the tree.
        let alien = try LogExportLine.entry(index: 6, entry: Samples.entry().encoded(), leaf: nil, path: []).bytes
        let outside = try changed(selected) { $0[4] = Array(alien.dropLast()) }
        #expect(outside["log.inclusion"] == .logRange)
        // Bytes that are no text, CR at line ends, a mark at the start, lines without end.
        let bytes = try sample.whole()
        for hostile in [
            [0xff] + bytes, Array("\u{feff}".utf8) + bytes,
            Array(String(decoding: bytes, as: UTF8.self).replacingOccurrences("\n", "\r\n").utf8),
            [UInt8](repeating: 0x61, count: 3_000_000), [0x0a] + bytes, bytes + [0x0a], bytes + bytes,
        ] {
            let checked = try sample.check(hostile, portion: 100_000)
            let found = checked.failed["export.form"]
            #expect(found == .logExportMalformed || found == .logExportOrder, "\(checked.report)")
        }
    }

    @Test("A key that was not given, or another log's checkpoint, proves nothing")
    func keys() throws {
        let sample = try ExportSample(count: 2)
        let other = try ExportSample(count: 2)
        let bytes = try sample.whole()
        let none = try LogExportVerification(of: ExportSample.source(bytes, portion: 100), keys: [])
        #expect(none.failed == ["export.key": .logExportUnknownKey])
        #expect(none.checkpoint == nil)
        let wrong = try other.check(bytes)
        #expect(wrong.failed == ["export.key": .logExportUnknownKey])
        let both = try LogExportVerification(
            of: ExportSample.source(bytes, portion: 100),
            keys: [other.key.verifier, sample.key.verifier]
        )
        #expect(both.report.outcome == .passed)
        var lines = ExportSample.lines(bytes)
        lines[1] = LogExportLine.checkpoint(try other.log.checkpoint(other.key)).bytes.dropLast()
        #expect(try sample.check(ExportSample.joined(lines)).failed == ["log.checkpoint": .logNoteNotSigned])
    }

    @Test("The head is read strictly")
    func heads() throws {
        let sample = try ExportSample(count: 1)
        let good = String(decoding: try sample.whole(), as: UTF8.self)
        for (from, to) in [
            ("rogatory-log-export-1", "rogatory-log-export-2"), ("\"party\":\"KZ-GPO\"", "\"party\":\"kz\""),
            ("\"tree\":\"exchange\"", "\"tree\":\"garden\""), ("\"selection\":\"whole\"", "\"selection\":\"part\""),
            ("\"type\":\"head\"", "\"type\":\"tail\""), ("\"time\":\"2026", "\"time\":\"26"),
            ("\"party\":\"KZ-GPO\",", ""), ("\"type\":\"head\",", "\"type\":\"head\",\"upper\":\"a\","),
            ("\"origin\":\"kz", "\"origin\":\"kg"), ("{\"format\"", "{ \"format\""),
        ] {
            let changed = good.replacingOccurrences(from, to)
            try #require(changed != good, "\(from)")
            let checked = try sample.check(Array(changed.utf8))
            #expect(checked.failed == ["export.form": .logExportMalformed], "\(to): \(checked.report)")
        }
    }

    @Test("A line in another form is refused, though the digest at the end is right")
    func forms() throws {
        let sample = try ExportSample(count: 2)
        for bytes in [try sample.whole(), try sample.selected([1], from: [1])] {
            for (from, to) in [
                ("\"index\":1", "\"index\":01"), ("\"index\":1", "\"index\":-1"), ("\"index\":1", "\"index\":1.0"),
                ("\"index\":1", "\"index\":1e0"), ("\"index\":1", "\"index\": 1"), ("\"index\":1", "\"index\":\"1\""),
                ("\"index\":1", "\"index\":9007199254740992"), ("\"index\":1", "\"index\":1,\"index\":1"),
                ("\"type\":\"entry\"}", "\"type\":\"entry\",\"zeal\":1}"),
                ("\"type\":\"entry\"", "\"type\":\"\\u0065ntry\""),
                ("\\n", "\\u000a"), ("\"note\":", "\"note\":\"\",\"note\":"), ("=\"", "\""),
                ("\"entry\":\"", "\"entry\":\" "),
                ("\"type\":\"entry\"", "\"type\":\"Entry\""), ("\u{2014}", "\\u2014"),
            ] {
                let text = String(decoding: bytes, as: UTF8.self).replacingOccurrences(from, to)
                try #require(text != String(decoding: bytes, as: UTF8.self), "\(from)")
                let changed = try ExportSample.joined(ExportSample.lines(Array(text.utf8)))
                let checked = try sample.check(changed)
                #expect(checked.failed["export.form"] == .logExportMalformed, "\(to): \(checked.report)")
            }
        }
    }

    @Test("The writer refuses what the reader would")
    func writer() throws {
        let sample = try ExportSample(count: 4)
        let note = try sample.log.checkpoint(sample.key)
        func writer(_ selection: LogExport.Selection) throws -> LogExportWriter {
            try LogExportWriter(head: sample.head(selection), checkpoint: note) { _ in }
        }
        let entry = sample.log.entries[0]
        func proof(_ index: Int64, _ size: Int64 = 4) throws -> InclusionProof {
            try InclusionProof(index: index, size: size, nodes: sample.log)
        }
        let whole = try writer(.whole)
        #expect(code { try whole.append(entry, proof: proof(0)) } == .logExportOrder)
        #expect(code { try whole.finish() } == .logExportOrder)
        #expect(code { try whole.append(checkpoint: note) } == .logExportOrder)
        for entry in sample.log.entries { try whole.append(entry) }
        #expect(code { try whole.append(entry) } == .logExportOrder)
        try whole.finish()
        #expect(code { try whole.finish() } == .logExportOrder)
        #expect(code { try whole.append(checkpoint: note) } == .logExportOrder)
        let selected = try writer(.selected)
        #expect(code { try selected.append(entry) } == .logExportOrder)
        #expect(code { try selected.append(entry, proof: proof(0, 3)) } == .logExportOrder)
        try selected.append(entry, proof: proof(2))
        #expect(code { try selected.append(entry, proof: proof(2)) } == .logExportOrder)
        #expect(code { try selected.append(entry, proof: proof(1)) } == .logExportOrder)
        #expect(code { try selected.append(checkpoint: note) } == .logExportOrder)
        try selected.finish()
        let consistency = try ConsistencyProof(from: 1, to: 3, nodes: sample.log)
        #expect(
            code {
                _ = try LogExportWriter(head: sample.head(.selected), checkpoint: note, consistency: [consistency]) {
                    _ in
                }
            } == .logExportOrder
        )
        let other = try Samples.key()
        #expect(
            code {
                _ = try LogExportWriter(head: sample.head(.whole), checkpoint: sample.log.checkpoint(other)) { _ in }
            } == .logNoteNotSigned
        )
    }

    @Test("What the caller's closures throw is thrown, and is no fault of the export")
    func closures() throws {
        let sample = try ExportSample(count: 2)
        let bytes = try sample.whole()
        let keys = [sample.key.verifier]
        let own = ExchangeError(.cryptoInternal, "The caller's own")
        #expect(code { _ = try LogExportVerification(of: { _ in throw own }, keys: keys) } == .cryptoInternal)
        #expect(
            code {
                _ = try LogExportVerification(
                    of: ExportSample.source(bytes, portion: 9),
                    keys: keys,
                    entry: { _, _ in
                        throw own
                    }
                )
            } == .cryptoInternal
        )
        #expect(
            code {
                _ = try LogExportVerification(
                    of: ExportSample.source(bytes, portion: 9),
                    keys: keys,
                    progress: { _ in throw own }
                )
            } == .cryptoInternal
        )
    }
}
