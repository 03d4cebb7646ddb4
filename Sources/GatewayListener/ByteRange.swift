extension ListenerResponse {
    /// Answers with a representation of known size, or the one part of it that the request asks for
    /// (RFC 9110 §13 and §14): 200, 206, 304, 412 or 416.
    ///
    /// `entityTag` is strong and without quotes, such as the content's digest; `If-Match`, `If-None-Match` and `If-Range`
    /// are held against it. Several ranges in one request, and a field that cannot be read, are answered with the whole, as
    /// is `HEAD`, for which there are no ranges.
    public static func ranged(
        for request: ListenerRequest,
        size: Int64,
        entityTag: String,
        contentType: String,
        fields: [String: String] = [:],
        content: (Range<Int64>) -> Body
    ) -> ListenerResponse {
        let tag = "\"\(entityTag)\""
        var fields = fields
        fields["ETag"] = tag
        fields["Accept-Ranges"] = "bytes"
        if let wanted = request.fields["if-match"],
            !ByteRange.tags(in: wanted).contains(where: { $0 == tag || $0 == "*" })
        {
            let refusal = ProblemDetails(
                412,
                .listenerPrecondition,
                "What is served here is not what If-Match names",
                fields: fields
            )
            return refusal.response
        }
        // Compared weakly here (§13.1.2), strongly everywhere else.
        if let known = request.fields["if-none-match"],
            ByteRange.tags(in: known).contains(where: { $0 == tag || $0 == "W/" + tag || $0 == "*" })
        {
            return .empty(status: 304, fields: fields)
        }
        var asked = request.isHead ? nil : request.fields["range"]
        if let condition = request.fields["if-range"], condition != tag { asked = nil }
        switch asked.map({ ByteRange.read($0, size: size) }) ?? .whole {
        case .whole:
            return ListenerResponse(contentType: contentType, content: content(0..<size), fields: fields)
        case .part(let range):
            fields["Content-Range"] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            return ListenerResponse(status: 206, contentType: contentType, content: content(range), fields: fields)
        case .unsatisfiable:
            fields["Content-Range"] = "bytes */\(size)"
            let refusal = ProblemDetails(
                416,
                .listenerRange,
                "The range lies behind the end; there are \(size) bytes",
                fields: fields
            )
            return refusal.response
        }
    }
}

/// What a `Range` field asks for.
enum ByteRange: Equatable {
    case whole
    case part(Range<Int64>)
    case unsatisfiable

    /// A field that cannot be read, or asks for several parts, asks for the whole.
    static func read(_ field: String, size: Int64) -> ByteRange {
        let unit = "bytes="
        guard field.lowercased().hasPrefix(unit) else { return .whole }
        let ends = field.dropFirst(unit.count).split(separator: "-", maxSplits: 2, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return .whole }
        let first = number(ends[0])
        let last = number(ends[1])
        switch (ends[0].isEmpty, ends[1].isEmpty) {
        case (true, true): return .whole
        case (true, false):
            guard let last else { return .whole }
            return last > 0 && size > 0 ? .part(max(0, size - last)..<size) : .unsatisfiable
        case (false, true):
            guard let first else { return .whole }
            return first < size ? .part(first..<size) : .unsatisfiable
        case (false, false):
            guard let first, let last, first <= last else { return .whole }
            return first < size ? .part(first..<min(last, size - 1) + 1) : .unsatisfiable
        }
    }

    static func tags(in field: String) -> [String] {
        field.split(separator: ",").map { tag in
            String(tag.drop { $0 == " " || $0 == "\t" }.prefix { $0 != " " && $0 != "\t" })
        }
    }

    // Digits only; a number too large for any file counts as the largest.
    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(text) ?? .max
    }
}
