import Foundation

/// What one size cost.
struct SizePoint {
    let bytes: Int64
    let seconds: Double
    let nginx: Double
    let sender: Int64
    let receiver: Int64

    var ratio: Double { nginx / seconds }
}

/// What one count of small bundles gave.
struct CountPoint {
    let count: Int
    let perSecond: Double
    let sender: Int64
    let receiver: Int64
}

/// How time, memory and rate grow, as one picture.
struct GrowthPlot {
    let sizes: [SizePoint]
    let counts: [CountPoint]

    /// The picture (SVG 1.1).
    var svg: String {
        let gibibytes = sizes.map { Double($0.bytes) / Double(1 << 30) }
        let mebibytes = { (bytes: Int64) in Double(bytes) / Double(1 << 20) }
        let numbers = counts.map { Double($0.count) }
        let panels = [
            panel(
                0,
                "Seconds by size (GiB)",
                gibibytes,
                [("two gateways", sizes.map(\.seconds)), ("nginx and openssl dgst", sizes.map(\.nginx))]
            ),
            panel(
                1,
                "Peak memory (MiB) by size (GiB)",
                gibibytes,
                [("sender", sizes.map { mebibytes($0.sender) }), ("receiver", sizes.map { mebibytes($0.receiver) })]
            ),
            panel(2, "Small exchanges a second by count", numbers, [("exchanges", counts.map(\.perSecond))]),
            panel(
                3,
                "Peak memory (MiB) by count",
                numbers,
                [("sender", counts.map { mebibytes($0.sender) }), ("receiver", counts.map { mebibytes($0.receiver) })]
            ),
        ]
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="840" height="640" font-family="sans-serif" font-size="12">
            <rect width="840" height="640" fill="white"/>
            \(panels.joined(separator: "\n"))
            </svg>

            """
    }

    private static let colours = ["#1f5fa8", "#c2571a"]

    private func panel(_ place: Int, _ title: String, _ xs: [Double], _ series: [(String, [Double])]) -> String {
        let (left, top) = (Double(place % 2) * 420 + 60, Double(place / 2) * 320 + 40)
        let (width, height) = (330.0, 220.0)
        let widest = max(xs.max() ?? 0, .leastNonzeroMagnitude)
        let highest = max(series.flatMap(\.1).max() ?? 0, .leastNonzeroMagnitude) * 1.1
        func x(_ value: Double) -> String { fixed(left + value / widest * width, 1) }
        func y(_ value: Double) -> String { fixed(top + height - value / highest * height, 1) }
        var lines = [
            "<text x=\"\(left)\" y=\"\(top - 14)\" font-weight=\"bold\">\(title)</text>",
            "<path d=\"M\(left) \(top)V\(top + height)H\(left + width)\" fill=\"none\" stroke=\"black\"/>",
        ]
        for step in 0...4 {
            let value = highest * Double(step) / 4
            let text = fixed(value, highest < 10 ? 2 : 0)
            lines.append("<text x=\"\(left - 6)\" y=\"\(y(value))\" text-anchor=\"end\">\(text)</text>")
        }
        for value in xs {
            let text = fixed(value, widest < 16 ? 2 : 0)
            lines.append("<text x=\"\(x(value))\" y=\"\(top + height + 16)\" text-anchor=\"middle\">\(text)</text>")
        }
        for (number, (name, values)) in series.enumerated() {
            let colour = Self.colours[number % Self.colours.count]
            let points = zip(xs, values).map { "\(x($0)),\(y($1))" }
            lines.append("<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(colour)\"/>")
            for (at, value) in zip(xs, values) {
                lines.append("<circle cx=\"\(x(at))\" cy=\"\(y(value))\" r=\"3\" fill=\"\(colour)\"/>")
            }
            let below = top + height + 34
            lines.append("<text x=\"\(left + Double(number) * 150)\" y=\"\(below)\" fill=\"\(colour)\">\(name)</text>")
        }
        return lines.joined(separator: "\n")
    }
}
