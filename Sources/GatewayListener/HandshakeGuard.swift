import Logging
import NIOCore
import NIOSSL
import NIOTLS
import TrustCrypto

/// Stands between the socket and TLS, and puts off the close after a failed handshake until the client could read why.
///
/// In TLS 1.3 a client that is refused has by then sent its first request, and a close with those bytes unread would
/// reset the connection and take the alert along.
final class RefusalLinger: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let linger = TimeAmount.seconds(1)
    private var isLingering = false
    private var isEstablished = false

    /// From now on a close is a close.
    func handshakeCompleted() { isEstablished = true }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isLingering { context.fireChannelRead(data) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isLingering {
            context.read()
        } else {
            context.fireChannelReadComplete()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isLingering, case .some(.inputClosed) = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isEstablished, !isLingering, context.channel.isActive else {
            context.close(mode: mode, promise: promise)
            return
        }
        isLingering = true
        context.channel.closeFuture.cascade(to: promise)
        context.flush()
        context.close(mode: .output, promise: nil)
        context.read()
        let channel = context.channel
        context.eventLoop.scheduleTask(in: linger) { channel.close(promise: nil) }
    }
}

/// Ends a connection whose TLS handshake is not complete in time, and one that did not show its certificate anew.
final class HandshakeGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let timeout: TimeAmount
    private let connection: PeerConnection
    private let linger: RefusalLinger
    private let logger: Logger
    private var deadline: Scheduled<Void>?
    private var isComplete = false

    init(timeout: TimeAmount, connection: PeerConnection, linger: RefusalLinger, logger: Logger) {
        self.linger = linger
        self.timeout = timeout
        self.connection = connection
        self.logger = logger
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        let logger = logger
        deadline = context.eventLoop.scheduleTask(in: timeout) {
            logger.notice("handshake not complete in time")
            channel.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.handshakeCompleted) = event as? TLSUserEvent {
            isComplete = true
            linger.handshakeCompleted()
            deadline?.cancel()
            if !wasChecked(in: context) {
                logger.notice("connection without a fresh look at its certificate refused")
                context.close(promise: nil)
                return
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isComplete {
            context.fireErrorCaught(error)
        } else {
            logger.notice("handshake failed", metadata: ["reason": "\(error)"])
            context.close(promise: nil)
        }
    }

    // A certificate that our check has not seen in this very handshake identifies nobody.
    private func wasChecked(in context: ChannelHandlerContext) -> Bool {
        guard let shown = try? context.pipeline.syncOperations.nioSSL_peerCertificate() else { return true }
        guard case .certificate(let chain) = connection.caller, let leaf = chain.first else { return false }
        return (try? shown.toDERBytes()) == leaf.der
    }
}
