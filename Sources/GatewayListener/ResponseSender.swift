import ExchangeModel
import Glibc
import NIOCore
import NIOHTTP1
import Synchronization

/// Writes one answer.
struct ResponseSender: Sendable {
    let outbound: ResponseStream.Outbound
    let standing: Standing?
    let isHead: Bool
    let ends: Bool

    func send(_ response: ListenerResponse) async throws {
        switch response.body {
        case .bytes(let bytes):
            let head = head(of: response, length: Int64(bytes.count))
            if isHead || bytes.isEmpty {
                try await outbound.write(contentsOf: [.head(head), .end(nil)])
            } else {
                let body = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
                try await outbound.write(contentsOf: [.head(head), body, .end(nil)])
            }
        case .stream(let length, let produce):
            try await outbound.write(.head(head(of: response, length: length)))
            if !isHead {
                let stream = ResponseStream(outbound, length: length, standing: standing)
                try await produce(stream)
                try stream.checkEnd()
            }
            try await outbound.write(.end(nil))
        case .file(let path, let range): try await sendFile(path, range, response)
        }
    }

    private func sendFile(_ path: String, _ asked: Range<Int64>?, _ response: ListenerResponse) async throws {
        let file: FileContent
        do {
            file = try await FileContent(opening: path)
            guard let asked else {
                return try await sendFile(file, 0..<file.size, response)
            }
            guard asked.lowerBound >= 0, asked.upperBound <= file.size else {
                throw ExchangeError(.listenerInternal, "A file is shorter than the part to be sent")
            }
        } catch {
            // Nothing is sent yet, so the fault can still be told.
            try await send(ProblemDetails.silence.response)
            throw error
        }
        try await sendFile(file, asked ?? 0..<file.size, response)
    }

    private func sendFile(_ file: FileContent, _ range: Range<Int64>, _ response: ListenerResponse) async throws {
        let length = range.upperBound - range.lowerBound
        try await outbound.write(.head(head(of: response, length: length)))
        if !isHead {
            let stream = ResponseStream(outbound, length: length, standing: standing)
            try await stream.write(file, range)
            try stream.checkEnd()
        }
        try await outbound.write(.end(nil))
    }

    private func head(of response: ListenerResponse, length: Int64?) -> HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.add(name: "Date", value: HTTPDate.now())
        for (name, value) in response.fields { headers.add(name: name, value: value) }
        if !response.contentType.isEmpty { headers.replaceOrAdd(name: "Content-Type", value: response.contentType) }
        let hasNoBody = response.status == 204 || response.status == 304
        if let length, !hasNoBody { headers.replaceOrAdd(name: "Content-Length", value: String(length)) }
        if !headers.contains(name: "Cache-Control") { headers.add(name: "Cache-Control", value: "no-store") }
        headers.replaceOrAdd(name: "X-Content-Type-Options", value: "nosniff")
        if ends { headers.replaceOrAdd(name: "Connection", value: "close") }
        return HTTPResponseHead(version: .http1_1, status: .init(statusCode: response.status), headers: headers)
    }
}

/// The `Date` field (RFC 9110 §5.6.7).
enum HTTPDate {
    private static let cached = Mutex<(second: Int, text: String)>((0, ""))

    static func now() -> String {
        let second = time(nil)
        return cached.withLock { cached in
            if cached.second != second || cached.text.isEmpty { cached = (second, text(of: second)) }
            return cached.text
        }
    }

    static func text(of second: Int) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(padded).joined(separator: ":")
        let (day, month) = (days[Int(parts.tm_wday) % 7], months[Int(parts.tm_mon) % 12])
        return "\(day), \(padded(parts.tm_mday)) \(month) \(parts.tm_year + 1_900) \(clock) GMT"
    }
}
