import BundleExchange
import ExchangeModel
import GatewayListener
import TrustCrypto

/// What a gateway answers to those who fetch: agencies, and partners' gateways that take what waits for them.
///
/// Who asks is found out anew for every request, and while a bundle is given whenever the registers have changed. What is
/// not the caller's answers as what is not there.
struct PullRoutes: Sendable {
    /// The media type of sealed bundles.
    static let asice = "application/vnd.etsi.asic-e+zip"
    private static let usualLimit = 100
    // How many bytes are given before the database is asked again whether the bundle is still the caller's.
    private static let recheckBytes: Int64 = 64 << 20

    private let pulling: PullDesk

    init(pulling: PullDesk) { self.pulling = pulling }

    // MARK: - The messages

    /// The caller's bundles.
    func list(_ request: ListenerRequest, for caller: PullCaller) async throws -> ListenerResponse {
        let limit = try request.query["limit"].map { text in
            guard text.utf8.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text)
            else { throw ExchangeError(.requestValue, "The limit is a number from 1 to 500") }
            return number
        }
        let found = try await pulling.list(after: request.query["after"], limit: limit ?? Self.usualLimit, for: caller)
        return ListenerResponse(contentType: "application/json", body: PullableJSON.list(found, for: caller))
    }

    /// The bytes of one bundle.
    func content(_ request: ListenerRequest, for caller: PullCaller) async throws -> ListenerResponse {
        let id = try PathValues.bundle(request.parameters["id"])
        let fetch = try await pulling.fetch(id, sender: sender(in: request), for: caller)
        let file = try await FileContent(opening: fetch.path)
        guard file.size == fetch.bundle.size else {
            throw ExchangeError(.listenerInternal, "The file of \(fetch.bundle.key) has another size")
        }
        var fields = ["Content-Disposition": "attachment; filename=\"\(id.uuid).asice\""]
        if let digest = fetch.digest { fields["Repr-Digest"] = ContentDigestField.text(digest) }
        let presented = request.caller
        return .ranged(
            for: request,
            size: file.size,
            entityTag: fetch.bundle.sealedDigest.hex,
            contentType: Self.asice,
            fields: fields
        ) { range in
            .stream(length: range.upperBound - range.lowerBound) { stream in
                try await give(file, range, of: fetch, to: presented, stream)
            }
        }
    }

    private func give(
        _ file: FileContent,
        _ range: Range<Int64>,
        of fetch: PullDesk.Fetch,
        to presented: Caller,
        _ stream: ResponseStream
    ) async throws {
        var given = range.lowerBound
        var confirmed = given
        var epoch = pulling.registerEpoch
        do {
            try await stream.write(file, range) { position in
                given = position
                let present = pulling.registerEpoch
                guard present != epoch || position - confirmed >= Self.recheckBytes else { return }
                guard try caller(presented) == fetch.caller else { throw PathValues.unknownBundle }
                try await pulling.confirm(fetch)
                (epoch, confirmed) = (present, position)
            }
        } catch {
            // What was given before it broke off counts for the answer that goes on from there.
            try? await pulling.served(range.lowerBound..<given, isComplete: false, of: fetch)
            throw error
        }
        try await pulling.served(range, isComplete: true, of: fetch)
    }

    /// One bundle as an agency may see it.
    func bundle(_ request: ListenerRequest, for agency: PullCaller) async throws -> ListenerResponse {
        let id = try PathValues.bundle(request.parameters["id"])
        let found = try await pulling.find(id, sender: sender(in: request), for: agency)
        return ListenerResponse(contentType: "application/json", body: PullableJSON.bundle(found))
    }

    /// Takes an agency's receipt.
    func receipt(_ request: ListenerRequest, from caller: PullCaller) async throws -> ListenerResponse {
        guard case .agency(let agency, let party) = caller else { throw PathValues.unknownBundle }
        let id = try PathValues.bundle(request.parameters["id"])
        try await pulling.take(
            receipt: request.body,
            of: id,
            sender: sender(in: request),
            from: agency,
            of: party
        )
        return .empty()
    }

    private func sender(in request: ListenerRequest) throws -> PartyID? {
        guard let text = request.query["sender"] else { return nil }
        // No party has another name, so no bundle has another sender.
        guard let sender = PartyID(text) else { throw PathValues.unknownBundle }
        return sender
    }

    // MARK: - Who asks

    /// The agency that asks; `nil` when it is none.
    func agency(of request: ListenerRequest) throws -> PullCaller? {
        guard case .certificate(let chain) = request.caller, pulling.isAgencys(chain) else { return nil }
        return try caller(request.caller)
    }

    private func caller(_ presented: Caller) throws -> PullCaller {
        guard case .certificate(let chain) = presented else {
            throw ExchangeError(
                .peerCertificateRequired,
                "You presented no certificate",
                hint: "connect with the TLS certificate that is registered for your gateway or agency"
            )
        }
        do {
            return try pulling.caller(tlsChain: chain)
        } catch let error as ExchangeError {
            throw PeerRoutes.refusal(of: error)
        }
    }
}
