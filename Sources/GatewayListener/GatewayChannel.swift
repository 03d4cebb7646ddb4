import ExchangeModel
import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import TrustCrypto

/// One connection: TLS where asked for, HTTP/1.1, the guards of its times, and the loop that answers its requests.
struct GatewayChannel: ServerChildChannel {
    typealias HTTP = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    struct Value: ServerChildChannelValue {
        let http: HTTP
        let connection: PeerConnection

        var channel: any Channel { http.channel }
    }

    let desk: RequestDesk
    let limits: ListenerLimits
    let tls: ListenerTLS?
    let isLocal: Bool
    let ledger: ConnectionLedger
    let log: Logger

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let address = isLocal ? "local" : channel.remoteAddress?.ipAddress ?? "unknown"
        var log = log
        log[metadataKey: "peer"] = "\(address)"
        guard isLocal || ledger.take(address: address) else {
            log.notice("too many connections from one address")
            return channel.close().flatMapThrowing { throw ChannelError.alreadyClosed }
        }
        let connection = PeerConnection(remoteAddress: address, ledger: ledger)
        channel.closeFuture.whenComplete { _ in
            connection.closed()
            if !isLocal { ledger.release(address: address) }
        }
        return channel.eventLoop.makeCompletedFuture {
            if let tls { try addTLS(tls, to: channel, connection, log) }
            return try makeValue(channel, connection, log)
        }.flatMap { value in
            guard isLocal else { return channel.eventLoop.makeSucceededFuture(value) }
            return Self.identifyUser(of: channel, connection).map { value }
        }
    }

    private func makeValue(_ channel: any Channel, _ connection: PeerConnection, _ log: Logger) throws -> Value {
        var decoder = NIOHTTPDecoderLimitConfiguration()
        decoder.maxHeaderFieldSize = limits.headerField
        decoder.maxHeaderListSize = limits.headerList
        decoder.maxHeaderFieldCount = limits.headerFields
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withErrorHandling: false,
            withOutboundHeaderValidation: true,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoder
        )
        try channel.pipeline.syncOperations.addHandler(ConnectionGuard(limits: limits, logger: log))
        let http = try HTTP(wrappingChannelSynchronously: channel)
        return Value(http: http, connection: connection)
    }

    private func addTLS(
        _ tls: ListenerTLS,
        to channel: any Channel,
        _ connection: PeerConnection,
        _ log: Logger
    ) throws {
        let check = tls.check
        let handler = NIOSSLServerHandler(
            context: try tls.state.makeContext(clientCertificates: tls.clientCertificates),
            customVerificationCallback: { presented, promise in
                NIOThreadPool.singleton.submit { state in
                    guard case .active = state else { return promise.succeed(.failed) }
                    promise.succeed(Self.verdict(on: presented, check, connection, log))
                }
            }
        )
        let linger = RefusalLinger()
        try channel.pipeline.syncOperations.addHandlers(
            linger,
            handler,
            HandshakeGuard(
                timeout: TimeAmount(limits.handshakeTimeout),
                connection: connection,
                linger: linger,
                logger: log
            )
        )
    }

    // No useful path is longer.
    private static let longestChain = 8

    private static func verdict(
        on presented: [NIOSSLCertificate],
        _ check: ListenerTLS.Check,
        _ connection: PeerConnection,
        _ log: Logger
    ) -> NIOSSLVerificationResult {
        var chain: [PartyCertificate] = []
        do {
            guard (1...longestChain).contains(presented.count) else {
                throw ExchangeError(.listenerCaller, "The chain has \(presented.count) certificates")
            }
            for certificate in presented { chain.append(try PartyCertificate(der: certificate.toDERBytes())) }
            try check(chain)
            connection.identify(.certificate(chain))
            return .certificateVerified
        } catch {
            ConnectionLog.refused(log, chain: chain, error: error)
            return .failed
        }
    }

    private static func identifyUser(of channel: any Channel, _ connection: PeerConnection) -> EventLoopFuture<Void> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<PeerCredentials> = socket.unsafeGetSocketOption(
            level: .socket,
            name: .init(rawValue: SO_PEERCRED)
        )
        return credentials.map { connection.identify(.localUser($0.user)) }
    }

    // MARK: Requests

    func handle(value: Value, logger: Logger) async {
        var log = log
        log[metadataKey: "peer"] = "\(value.connection.remoteAddress)"
        do {
            try await withTaskCancellationHandler {
                try await value.http.executeThenClose { inbound, outbound in
                    try await serve(PartSource(inbound.makeAsyncIterator()), outbound, value, log)
                }
            } onCancel: {
                value.channel.close(promise: nil)
            }
        } catch {
            log.debug("connection ended", metadata: ["reason": "\(error)"])
        }
    }

    private func serve(
        _ source: PartSource,
        _ outbound: ResponseStream.Outbound,
        _ value: Value,
        _ log: Logger
    ) async throws {
        while true {
            let part: HTTPServerRequestPart?
            do {
                part = try await source.next()
            } catch is HTTPParserError {
                try await desk.refuseUnreadable(outbound)
                break
            }
            guard let part else { return }
            guard case .head(let head) = part else {
                throw ExchangeError(.listenerRequest, "A request began without a header")
            }
            if try await desk.answer(head, from: source, to: outbound, on: value, log) { break }
        }
        // The guard closes, after the client had time to read.
        try await value.channel.closeFuture.get()
    }
}

/// `struct ucred` of unix(7).
private struct PeerCredentials: Sendable {
    var process: Int32 = 0
    var user: UInt32 = .max
    var group: UInt32 = .max
}
