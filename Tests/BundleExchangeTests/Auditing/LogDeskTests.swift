import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Synchronization
import Testing

@testable import BundleExchange

@Suite("Auditors read, prove, verify and export the logs, and nobody else does")
struct LogDeskTests {
    /// Bytes of an export, and a source to verify them from.
    private final class Exported: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        var content: [UInt8] { bytes.withLock { $0 } }

        func take(_ more: [UInt8]) { bytes.withLock { $0 += more } }

        func verification(_ key: LogVerifierKey, earlier: String? = nil) throws -> LogExportVerification {
            let content = content
            var position = 0
            return try LogExportVerification(
                of: { buffer in
                    let count = min(buffer.count, content.count - position)
                    buffer.copyBytes(from: content[position..<(position + count)])
                    position += count
                    return count
                },
                keys: [key],
                earlier: { _ in earlier }
            )
        }
    }

    @Test("A search filters, and that it was made stands in the log of the house")
    func search() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            _ = try await desk.thread("other")
            _ = try await desk.item("a", [1], thread: thread.id)
            var filter = LogFilter()
            filter.thread = thread.id
            let found = try await desk.log.search(.exchange, filter, by: desk.auditor)
            #expect(found.map(\.entry.kind) == [.threadOpened, .evidenceRegistered, .evidenceTakenIn])
            #expect(found.map(\.index) == [0, 2, 3])
            let shown = try await desk.log.show(2, in: .exchange, by: desk.auditor)
            #expect(try shown == found[1] && shown.entry.encoded() == shown.bytes)
            await #expect(throws: fault(.notFound)) { try await desk.log.show(4, in: .exchange, by: desk.auditor) }
            await #expect(throws: fault(.notFound)) { try await desk.log.show(-1, in: .exchange, by: desk.auditor) }
            let views = try await desk.entries(.house)
            #expect(views.map(\.kind) == [.viewLog, .viewLog] && views[0].thread == thread.id)
            #expect(views[0].subject == "exchange" && views[0].person == desk.auditor.digest)
        }
    }

    @Test("An inclusion proof and a proof of growth verify with the log's key alone")
    func proofs() async throws {
        try await withDesk { desk in
            for number in 0..<9 { _ = try await desk.thread("KZ-\(number)") }
            let early = try await desk.log.checkpoint(of: .exchange, by: desk.auditor)
            for number in 9..<14 { _ = try await desk.thread("KZ-\(number)") }
            let key = try #require(desk.logVerifiers[.exchange])
            for index in [Int64(0), 7, 13] {
                let proof = try await desk.log.proof(of: index, in: .exchange, by: desk.auditor)
                let checkpoint = try TlogProof(text: proof.text).verify(entry: proof.entry.bytes, key: key)
                #expect(checkpoint.size == 14)
            }
            await #expect(throws: fault(.notFound)) {
                try await desk.log.proof(of: 14, in: .exchange, by: desk.auditor)
            }
            let old = try Checkpoint(note: early, verifiedBy: key)
            let growth = try await desk.log.consistency(of: .exchange, from: 9, by: desk.auditor)
            let new = try Checkpoint(note: #require(growth.note), verifiedBy: key)
            try growth.proof.verify(oldRoot: old.root, newRoot: new.root)
            #expect(throws: ExchangeError.self) { try growth.proof.verify(oldRoot: new.root, newRoot: old.root) }
            let between = try await desk.log.consistency(of: .exchange, from: 3, to: 9, by: desk.auditor)
            #expect(between.note == early)
            await #expect(throws: fault(.logRange)) {
                try await desk.log.consistency(of: .exchange, from: 9, to: 15, by: desk.auditor)
            }
        }
    }

    @Test("A whole export verifies offline, also in the house's tree where it enters itself")
    func wholeExport() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            for number in 0..<30 {
                _ = try await desk.thread("KZ-\(number)")
                if number == 11 { _ = try await desk.log.checkpoint(of: .exchange, by: desk.auditor) }
            }
            for tree in LogTree.allCases {
                let exported = Exported()
                try await desk.log.export(tree, by: desk.auditor) { exported.take($0) }
                let key = try #require(desk.logVerifiers[tree])
                let verified = try exported.verification(key)
                #expect(verified.report.outcome == .passed, "\(verified.report)")
                #expect(verified.head?.party == desk.core.party && verified.head?.selection == .whole)
                #expect(try await desk.core.store.size(of: tree) >= verified.entries && verified.entries > 1)
            }
            #expect(try await desk.kinds(.house).filter { $0 == "log.exported" }.count == 2)
            _ = thread
        }
    }

    @Test("An export of one thread, or of what came after a checkpoint, proves each entry and the growth")
    func selectedExport() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            for number in 0..<5 { _ = try await desk.thread("KZ-\(number)") }
            let early = try await desk.log.checkpoint(of: .exchange, by: desk.auditor)
            _ = try await desk.item("a", [1], thread: thread.id)
            let key = try #require(desk.logVerifiers[.exchange])
            var filter = LogFilter()
            filter.thread = thread.id
            let one = Exported()
            try await desk.log.export(.exchange, filter, by: desk.auditor) { one.take($0) }
            let verified = try one.verification(key)
            #expect(verified.report.outcome == .passed && verified.entries == 3)
            #expect(verified.head?.selection == .selected)
            let later = Exported()
            try await desk.log.export(.exchange, from: 6, by: desk.auditor) { later.take($0) }
            let grown = try later.verification(key, earlier: early)
            #expect(grown.report.outcome == .passed && grown.entries == 2, "\(grown.report)")
            await #expect(throws: fault(.logRange)) {
                try await desk.log.export(.exchange, from: 9, by: desk.auditor) { _ in }
            }
        }
    }

    @Test("Verifying finds an altered entry, whatever tree it stands in")
    func verifying() async throws {
        try await withDesk { desk in
            for number in 0..<5 { _ = try await desk.thread("KZ-\(number)") }
            try await desk.log.verify(.exchange, by: desk.auditor)
            try await desk.log.verify(.house, by: desk.auditor)
            try await desk.core.store.write { store in
                _ = try store.execute(
                    "UPDATE log_entry SET entry = (SELECT entry FROM log_entry WHERE entry_index = 1) "
                        + "WHERE tree = 'exchange' AND entry_index = 3"
                )
            }
            await #expect(throws: fault(.logInconsistent)) { try await desk.log.verify(.exchange, by: desk.auditor) }
        }
    }

    @Test("No other role reads or proves anything")
    func roles() async throws {
        try await withDesk { desk in
            _ = try await desk.thread()
            let log = desk.log
            for person in [desk.officer, desk.approver, desk.chief, desk.administrator, desk.stranger] {
                await #expect(throws: fault(.accessDenied)) { try await log.search(.exchange, by: person) }
                await #expect(throws: fault(.accessDenied)) { try await log.show(0, in: .exchange, by: person) }
                await #expect(throws: fault(.accessDenied)) { try await log.checkpoint(of: .exchange, by: person) }
                await #expect(throws: fault(.accessDenied)) { try await log.proof(of: 0, in: .exchange, by: person) }
                await #expect(throws: fault(.accessDenied)) {
                    try await log.consistency(of: .exchange, from: 0, by: person)
                }
                await #expect(throws: fault(.accessDenied)) { try await log.verify(.exchange, by: person) }
                await #expect(throws: fault(.accessDenied)) {
                    try await log.export(.exchange, by: person) { _ in throw fault(.wrongState) }
                }
            }
            #expect(try await desk.kinds(.house) == Array(repeating: "access.refused", count: 35))
        }
    }
}
