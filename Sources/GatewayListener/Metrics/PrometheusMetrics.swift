public import CoreMetrics
import Synchronization

/// Keeps metrics and writes them as Prometheus text (exposition format 0.0.4).
///
/// Timers become histograms in seconds, recorders become summaries without quantiles, meters and non-aggregating
/// recorders become gauges. The number of label sets is bounded: beyond it the values of further ones are counted
/// together under the label value `other`, so that nobody can fill the memory with labels of his choice.
public final class PrometheusMetrics: MetricsFactory {
    /// The most label sets of one metric.
    public static let mostSeries = 256
    /// The most metrics.
    public static let mostFamilies = 256

    private struct Family {
        let kind: MetricSeries.Kind
        var series: [String: MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    /// Starts with nothing.
    public init() {}

    /// A route that serves the text.
    public func route(_ path: String = "/metrics") -> ListenerRoute {
        ListenerRoute("GET", path) { _ in
            ListenerResponse(contentType: "text/plain; version=0.0.4; charset=utf-8", body: Array(self.text().utf8))
        }
    }

    /// Everything as text, in the order of names and labels.
    public func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                text += series.text(name: name, labels: labels)
            }
        }
        return text
    }

    /// Counts up a counter.
    public func count(_ name: String, _ labels: [(String, String)] = [], by amount: Int64 = 1) {
        makeCounter(label: name, dimensions: labels).increment(by: amount)
    }

    /// Sets a gauge.
    public func set(_ name: String, _ labels: [(String, String)] = [], to value: Double) {
        makeMeter(label: name, dimensions: labels).set(value)
    }

    // MARK: MetricsFactory

    /// Makes or finds a counter.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    /// Makes or finds a counter.
    public func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter)
    }

    /// Makes or finds a gauge.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    /// Makes or finds a summary, or without aggregation a gauge.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .summary : .gauge)
    }

    /// Makes or finds a histogram.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .histogram)
    }

    /// Keeps it: a counter that vanished would look like a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Keeps it.
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    /// Keeps it.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Keeps it.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Keeps it.
    public func destroyTimer(_ handler: any TimerHandler) {}

    private func series(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricSeries.Kind
    ) -> MetricSeries {
        let name = MetricText.name(label)
        let labels = MetricText.labels(dimensions)
        return families.withLock { families in
            guard families[name] != nil || families.count < Self.mostFamilies else { return MetricSeries(kind) }
            var family = families[name] ?? Family(kind: kind)
            // One name with two kinds is a fault of the program; the second is kept apart and not shown.
            guard family.kind == kind else { return MetricSeries(kind) }
            if let known = family.series[labels] { return known }
            let isFull = family.series.count >= Self.mostSeries
            let key = isFull ? MetricText.labels(dimensions.map { ($0.0, "other") }) : labels
            if let known = family.series[key] { return known }
            let made = MetricSeries(kind)
            family.series[key] = made
            families[name] = family
            return made
        }
    }
}
