import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite("Evidence is registered, taken in once, kept encrypted, and its custody only grows")
struct EvidenceTests {
    private static let secret = Array("the account numbers are 4400-1122 and 4400-1133".utf8)

    private static let acquisition = EvidenceManifest.Acquisition(
        time: DeskWorkshop.start.adding(seconds: -3_600),
        place: "Astana, laboratory",
        person: "A. Expert",
        tool: "dcfldd",
        toolVersion: "1.9",
        writeBlocker: "T8u",
        device: .init(kind: "stick", make: "K", model: "D", identifiers: [.init(name: "serial", value: "60A4")])
    )

    @Test("What is registered is shown; taking in adds bytes, digest, custody and entry; nothing lies in the clear")
    func takingIn() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let seized = EvidenceManifest.CustodyEvent(
                time: DeskWorkshop.start.adding(seconds: -7_200),
                action: "seized",
                person: "D. Akhmetov",
                place: "Almaty"
            )
            let digest = try SHA256Digest(of: Self.secret)
            let record = try await desk.evidence.register(
                EvidenceRegistration(
                    originalName: "тетрадь.img",
                    description: "image of the stick",
                    acquisition: Self.acquisition,
                    earlierCustody: [seized],
                    expectedSHA256: digest,
                    expectedSize: Int64(Self.secret.count),
                    thread: thread.id
                ),
                by: desk.officer
            )
            #expect(record.acquisition == Self.acquisition && record.content == nil && record.thread == thread.id)
            #expect(record.mediaType == "application/octet-stream")
            let writer = try await desk.evidence.content(of: record.id, by: desk.officer)
            for byte in Self.secret { try writer.write([byte]) }
            let taken = try await writer.finish()
            #expect(taken.record.content?.sha256 == digest)
            #expect(taken.record.content?.size == Int64(Self.secret.count))
            #expect(taken.custody.map(\.action) == ["seized", "taken in"])
            #expect(taken.custody.last?.person == desk.officer.name)
            #expect(taken.custody.last?.tool == "rogatory \(GatewayCore.toolVersion)")

            let entry = try #require(try await desk.entries(.exchange).last)
            #expect(entry.kind == .evidenceTakenIn && entry.item == record.id.text && entry.digest == digest)
            let text = String(decoding: try entry.encoded(), as: UTF8.self)
            #expect(!text.contains("Aigerim"))
            #expect(try desk.diskHolds(Self.secret) == false)
            // The search finds what lies there: the name stands in the database.
            #expect(try desk.diskHolds(Array("тетрадь.img".utf8)))

            let (read, source) = try await desk.evidence.reader(of: record.id, by: desk.approver)
            #expect(read == taken.record)
            var bytes = [UInt8](repeating: 0, count: Int(source.size))
            try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
            #expect(bytes == Self.secret)
            let view = try #require(try await desk.entries(.house).last)
            #expect(view.kind == .viewEvidence && view.item == record.id.text && view.person == desk.approver.digest)
        }
    }

    @Test("The sums kept with the bytes are those that unzip wants")
    func checksum() async throws {
        try await withDesk { desk in
            _ = try await desk.item("123456789", Array("123456789".utf8))
            let row = try await desk.core.store.read { try $0.row("SELECT crc32 FROM stored_file")?.integer("crc32") }
            #expect(row == 0xcbf4_3926)
        }
    }

    @Test(
        "Bytes with another digest or size are refused with an alarm and leave nothing; then the right ones are taken"
    )
    func mismatch() async throws {
        try await withDesk { desk in
            let digest = try SHA256Digest(of: Self.secret)
            for registration in [
                EvidenceRegistration(originalName: "a", expectedSHA256: digest),
                EvidenceRegistration(originalName: "a", expectedSize: Int64(Self.secret.count)),
            ] {
                let record = try await desk.evidence.register(registration, by: desk.officer)
                let writer = try await desk.evidence.content(of: record.id, by: desk.officer)
                try writer.write(Self.secret + [0])
                await #expect(throws: fault(.evidenceMismatch)) { try await writer.finish() }
                #expect(try desk.blobs().isEmpty)
                let alarm = try #require(try await desk.entries(.house).last)
                #expect(alarm.kind == .alarmRaised && alarm.code == .evidenceMismatch && alarm.outcome == .refused)
                #expect(alarm.item == record.id.text)
                #expect(try alarm.digest == SHA256Digest(of: Self.secret + [0]))
                #expect(try await desk.evidence.show(record.id, by: desk.officer).record.content == nil)
                await #expect(throws: fault(.evidenceNotTakenIn)) {
                    try await desk.evidence.reader(of: record.id, by: desk.officer)
                }
                let again = try await desk.evidence.content(of: record.id, by: desk.officer)
                try again.write(Self.secret)
                _ = try await again.finish()
                for name in try desk.blobs() { try desk.core.blobs.remove(name) }
            }
            #expect(try await desk.kinds(.exchange).filter { $0 == "evidence.taken_in" }.count == 2)
        }
    }

    @Test("A second content is refused, also when both were begun before either ended")
    func secondContent() async throws {
        try await withDesk { desk in
            let record = try await desk.evidence.register(EvidenceRegistration(originalName: "a"), by: desk.officer)
            let first = try await desk.evidence.content(of: record.id, by: desk.officer)
            let second = try await desk.evidence.content(of: record.id, by: desk.officer)
            try first.write([1])
            try second.write([2])
            _ = try await first.finish()
            let blobs = try desk.blobs()
            #expect(blobs.count == 2)
            await #expect(throws: fault(.evidenceHasContent)) { try await second.finish() }
            #expect(try desk.blobs().count == 1)
            await #expect(throws: fault(.evidenceHasContent)) {
                try await desk.evidence.content(of: record.id, by: desk.officer)
            }
            #expect(try await desk.evidence.show(record.id, by: desk.officer).custody.count == 1)
            #expect(try await desk.kinds(.exchange) == ["evidence.registered", "evidence.taken_in"])
        }
    }

    @Test("A writer that is given up, or ended twice, leaves nothing and takes nothing more")
    func givenUp() async throws {
        try await withDesk { desk in
            let record = try await desk.evidence.register(EvidenceRegistration(originalName: "a"), by: desk.officer)
            do {
                let writer = try await desk.evidence.content(of: record.id, by: desk.officer)
                try writer.write(Self.secret)
            }
            #expect(try desk.blobs().isEmpty)
            let discarded = try await desk.evidence.content(of: record.id, by: desk.officer)
            try discarded.write(Self.secret)
            discarded.discard()
            #expect(try desk.blobs().isEmpty)
            #expect(throws: fault(.evidenceIntakeEnded)) { try discarded.write([1]) }
            await #expect(throws: fault(.evidenceIntakeEnded)) { try await discarded.finish() }
            let writer = try await desk.evidence.content(of: record.id, by: desk.officer)
            _ = try await writer.finish()
            await #expect(throws: fault(.evidenceIntakeEnded)) { try await writer.finish() }
            #expect(throws: fault(.evidenceIntakeEnded)) { try writer.write([1]) }
            #expect(try await desk.count("SELECT id FROM stored_file") == 1)
        }
    }

    @Test("What a killed gateway left of an unfinished intake is swept away, and what was entered stays")
    func sweeping() async throws {
        try await withDesk { desk in
            let kept = try await desk.item("a", Self.secret)
            let stray = desk.core.directory.blobs + "/" + String(repeating: "ab", count: 16)
            for path in [stray, stray + ".part"] { try Data([1]).write(to: URL(fileURLWithPath: path)) }
            let names = try await desk.core.store.read { try StoredFiles.blobNames(in: $0) }
            #expect(try BlobStore(in: desk.core.directory, key: desk.core.storeKey).sweep(keeping: names) == 2)
            #expect(try await desk.evidence.reader(of: kept.record.id, by: desk.officer).source.size == 47)
        }
    }

    @Test("Custody events are added in order by our clock, and none before the last")
    func custody() async throws {
        try await withDesk { desk in
            let item = try await desk.item("a", [1])
            desk.time.move(by: 60)
            let after = try await desk.evidence.recordCustody(
                item.record.id,
                action: "moved",
                place: "Vault 2",
                note: "two\nlines",
                by: desk.officer
            )
            #expect(after.custody.map(\.action) == ["taken in", "moved"])
            #expect(after.custody.last?.time == desk.time.now && after.custody.last?.place == "Vault 2")
            let entry = try #require(try await desk.entries(.exchange).last)
            #expect(entry.kind == .evidenceCustody && entry.item == item.record.id.text)
            desk.time.move(by: -61)
            await #expect(throws: fault(.evidenceClock)) {
                try await desk.evidence.recordCustody(item.record.id, action: "moved", by: desk.officer)
            }
            await #expect(throws: fault(.requestValue)) {
                try await desk.evidence.recordCustody(item.record.id, action: "", by: desk.officer)
            }
            #expect(try await desk.evidence.show(item.record.id, by: desk.officer).custody.count == 2)
            #expect(try await desk.kinds(.exchange).filter { $0 == "evidence.custody" }.count == 1)
        }
    }

    @Test("Values that no manifest could state are refused when they are given")
    func values() async throws {
        try await withDesk { desk in
            func refused(_ change: (inout EvidenceRegistration) -> Void, _ line: Int = #line) async {
                var registration = EvidenceRegistration(originalName: "a")
                change(&registration)
                let given = registration
                await #expect(throws: fault(.requestValue), "line \(line)") {
                    try await desk.evidence.register(given, by: desk.officer)
                }
            }
            await refused { $0.originalName = "" }
            await refused { $0.originalName = "a\u{0}" }
            await refused { $0.originalName = String(repeating: "a", count: 1_025) }
            for type in ["text", "text/", "/x", "text/pl ain", "text/x/y", "тип/x"] {
                await refused { $0.mediaType = type }
            }
            await refused { $0.description = "\u{85}" }
            await refused { $0.expectedSize = -1 }
            await refused {
                $0.acquisition = Self.acquisition
                $0.acquisition?.tool = ""
            }
            await refused {
                $0.acquisition = Self.acquisition
                $0.acquisition?.time = DeskWorkshop.start.adding(seconds: 1)
            }
            await refused {
                $0.acquisition = Self.acquisition
                $0.acquisition?.device?.identifiers = [.init(name: "", value: "x")]
            }
            let event = EvidenceManifest.CustodyEvent(time: DeskWorkshop.start, action: "seized", person: "x")
            await refused {
                $0.earlierCustody = [event, event]
                $0.earlierCustody[1].time = event.time.adding(seconds: -1)
            }
            await refused {
                $0.earlierCustody = [event]
                $0.earlierCustody[0].time = event.time.adding(seconds: 1)
            }
            let entered = try await desk.count("SELECT id FROM evidence")
            #expect(entered == 0)
        }
    }

    @Test("Another authority finds nothing; a wrong role is refused; a thread must be one's own")
    func access() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let item = try await desk.item("a", [1], thread: thread.id)
            let id = item.record.id
            await #expect(throws: fault(.notFound)) { try await desk.evidence.show(id, by: desk.stranger) }
            await #expect(throws: fault(.notFound)) { try await desk.evidence.reader(of: id, by: desk.stranger) }
            await #expect(throws: fault(.notFound)) { try await desk.evidence.content(of: id, by: desk.stranger) }
            await #expect(throws: fault(.notFound)) {
                try await desk.evidence.recordCustody(id, action: "x", by: desk.stranger)
            }
            await #expect(throws: fault(.notFound)) {
                let registration = EvidenceRegistration(originalName: "b", thread: thread.id)
                _ = try await desk.evidence.register(registration, by: desk.stranger)
            }
            #expect(try await desk.evidence.list(by: desk.stranger).isEmpty)
            for person in [desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) { try await desk.evidence.show(id, by: person) }
                await #expect(throws: fault(.accessDenied)) { try await desk.evidence.reader(of: id, by: person) }
            }
            await #expect(throws: fault(.accessDenied)) { try await desk.evidence.content(of: id, by: desk.approver) }
            await #expect(throws: fault(.accessDenied)) {
                try await desk.evidence.storeDocument(name: "x", by: desk.approver)
            }
            #expect(try await desk.evidence.list(by: desk.approver).map(\.id) == [id])
            #expect(try await desk.kinds(.house).contains("view.evidence") == false)
        }
    }

    @Test("Lists filter by thread, state and text")
    func listing() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let a = try await desk.item("Отчёт.pdf", [1], thread: thread.id)
            _ = try await desk.evidence.register(EvidenceRegistration(originalName: "b"), by: desk.officer)
            var filter = EvidenceRoom.Filter()
            #expect(try await desk.evidence.list(filter, by: desk.officer).count == 2)
            filter.text = "отчёт"
            #expect(try await desk.evidence.list(filter, by: desk.officer) == [a.record])
            filter = EvidenceRoom.Filter()
            filter.thread = thread.id
            #expect(try await desk.evidence.list(filter, by: desk.officer) == [a.record])
            filter = EvidenceRoom.Filter()
            filter.isTakenIn = false
            #expect(try await desk.evidence.list(filter, by: desk.officer).map(\.originalName) == ["b"])
            filter.limit = 501
            let tooMany = filter
            await #expect(throws: fault(.requestValue)) { try await desk.evidence.list(tooMany, by: desk.officer) }
        }
    }
}
