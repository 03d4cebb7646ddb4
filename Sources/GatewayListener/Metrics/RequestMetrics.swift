import CoreMetrics

/// Counts answers by route template, method and status, and how long they took to begin.
struct RequestMetrics: Sendable {
    /// The label of requests that no route took.
    static let noRoute = "none"

    let factory: any MetricsFactory

    func answered(route: String, method: String, status: Int, since start: ContinuousClock.Instant) {
        // A method is what the client likes, so only those of routes get a label of their own.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].contains(method) ? method : "other"
        Counter(
            label: "http_requests_total",
            dimensions: [("method", known), ("route", route), ("status", "\(status)")],
            factory: factory
        ).increment()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        Timer(label: "http_request_duration_seconds", dimensions: [("route", route)], factory: factory)
            .recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
