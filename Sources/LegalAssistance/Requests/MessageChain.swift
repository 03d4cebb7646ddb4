import ExchangeModel

/// One side's messages, put in order by their sequence and links.
struct MessageChain {
    /// A message that hangs together with all before it.
    struct Standing {
        var message: RequestMessage
        /// How many messages of the other side its sender had seen; it never falls along the chain.
        var seen: Int
    }

    /// The messages that hang together from the first on.
    private(set) var standing: [Standing] = []
    /// Messages that wait for one of their own side.
    private(set) var waiting: [(message: RequestMessage, reason: ParkedMessage.Reason)] = []
    /// Messages whose place another one holds, by the digest of that one.
    private(set) var displaced: [SHA256Digest: [RequestMessage]] = [:]
    private(set) var forks: [Fork] = []
    /// Messages with an impossible sequence.
    private(set) var unplaced: [RequestMessage] = []

    /// Takes the messages of one side, each digest once.
    init(_ messages: [RequestMessage], of side: Side) {
        unplaced = messages.filter { $0.sequence < 1 }.sorted(by: Self.comesBefore)
        var places = Dictionary(grouping: messages.filter { $0.sequence >= 1 }, by: \.sequence)
        var number: Int64 = 1
        var previous: Set<SHA256Digest> = []
        while let candidates = places[number]?.sorted(by: Self.comesBefore) {
            guard let first = candidates.first(where: { $0.follows(previous, at: number) }) else { break }
            let seen = Int(clamping: max(0, first.highestSeen))
            standing.append(Standing(message: first, seen: max(standing.last?.seen ?? 0, seen)))
            let others = candidates.filter { $0.digest != first.digest }
            if !others.isEmpty {
                displaced[first.digest] = others
                forks.append(
                    Fork(side: side, sequence: number, standing: first.digest, others: others.map(\.digest))
                )
            }
            previous = Set(candidates.map(\.digest))
            places[number] = nil
            number += 1
        }
        let differs = places[number] != nil
        waiting = places.values.flatMap { $0 }
            .sorted { ($0.sequence, $0.digest.hex) < ($1.sequence, $1.digest.hex) }
            .map { message in
                if message.sequence == number { return (message, .predecessorDiffers) }
                return (message, differs ? .behindParked(sequence: number) : .predecessorMissing(sequence: number))
            }
    }

    /// What the other side received first stands, for a declaration takes effect on receipt and cannot be replaced by
    /// another of the same number; without receipts the lower digest decides.
    private static func comesBefore(_ left: RequestMessage, _ right: RequestMessage) -> Bool {
        switch (left.received, right.received) {
        case (let first?, let second?) where first != second: first < second
        case (_?, nil): true
        case (nil, _?): false
        default: left.digest.hex < right.digest.hex
        }
    }
}

extension RequestMessage {
    fileprivate func follows(_ previous: Set<SHA256Digest>, at number: Int64) -> Bool {
        switch link {
        case .first: number == 1
        case .after(let digest): previous.contains(digest)
        case .unopened: true
        }
    }
}
