import Logging
import NIOCore
import NIOHTTP1

/// Asks the other side for the body that it announced with `Expect: 100-continue`.
struct InviteBody: Sendable {}

/// Holds a connection to its times: headers and bodies that do not arrive, answers that are not taken, and the end.
///
/// The last answer is followed by a half close and a short wait in which nothing is read, because a full close with
/// bytes still arriving would reset the connection before the client has read why it was refused.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ListenerLimits
    private let logger: Logger
    private let linger = TimeAmount.seconds(1)
    private var running = 0
    private var readsBody = false
    private var closesAfterAnswer = false
    private var isQuiescing = false
    private var isClosing = false
    private var headDeadline: Scheduled<Void>?
    private var readerDeadline: Scheduled<Void>?
    private var lingerDeadline: Scheduled<Void>?
    private var pace: BodyPace
    private var seemsTooSlow = false
    private var paceTimer: RepeatedTask?

    init(limits: ListenerLimits, logger: Logger) {
        self.limits = limits
        self.logger = logger
        pace = BodyPace(rate: limits.bodyRate, window: TimeAmount(limits.rateWindow))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { awaitHead(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        awaitHead(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        cancelAll()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { cancelAll() }

    // MARK: What arrives

    func read(context: ChannelHandlerContext) {
        if readsBody { pace.startWaiting(.now()) }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosing { return }
        switch unwrapInboundIn(data) {
        case .head:
            running += 1
            headDeadline?.cancel()
            readsBody = true
            startPace(context)
        case .body(let bytes):
            pace.received(bytes.readableBytes, .now())
        case .end:
            readsBody = false
            stopPace()
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if isClosing {
            context.read()
        } else {
            pace.stopWaiting(.now())
            context.fireChannelReadComplete()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            isQuiescing = true
            if running == 0 { context.close(promise: nil) }
        case ChannelEvent.inputClosed where isClosing:
            context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: What is sent

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is InviteBody else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        context.writeAndFlush(wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: promise)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head):
            if isQuiescing { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            closesAfterAnswer = head.headers["Connection"].contains("close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            running -= 1
            if closesAfterAnswer {
                finish(context, data, promise)
            } else {
                context.write(data, promise: promise)
                if running == 0 { awaitHead(context) }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        readerDeadline?.cancel()
        readerDeadline = nil
        if !context.channel.isWritable {
            readerDeadline = close(context, after: TimeAmount(limits.slowReaderTimeout), "answer not taken in time")
        }
        context.fireChannelWritabilityChanged()
    }

    private func finish(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        isClosing = true
        stopPace()
        let bound = NIOLoopBound((guardian: self, context: context), eventLoop: context.eventLoop)
        // Also an answer too short to fill the buffers must be taken in time.
        lingerDeadline = close(context, after: TimeAmount(limits.slowReaderTimeout), "answer not taken in time")
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.whenComplete { _ in
            let (guardian, context) = (bound.value.guardian, bound.value.context)
            context.close(mode: .output, promise: nil)
            guardian.lingerDeadline?.cancel()
            guardian.lingerDeadline = guardian.close(context, after: guardian.linger, nil)
            // Without a read the client's own close would not be seen.
            context.read()
        }
        context.writeAndFlush(data, promise: written)
    }

    // MARK: Times

    private func awaitHead(_ context: ChannelHandlerContext) {
        headDeadline?.cancel()
        headDeadline = close(context, after: TimeAmount(limits.idleTimeout), nil)
    }

    private func startPace(_ context: ChannelHandlerContext) {
        pace.reset()
        seemsTooSlow = false
        paceTimer?.cancel()
        let interval = TimeAmount.nanoseconds(max(1_000_000, pace.window.nanoseconds / 8))
        let bound = NIOLoopBound((guardian: self, channel: context.channel), eventLoop: context.eventLoop)
        paceTimer = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let (guardian, channel) = bound.value
            let isTooSlow = guardian.pace.isTooSlow(.now())
            defer { guardian.seemsTooSlow = isTooSlow }
            // Twice, because what arrived while this thread had to wait is read between the two.
            if isTooSlow, guardian.seemsTooSlow {
                guardian.logger.notice("body arrives too slowly")
                guardian.stopPace()
                channel.close(promise: nil)
            }
        }
    }

    private func stopPace() {
        paceTimer?.cancel()
        paceTimer = nil
    }

    private func close(_ context: ChannelHandlerContext, after time: TimeAmount, _ reason: String?) -> Scheduled<Void> {
        let channel = context.channel
        let logger = logger
        return context.eventLoop.scheduleTask(in: time) {
            if let reason { logger.notice("\(reason)") }
            channel.close(promise: nil)
        }
    }

    private func cancelAll() {
        headDeadline?.cancel()
        readerDeadline?.cancel()
        lingerDeadline?.cancel()
        stopPace()
    }
}

/// How fast a body arrives, counting only the time in which we wait for it and not the time in which we work on it.
private struct BodyPace {
    let rate: Int
    let window: TimeAmount
    private var received = 0
    private var waited = TimeAmount.zero
    private var waitingSince: NIODeadline?

    init(rate: Int, window: TimeAmount) {
        self.rate = rate
        self.window = window
    }

    mutating func reset() {
        received = 0
        waited = .zero
        waitingSince = nil
    }

    mutating func startWaiting(_ now: NIODeadline) {
        if waitingSince == nil { waitingSince = now }
    }

    mutating func stopWaiting(_ now: NIODeadline) {
        if let since = waitingSince { waited = waited + (now - since) }
        waitingSince = nil
    }

    mutating func received(_ count: Int, _ now: NIODeadline) {
        received += count
        stopWaiting(now)
    }

    mutating func isTooSlow(_ now: NIODeadline) -> Bool {
        if waitingSince != nil {
            stopWaiting(now)
            waitingSince = now
        }
        guard waited >= window else { return false }
        let expected = Double(rate) * Double(waited.nanoseconds) / 1e9
        guard Double(received) >= expected else { return true }
        received = 0
        waited = .zero
        return false
    }
}
