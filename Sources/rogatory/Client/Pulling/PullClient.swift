import ExchangeModel
import OfficerAPI
import OutboundTransport
import PeerExchange
import Synchronization

/// Speaks with a gateway's listener for partners as an agency: lists, fetches, hands in receipts.
struct PullClient: Sendable {
    /// Who speaks with whom.
    let profile: GatewayProfile
    private let session: OutboundSession

    private static let root = "/exchange/" + PeerRoutes.version
    private static let largestAnswer = 4 << 20

    /// - Throws: `profile.invalid`.
    init(_ profile: GatewayProfile) throws {
        guard profile.gateway.hasPrefix("https://") else {
            throw ExchangeError(.profileInvalid, "A gateway's address begins with https://, not “\(profile.gateway)”")
        }
        self.profile = profile
        session = OutboundSession(origin: profile.gateway, identity: profile.identity) { chain, _ in
            try profile.check(chain)
        }
    }

    /// Every bundle that waits, the first one first.
    func list() async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var after: String?
        repeat {
            let place = after.map { "&after=" + GatewayClient.encoded($0) } ?? ""
            let answer = try await json("/bundles?limit=500" + place)
            guard let found = answer["items"]?.array else { throw GatewayClient.strange("a page without items") }
            items += found
            after = found.isEmpty ? nil : answer["next"]?.text
        } while after != nil
        return items
    }

    /// One bundle, named by its id, or as SENDER/ID.
    func bundle(_ name: String) async throws -> JSONValue { try await json(try Self.path(name)) }

    /// Hands in a receipt.
    func send(receipt: [UInt8], of id: BundleID, sender: PartyID) async throws {
        var request = request(.post, try Self.path("\(sender)/\(id.uuid)", "/receipts"))
        request.body = receipt
        request.contentType = "application/pkcs7-mime"
        _ = try GatewayClient.accepted(await session.fetch(request))
    }

    /// Fetches what a partial file lacks.
    ///
    /// - Returns: Whether the whole is there; else the connection broke after some bytes, and it may be asked again.
    /// - Throws: ``GatewayRefusal``, `transport.*` when nothing came.
    func fetch(_ name: String, into file: PulledFile) async throws -> Bool {
        var request = request(.get, try Self.path(name, "/content"))
        let begin = file.length
        if begin > 0 {
            request.fields["Range"] = "bytes=\(begin)-"
            request.fields["If-Range"] = file.entityTag
        }
        request.largestResponse = .max
        request.totalTimeout = nil
        request.lowestRateTime = .seconds(120)
        request.headSeen = { try file.begin($0) }
        request.sink = { try file.take($0) }
        do {
            let response = try await session.fetch(request)
            // Everything was there already.
            if response.status == 416, begin == file.size { return true }
            guard response.status == 200 || response.status == 206 else {
                throw GatewayClient.refusal(response.status, file.refusal)
            }
            return true
        } catch let error as ExchangeError where ClientFailure.isUnreachable(error) && file.length > begin {
            return false
        }
    }

    // MARK: - Within

    private static func path(_ name: String, _ rest: String = "") throws -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(parts.count), let id = parts.last, !id.isEmpty else {
            throw ExchangeError(.clientAmbiguous, "“\(name)” names no bundle", hint: "give the id, or SENDER/ID")
        }
        let sender = parts.count == 2 ? "?sender=" + GatewayClient.encoded(parts[0]) : ""
        return "/bundles/" + GatewayClient.encoded(id) + rest + sender
    }

    private func json(_ path: String) async throws -> JSONValue {
        var request = request(.get, path)
        request.largestResponse = Self.largestAnswer
        return try JSONValue(reading: GatewayClient.accepted(await session.fetch(request)).body)
    }

    private func request(_ method: OutboundRequest.Method, _ path: String) -> OutboundRequest {
        var request = OutboundRequest(
            method,
            url: Self.root + path,
            totalTimeout: .seconds(120),
            acceptedStatuses: 200...599
        )
        request.oldestTLS = .version13
        return request
    }
}
