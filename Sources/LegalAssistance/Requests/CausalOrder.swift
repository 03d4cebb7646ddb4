import ExchangeModel

/// Messages of both sides and steps recorded by hand, in the one order that both gateways find.
struct CausalOrder {
    /// One place in the order.
    struct Entry {
        enum Source {
            case message(RequestMessage)
            case stated(StatedStep)
        }

        var source: Source
        /// How many messages of the requesting side its sender had seen or sent.
        var seen: Int
        /// How many messages of the requesting side stand before it; those from `seen` on crossed it.
        var before: Int

        var message: RequestMessage? {
            if case .message(let message) = source { message } else { nil }
        }
    }

    private(set) var entries: [Entry] = []
    private(set) var parked: [(message: RequestMessage, reason: ParkedMessage.Reason)] = []

    init(requesting: MessageChain, requested: MessageChain, stated: [StatedStep]) {
        merge(requesting, requested)
        insert(stated)
    }

    /// Merges the chains: no message stands before one that its sender had seen, and of messages that crossed the
    /// requesting side's stands first.
    private mutating func merge(_ requesting: MessageChain, _ requested: MessageChain) {
        var (first, second) = (0, 0)
        while true {
            let ours = requesting.standing.element(at: first)
            let theirs = requested.standing.element(at: second)
            if let ours, ours.seen <= second {
                entries.append(Entry(source: .message(ours.message), seen: first, before: first))
                first += 1
            } else if let theirs, theirs.seen <= first {
                entries.append(Entry(source: .message(theirs.message), seen: theirs.seen, before: first))
                second += 1
            } else if let ours, theirs != nil {
                // Each claims to have seen the other, which cannot be: they are taken to have crossed.
                entries.append(Entry(source: .message(ours.message), seen: first, before: first))
                first += 1
            } else {
                break
            }
        }
        park(requesting, from: first, missing: second)
        park(requested, from: second, missing: first)
    }

    private mutating func park(_ chain: MessageChain, from start: Int, missing: Int) {
        for (place, standing) in chain.standing.enumerated().dropFirst(start) {
            let reason: ParkedMessage.Reason =
                place == start
                ? .notYetHere(side: standing.message.side.other, sequence: Int64(missing) + 1)
                : .behindParked(sequence: Int64(start) + 1)
            parked.append((standing.message, reason))
        }
        parked += chain.waiting
    }

    /// Puts each step, in their order, behind every message that was received by its time.
    private mutating func insert(_ steps: [StatedStep]) {
        guard !steps.isEmpty else { return }
        let arrivals = entries.enumerated()
            .map { place, entry in (time: entry.message.map { $0.received ?? $0.sent }, place: place) }
            .sorted { ($0.time ?? .first, $0.place) < ($1.time ?? .first, $1.place) }
        var placed: [Entry] = []
        var (arrived, reached) = (0, 0)
        for step in steps {
            while let arrival = arrivals.element(at: arrived), (arrival.time ?? .first) <= step.time {
                while reached <= arrival.place, let entry = entries.element(at: reached) {
                    placed.append(entry)
                    reached += 1
                }
                arrived += 1
            }
            placed.append(Entry(source: .stated(step), seen: 0, before: 0))
        }
        entries = placed + entries.dropFirst(reached)
    }
}

extension ExchangeTime {
    fileprivate static let first = ExchangeTime(secondsSince1970: .min)
}

extension Array {
    /// The element, or `nil` outside the array.
    func element(at place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
