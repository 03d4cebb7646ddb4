import CoreMetrics
import Synchronization

/// The values of one metric with one set of labels.
final class MetricSeries: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    enum Kind: String {
        case counter
        case gauge
        case histogram
        case summary
    }

    /// The upper bounds of a histogram's buckets, in seconds.
    static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

    private struct Values {
        var value = 0.0
        var count: Int64 = 0
        var buckets = [Int64](repeating: 0, count: MetricSeries.bounds.count)
    }

    private let kind: Kind
    private let values = Mutex(Values())

    init(_ kind: Kind) { self.kind = kind }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { values.withLock { $0.value += amount } }
    func decrement(by amount: Double) { values.withLock { $0.value -= amount } }
    func reset() { values.withLock { $0 = Values() } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { values.withLock { $0.value = value } }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        if kind == .gauge { return set(value) }
        values.withLock { values in
            values.value += value
            values.count &+= 1
            if let bucket = Self.bounds.firstIndex(where: { value <= $0 }) { values.buckets[bucket] &+= 1 }
        }
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func text(name: String, labels: String) -> String {
        let values = values.withLock { $0 }
        switch kind {
        case .counter, .gauge: return line(name, labels, MetricText.number(values.value))
        case .summary: return totals(name, labels, values)
        case .histogram:
            var (text, sum) = ("", Int64(0))
            for (bound, count) in zip(Self.bounds, values.buckets) {
                sum &+= count
                text += line(name + "_bucket", joined(labels, "le=\"\(MetricText.number(bound))\""), "\(sum)")
            }
            text += line(name + "_bucket", joined(labels, "le=\"+Inf\""), "\(values.count)")
            return text + totals(name, labels, values)
        }
    }

    private func totals(_ name: String, _ labels: String, _ values: Values) -> String {
        line(name + "_sum", labels, MetricText.number(values.value)) + line(name + "_count", labels, "\(values.count)")
    }

    private func joined(_ labels: String, _ last: String) -> String { labels.isEmpty ? last : labels + "," + last }

    private func line(_ name: String, _ labels: String, _ value: String) -> String {
        name + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }
}

/// Names, labels and numbers as the text format has them.
enum MetricText {
    static func name(_ text: String) -> String {
        let kept = text.unicodeScalars.prefix(128).map { scalar -> Character in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", ":": Character(scalar)
            default: "_"
            }
        }
        let name = String(kept)
        return name.first.map { $0.isNumber } ?? true ? "_" + name : name
    }

    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.prefix(8).sorted { $0.0 < $1.0 }.map { label, value in
            "\(name(label).replacing(":", with: "_"))=\"\(escaped(value))\""
        }.joined(separator: ",")
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { String($0) } ?? "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars.prefix(128) {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
