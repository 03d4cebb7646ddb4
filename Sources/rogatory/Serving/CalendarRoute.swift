import CaseWork
import ExchangeModel
import GatewayListener
import Synchronization

/// Serves people's deadlines to their calendar programs, which have no certificate: the secret in the path is all.
struct CalendarRoute: Sendable {
    private static let ending = ".ics"
    private let feeds: CalendarFeedDesk
    private let limiter = AddressLimiter()

    init(_ feeds: CalendarFeedDesk) { self.feeds = feeds }

    var routes: [ListenerRoute] {
        [
            ListenerRoute("GET", "/calendar/{file}") { [feeds, limiter] request in
                guard limiter.admits(request.remoteAddress, at: .now) else {
                    return ListenerResponse(
                        status: 429,
                        contentType: "text/plain",
                        body: Array("too many requests\n".utf8),
                        fields: ["Retry-After": "60"]
                    )
                }
                guard let file = request.parameters["file"], file.hasSuffix(Self.ending),
                    let feed = try await feeds.feed(secret: String(file.dropLast(Self.ending.count)))
                else {
                    // The same for what never was, was revoked, or is somebody's who may not act any more.
                    return ListenerResponse(
                        status: 404,
                        contentType: "text/plain",
                        body: Array("not found\n".utf8),
                        fields: ["Cache-Control": "no-store"]
                    )
                }
                return ListenerResponse(
                    contentType: "text/calendar; charset=utf-8",
                    body: feed,
                    fields: ["Cache-Control": "private, max-age=300", "Referrer-Policy": "no-referrer"]
                )
            }
        ]
    }
}

/// Lets each address ask so often in a minute, and all together ten times as often.
final class AddressLimiter: Sendable {
    static let mostOfOne = 30
    static let mostOfAll = 300

    private struct State {
        var began: ContinuousClock.Instant?
        var asked: [String: Int] = [:]
        var all = 0
    }

    private let state = Mutex(State())

    /// Counts a request and says whether it is answered.
    func admits(_ address: String, at now: ContinuousClock.Instant) -> Bool {
        state.withLock { state in
            if let began = state.began, now - began < .seconds(60) {
                guard state.all < Self.mostOfAll else { return false }
            } else {
                state = State(began: now)
            }
            let asked = state.asked[address, default: 0]
            guard asked < Self.mostOfOne else { return false }
            state.asked[address] = asked + 1
            state.all += 1
            return true
        }
    }
}
