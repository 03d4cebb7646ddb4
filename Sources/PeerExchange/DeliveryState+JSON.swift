import BundleExchange
import ExchangeModel
import Foundation

extension DeliveryState {
    private struct Answer: Decodable {
        let standing: String
        let missing: [[Int]]
    }

    /// The state as it stands on the wire: `{"standing":"announced","missing":[[1,3],[5,5]]}`.
    var json: [UInt8] {
        let ranges = missing.map { "[\($0.lowerBound),\($0.upperBound)]" }.joined(separator: ",")
        return Array("{\"standing\":\"\(standing.rawValue)\",\"missing\":[\(ranges)]}\n".utf8)
    }

    /// Reads a partner's answer. Members that this version does not know are passed over, so that a later version can
    /// say more.
    ///
    /// - Throws: `peer.answer`.
    init(answer bytes: [UInt8]) throws {
        guard let read = try? JSONDecoder().decode(Answer.self, from: Data(bytes)),
            let standing = Standing(rawValue: read.standing)
        else { throw ExchangeError(.peerAnswer, "The partner's answer does not say how the bundle stands") }
        var missing: [ClosedRange<Int>] = []
        for pair in read.missing {
            guard pair.count == 2, pair[0] > missing.last?.upperBound ?? 0, pair[1] >= pair[0], pair[1] <= 99_999 else {
                throw ExchangeError(.peerAnswer, "The partner's answer names missing parts that cannot be")
            }
            missing.append(pair[0]...pair[1])
        }
        guard standing == .announced || missing.isEmpty else {
            throw ExchangeError(.peerAnswer, "The partner's answer says that the bundle was received without all parts")
        }
        self.init(standing: standing, missing: missing)
    }
}
