import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI
import OutboundTransport
import Synchronization
import TrustCrypto

/// What the gateway refused, in its own words.
struct GatewayRefusal: Error {
    let error: ExchangeError
    /// Whether the gateway is at fault, and not what was asked.
    let isFault: Bool
}

/// Calls the people's interface of one gateway as one person.
struct GatewayClient: Sendable {
    /// The person's profile; `nil` on the local socket.
    let profile: GatewayProfile?
    /// What the addresses of the gateway's people begin with; `nil` over the local socket.
    var origin: String? { profile?.gateway }
    private let session: OutboundSession
    private let isLocal: Bool

    /// What is done at an address.
    enum Method {
        case get
        case post
        case put
        case patch
        case delete

        fileprivate var outbound: OutboundRequest.Method {
            switch self {
            case .get: .get
            case .post: .post
            case .put: .put
            case .patch: .patch
            case .delete: .delete
            }
        }
    }

    private static let largestAnswer = 64 << 20

    /// Through the TLS port, with the certificate of a profile.
    init(_ profile: GatewayProfile) throws {
        guard profile.gateway.hasPrefix("https://") else {
            throw ExchangeError(.profileInvalid, "A gateway's address begins with https://, not “\(profile.gateway)”")
        }
        self.profile = profile
        isLocal = false
        session = OutboundSession(origin: profile.gateway, identity: profile.identity) { chain, _ in
            try profile.check(chain)
        }
    }

    /// Through the socket in a data directory, as this user.
    init(socketIn directory: String) {
        profile = nil
        isLocal = true
        session = OutboundSession(origin: "http://localhost", unixSocket: directory + "/gateway.sock")
    }

    // MARK: - JSON

    func get(_ path: String, _ query: [String: String?] = [:]) async throws -> JSONValue {
        try await call(.get, path, query)
    }

    func post(_ path: String, _ query: [String: String?] = [:], _ body: JSONValue? = nil) async throws -> JSONValue {
        try await call(.post, path, query, body.map { ($0.line, "application/json") })
    }

    func put(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await call(.put, path, [:], (body.line, "application/json"))
    }

    func patch(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        try await call(.patch, path, [:], (body.line, "application/json"))
    }

    func delete(_ path: String) async throws -> JSONValue { try await call(.delete, path, [:]) }

    /// Sends small bytes of another type.
    func send(
        _ method: Method,
        _ path: String,
        _ query: [String: String?] = [:],
        bytes: [UInt8],
        type: String
    ) async throws -> JSONValue {
        try await call(method, path, query, (bytes, type))
    }

    /// Every element of a listing, page by page, as far as `most`.
    func list(_ path: String, _ query: [String: String?] = [:], most: Int = 10_000) async throws -> [JSONValue] {
        var items: [JSONValue] = []
        var after: String?
        repeat {
            var page = query
            page["limit"] = String(min(500, most - items.count))
            if let after { page["after"] = after }
            let answer = try await get(path, page)
            guard let found = answer["items"]?.array else { throw Self.strange("a page without items") }
            items += found
            after = found.isEmpty ? nil : answer["next"]?.text
        } while after != nil && items.count < most
        return items
    }

    /// Small bytes, such as what is to be signed.
    func bytes(_ path: String, _ query: [String: String?] = [:]) async throws -> [UInt8] {
        var request = request(.get, path, query)
        request.largestResponse = Self.largestAnswer
        return try Self.accepted(await session.fetch(request)).body
    }

    private func call(
        _ method: Method,
        _ path: String,
        _ query: [String: String?],
        _ body: ([UInt8], String)? = nil
    ) async throws -> JSONValue {
        var request = request(method, path, query)
        request.body = body?.0 ?? []
        request.contentType = body?.1
        request.largestResponse = Self.largestAnswer
        let response = try Self.accepted(await session.fetch(request))
        guard response.contentType?.hasPrefix("application/json") == true else { return .null }
        return try JSONValue(reading: response.body)
    }

    // MARK: - Streams

    /// Sends a file's bytes and shows how far it is.
    func upload(
        _ method: Method,
        _ path: String,
        _ query: [String: String?] = [:],
        file: String,
        type: String,
        label: String
    ) async throws -> JSONValue {
        let source = try RandomAccessFile(openingForReading: file)
        let line = ProgressLine(label)
        let place = Mutex<Int64>(0)
        var request = request(method, path, query)
        request.bodySource = .stream(length: source.size) { buffer in
            let start = place.withLock { $0 }
            let count = Int(min(Int64(buffer.count), source.size - start))
            guard count > 0 else { return 0 }
            try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: start)
            place.withLock { $0 = start + Int64(count) }
            line.show(start + Int64(count), source.size)
            return count
        }
        request.contentType = type
        request.largestResponse = Self.largestAnswer
        request.totalTimeout = nil
        // After the last byte the gateway still makes it durable.
        request.lowestRateTime = .seconds(600)
        defer { line.end() }
        let response = try Self.accepted(await session.fetch(request))
        return try JSONValue(reading: response.body)
    }

    /// Takes an answer into a file, which appears when it is whole; with a body it is asked for by `POST`.
    ///
    /// - Returns: The name that the gateway gave, if any, and the digest of the bytes.
    @discardableResult
    func download(
        _ path: String,
        _ query: [String: String?] = [:],
        posting body: JSONValue? = nil,
        to file: String,
        label: String
    ) async throws -> SHA256Digest {
        try OutputDirectory.requirePlace(file)
        let download = try DownloadFile(for: file, label: label)
        var request = request(body == nil ? .get : .post, path, query)
        request.body = body?.line ?? []
        request.contentType = body == nil ? nil : "application/json"
        request.largestResponse = .max
        request.totalTimeout = nil
        request.lowestRateTime = .seconds(600)
        request.headSeen = { download.begin($0) }
        request.sink = { try download.take($0) }
        let response: OutboundResponse
        do {
            response = try await session.fetch(request)
        } catch {
            download.discard()
            throw error
        }
        guard (200...299).contains(response.status) else {
            let said = download.discard()
            throw Self.refusal(response.status, said)
        }
        return try download.publish()
    }

    /// Long work that tells of its progress (RFC 7464); gives the items at its end.
    func watch(
        _ method: Method,
        _ path: String,
        _ body: JSONValue? = nil,
        label: String
    ) async throws -> [JSONValue] {
        let sequence = ProgressSequence(ProgressLine(label))
        var request = request(method, path, [:])
        request.body = body?.line ?? []
        request.contentType = body == nil ? nil : "application/json"
        request.largestResponse = .max
        request.totalTimeout = nil
        request.lowestRateTime = .seconds(3_600)
        request.headSeen = { sequence.begin($0) }
        request.sink = { try sequence.take($0) }
        let response = try await session.fetch(request)
        guard (200...299).contains(response.status) else {
            throw Self.refusal(response.status, sequence.refusal)
        }
        return try sequence.items()
    }

    // MARK: - Within

    private func request(
        _ method: Method,
        _ path: String,
        _ query: [String: String?]
    ) -> OutboundRequest {
        let pairs = query.compactMap { name, value in value.map { (name, $0) } }.sorted { $0.0 < $1.0 }
            .map { Self.encoded($0) + "=" + Self.encoded($1) }.joined(separator: "&")
        var request = OutboundRequest(
            method.outbound,
            url: OfficerInterface.root + path + (pairs.isEmpty ? "" : "?" + pairs),
            allowsPlainHTTP: isLocal,
            totalTimeout: .seconds(120),
            acceptedStatuses: 200...599
        )
        request.oldestTLS = .version13
        return request
    }

    static func accepted(_ response: OutboundResponse) throws -> OutboundResponse {
        guard (200...299).contains(response.status) else { throw refusal(response.status, response.body) }
        return response
    }

    // What the other side says of itself; it is made printable where it is written.
    static func refusal(_ status: Int, _ body: [UInt8]) -> GatewayRefusal {
        let problem = body.count <= 65_536 ? try? JSONValue(reading: body) : nil
        return GatewayRefusal(
            error: ExchangeError(
                problem?["code"]?.text.map { ErrorCode($0) } ?? .clientAnswer,
                problem?["detail"]?.text ?? "The gateway answered with status \(status)",
                hint: problem?["hint"]?.text
            ),
            isFault: status >= 500
        )
    }

    static func strange(_ what: String) -> ExchangeError {
        ExchangeError(.clientAnswer, "The gateway answered with \(what)")
    }

    /// Percent-encoding of a segment or a value (RFC 3986 §2.3).
    static func encoded(_ text: String) -> String {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            kept.contains(byte)
                ? String(Character(Unicode.Scalar(byte))) : "%" + Hexadecimal.text(of: [byte]).uppercased()
        }.joined()
    }
}
