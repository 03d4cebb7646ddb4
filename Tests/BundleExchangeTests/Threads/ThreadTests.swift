import ExchangeLog
import ExchangeModel
import Persistence
import Testing

@testable import BundleExchange

@Suite("Threads are opened to partners and seen by their authority only")
struct ThreadTests {
    @Test("An officer opens a thread; list, search and show give it, the log has it without a name")
    func opening() async throws {
        try await withDesk { desk in
            let opened = try await desk.thread()
            #expect(opened.peer == DeskWorkshop.partner && opened.authority == "kz-gpo" && opened.ownSequence == 0)
            _ = try await desk.thread("KZ-2026-0912")
            #expect(try await desk.threads.show(opened.id, by: desk.approver) == opened)
            var filter = ThreadRegister.Filter()
            filter.text = "0911"
            #expect(try await desk.threads.list(filter, by: desk.officer) == [opened])
            filter.text = "ЗАПРОС О БАНКОВСКИХ"
            #expect(try await desk.threads.list(filter, by: desk.officer).count == 2)
            filter.isOpen = false
            #expect(try await desk.threads.list(filter, by: desk.officer).isEmpty)
            filter = ThreadRegister.Filter()
            filter.peer = DeskWorkshop.suspendedPartner
            #expect(try await desk.threads.list(filter, by: desk.officer).isEmpty)
            let entry = try #require(try await desk.entries(.exchange).first)
            #expect(entry.kind == .threadOpened && entry.thread == opened.id && entry.peer == DeskWorkshop.partner)
            #expect(entry.person == desk.officer.digest)
            let text = String(decoding: try entry.encoded(), as: UTF8.self)
            #expect(!text.contains("Aigerim") && !text.contains("0911") && !text.contains("счет"))
        }
    }

    @Test("An unknown or suspended partner, an empty or overlong text are refused and leave nothing")
    func refusedOpening() async throws {
        try await withDesk { desk in
            let partner = try #require(DeskWorkshop.partner)
            let threads = desk.threads
            await #expect(throws: fault(.threadUnknownPeer)) {
                try await threads.open(to: #require(PartyID("TJ-GPO")), reference: "1", subject: "s", by: desk.officer)
            }
            await #expect(throws: fault(.threadPeerSuspended)) {
                let suspended = try #require(DeskWorkshop.suspendedPartner)
                _ = try await threads.open(to: suspended, reference: "1", subject: "s", by: desk.officer)
            }
            for (reference, subject) in [
                ("", "s"), ("  ", "s"), ("r", ""), ("r\n", "s"), ("r", "s\u{7f}"), ("r", "s\u{fffe}"),
                (String(repeating: "r", count: 129), "s"), ("r", String(repeating: "s", count: 513)),
            ] {
                await #expect(throws: fault(.requestValue), "\(reference)/\(subject)") {
                    try await threads.open(to: partner, reference: reference, subject: subject, by: desk.officer)
                }
            }
            #expect(try await desk.count("SELECT id FROM thread") == 0)
            #expect(try await desk.entries(.exchange).isEmpty)
        }
    }

    @Test("A person without the role is refused, and the refusal stands in the log of the house")
    func roles() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            for person in [desk.approver, desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) {
                    try await desk.threads.open(to: thread.peer, reference: "1", subject: "s", by: person)
                }
            }
            for person in [desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) { try await desk.threads.show(thread.id, by: person) }
                await #expect(throws: fault(.accessDenied)) { try await desk.threads.list(by: person) }
            }
            #expect(try await desk.kinds(.house) == Array(repeating: "access.refused", count: 7))
        }
    }

    @Test("A thread of another authority answers exactly as one that is not there")
    func otherAuthority() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let missing = ThreadID(at: DeskWorkshop.start, random: [1])
            let errors = await [thread.id, missing].asyncMap { id in
                await #expect(throws: ExchangeError.self) { try await desk.threads.show(id, by: desk.stranger) }
            }
            let sentences = errors.map { error in
                error.map { "\($0)" }?.replacing(thread.id.urn, with: "X").replacing(missing.urn, with: "X")
            }
            #expect(errors.allSatisfy { $0?.code == .notFound } && sentences[0] == sentences[1])
            #expect(try await desk.threads.list(by: desk.stranger).isEmpty)
        }
    }

    @Test("A received bundle's thread is entered once, and never for another partner")
    func received() async throws {
        try await withDesk { desk in
            let id = ThreadID(at: DeskWorkshop.start, random: [2])
            let partner = try #require(DeskWorkshop.partner)
            let other = try #require(DeskWorkshop.suspendedPartner)
            let now = desk.time.now
            for _ in 1...2 {
                let record = try await desk.core.store.write {
                    try ThreadRegister.ensure(id: id, peer: partner, reference: "KG-7", subject: "s", at: now, in: $0)
                }
                #expect(record.authority == nil && record.openedBy == nil)
            }
            await #expect(throws: fault(.threadOtherPeer)) {
                try await desk.core.store.write {
                    try ThreadRegister.ensure(id: id, peer: other, reference: "", subject: "", at: now, in: $0)
                }
            }
            // The authority that was added first sees it, the other does not.
            #expect(try await desk.threads.list(by: desk.officer).map(\.id) == [id])
            #expect(try await desk.threads.list(by: desk.stranger).isEmpty)
        }
    }

    @Test("A thread goes to another authority with its evidence and drafts; then the first sees nothing of it")
    func assigning() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let item = try await desk.item("disk", Array("bytes".utf8), thread: thread.id)
            let draft = try await desk.request(in: thread.id)
            await #expect(throws: fault(.notFound)) {
                try await desk.threads.assign(thread.id, to: "kz-afm", by: desk.stranger)
            }
            await #expect(throws: fault(.wrongState)) {
                try await desk.threads.assign(thread.id, to: "kz-afm", by: desk.officer)
            }
            _ = try await desk.drafts.withdraw(draft.record.id, by: desk.officer)
            await #expect(throws: fault(.notFound)) {
                try await desk.threads.assign(thread.id, to: "nobody", by: desk.officer)
            }
            let moved = try await desk.threads.assign(thread.id, to: "kz-afm", by: desk.approver)
            #expect(moved.authority == "kz-afm")
            #expect(try await desk.evidence.show(item.record.id, by: desk.stranger).record.content != nil)
            #expect(try await desk.drafts.list(by: desk.stranger).count == 1)
            await #expect(throws: fault(.notFound)) { try await desk.threads.show(thread.id, by: desk.officer) }
            await #expect(throws: fault(.notFound)) { try await desk.evidence.show(item.record.id, by: desk.officer) }
            #expect(try await desk.entries(.exchange).last?.kind == .threadAssigned)
        }
    }
}

extension Array {
    func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var mapped: [T] = []
        for element in self { mapped.append(try await body(element)) }
        return mapped
    }
}
