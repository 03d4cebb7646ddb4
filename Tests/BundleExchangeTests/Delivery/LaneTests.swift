import ExchangeModel
import Testing

@testable import BundleExchange

/// Room in lanes, turns between partners, and the breaker.
@Suite("Lanes and breakers")
struct LaneTests {
    private let start = ExchangeTime(secondsSince1970: 1_800_000_000)
    private let fault = ExchangeError(ErrorCode("transport.unreachable"), "nobody answers")

    private func board(_ change: (inout ExchangeLimits) -> Void = { _ in }) -> LaneBoard {
        var limits = ExchangeLimits()
        limits.deliveriesAtOnce = 3
        limits.worksAtOnce = 2
        change(&limits)
        return LaneBoard(limits)
    }

    @Test("A partner takes so many at once, one large among them, and one emergency more; others have their own room")
    func room() {
        var board = board()
        let (small, large) = (OutboxLane(.deliver, "KG-GPO"), OutboxLane(.deliverLarge, "KG-GPO"))
        #expect(board.room(in: small, rank: 2, at: start) == 3 && board.room(in: large, rank: 2, at: start) == 1)
        board.begin(large)
        #expect(board.room(in: large, rank: 2, at: start) == 0 && board.room(in: small, rank: 2, at: start) == 2)
        #expect(board.room(in: large, rank: 0, at: start) == 1)
        board.begin(small)
        board.begin(small)
        #expect(board.room(in: small, rank: 2, at: start) == 0 && board.room(in: small, rank: 0, at: start) == 1)
        // Receipts and other partners do not wait for it.
        #expect(board.room(in: OutboxLane(.hand, "KG-GPO"), rank: 2, at: start) == 3)
        #expect(board.room(in: OutboxLane(.deliver, "UZ-GPO"), rank: 2, at: start) == 3)
        board.end(small)
        #expect(board.room(in: small, rank: 2, at: start) == 1)
    }

    @Test("Own work of one kind has its room in common, large work is apart, and suspects are alone")
    func ownWork() {
        var board = board()
        board.begin(OutboxLane(.open, "KG-GPO"))
        board.begin(OutboxLane(.openLarge, "KG-GPO"))
        #expect(board.room(in: OutboxLane(.open, "UZ-GPO"), rank: 2, at: start) == 1)
        #expect(board.room(in: OutboxLane(.openLarge, "UZ-GPO"), rank: 2, at: start) == 0)
        #expect(board.room(in: OutboxLane(.seal, "KG-GPO"), rank: 2, at: start) == 2)
        #expect(board.room(in: OutboxLane(.issue, "KG-GPO"), rank: 2, at: start) == 2)
        board.begin(OutboxLane(.suspect, "KG-GPO"))
        #expect(board.room(in: OutboxLane(.suspect, "UZ-GPO"), rank: 0, at: start) == 0)
    }

    @Test("Who was served longest ago comes first")
    func turns() {
        var board = board()
        let lanes = ["A", "B", "C"].map { OutboxLane(.open, $0) }
        board.begin(lanes[0])
        board.begin(lanes[2])
        board.begin(lanes[1])
        board.begin(lanes[0])
        #expect(board.inTurn(lanes).map(\.party) == ["C", "B", "A"])
    }

    @Test("After failures in a row only one probe goes out, later each time, and a success closes it")
    func breaker() throws {
        var board = board { $0.breakerFailures = 3 }
        let lane = OutboxLane(.deliver, "KG-GPO")
        var opened: [Bool] = []
        for _ in 1...2 { opened.append(board.failed("KG-GPO", fault, at: start, jitter: 128)) }
        #expect(board.room(in: lane, rank: 2, at: start) == 3)
        // Those that were out already do not put the probe off.
        for _ in 1...2 { opened.append(board.failed("KG-GPO", fault, at: start, jitter: 128)) }
        #expect(opened == [false, false, true, false])
        var now = start
        var waits: [Int64] = []
        for _ in 1...10 {
            let probe = try #require(board.nextProbe)
            waits.append(probe.secondsSince1970 - now.secondsSince1970)
            #expect(board.room(in: lane, rank: 0, at: now) == 0)
            now = probe
            #expect(board.room(in: lane, rank: 2, at: now) == 1)
            #expect(board.room(in: OutboxLane(.hand, "KG-GPO"), rank: 2, at: now) == 1)
            board.begin(lane)
            #expect(board.room(in: lane, rank: 2, at: now) == 0)
            #expect(board.room(in: OutboxLane(.hand, "KG-GPO"), rank: 2, at: now) == 0)
            board.end(lane)
            _ = board.failed("KG-GPO", fault, at: now, jitter: 128)
        }
        #expect(waits == waits.sorted() && waits.first == 20 && waits.last.map { $0 >= 890 && $0 <= 910 } == true)
        let closed = [board.succeeded("KG-GPO"), board.succeeded("KG-GPO")]
        #expect(closed == [true, false])
        #expect(board.room(in: lane, rank: 2, at: now) == 3)
    }

    @Test("What a gateway says of one bundle is no failed connection")
    func failures() {
        func error(_ code: String, _ details: [String] = []) -> ExchangeError {
            ExchangeError(ErrorCode(code), "", details: details)
        }
        for bad in [
            error("transport.timeout"), error("transport.cut"), error("peer.unavailable"),
            error("peer.unavailable", ["store.full", "no room"]),
        ] {
            #expect(bad.isConnectionFailure && !bad.isAnswer, "\(bad)")
        }
        for good in [
            error("peer.refused", ["announcement.expired"]), error("peer.unavailable", ["assembly.in_use", "busy"]),
            error("peer.not_admitted"), error("peer.answer"),
        ] {
            #expect(!good.isConnectionFailure && good.isAnswer, "\(good)")
        }
        #expect(!error("transport.cancelled").isConnectionFailure && !error("store.failed").isConnectionFailure)
    }
}
