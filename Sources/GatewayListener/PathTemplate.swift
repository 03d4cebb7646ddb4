/// A route's path, taken apart.
struct PathTemplate: Sendable {
    private enum Segment: Sendable {
        case literal(String)
        case parameter(String)
    }

    /// What a path holds where the template is open, as sent.
    struct Match {
        var parameters: [(name: String, value: Substring)] = []
        var rest: Substring = ""
        /// Smaller is more exact: 0 for a fixed segment, 1 for a parameter, 2 for the rest.
        var openness: [UInt8] = []
    }

    private let segments: [Segment]
    private let takesRest: Bool

    init(_ path: String) {
        var parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        takesRest = parts.last == "*"
        if takesRest { parts.removeLast() }
        segments = parts.map { part in
            part.utf8.count > 2 && part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(part)
        }
    }

    func match(_ path: Substring) -> Match? {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        var match = Match()
        var left = path.dropFirst()
        for (index, segment) in segments.enumerated() {
            let value = left.prefix { $0 != "/" }
            switch segment {
            case .literal(let text):
                guard value.utf8.elementsEqual(text.utf8) else { return nil }
                match.openness.append(0)
            case .parameter(let name):
                guard !value.isEmpty else { return nil }
                match.parameters.append((name, value))
                match.openness.append(1)
            }
            left = left[value.endIndex...]
            let isLast = index == segments.count - 1 && !takesRest
            if isLast {
                return left.isEmpty ? match : nil
            }
            guard left.utf8.first == UInt8(ascii: "/") else { return nil }
            left = left.dropFirst()
        }
        guard takesRest, !left.isEmpty else { return nil }
        match.rest = left
        match.openness.append(2)
        return match
    }
}
