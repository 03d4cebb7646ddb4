import CCurl
import ExchangeModel

/// What goes out and comes in on one transfer, called by libcurl on the transfer's thread.
final class TransferFlow {
    /// The answer's bytes, or those of a refusal.
    private(set) var bytes: [UInt8] = []
    /// Why we ended the transfer.
    private(set) var failure: ExchangeError?
    /// Whether a refusal's body was longer than is worth reading.
    private(set) var droppedRefusal = false
    private let request: OutboundRequest
    private let easy: UnsafeMutableRawPointer
    private var sent: Int64 = 0
    private var received = 0
    private var sawHead = false

    private static let longestRefusal = 65_536

    init(_ request: OutboundRequest, _ easy: UnsafeMutableRawPointer) {
        self.request = request
        self.easy = easy
    }

    var bodyLength: Int64 {
        guard request.method.sendsBody else { return 0 }
        return switch request.bodySource {
        case .bytes(let bytes): Int64(bytes.count)
        case .stream(let length, _): max(0, length)
        }
    }

    func accepts(_ status: Int) -> Bool { request.acceptedStatuses.contains(status) }

    func install(_ check: (CURLcode) throws(ExchangeError) -> Void) throws(ExchangeError) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        try check(shim_setopt_pointer(easy, CURLOPT_WRITEDATA, context))
        try check(
            shim_setopt_write(easy) { bytes, size, count, context in
                guard let bytes, let context else { return 0 }
                let flow = Unmanaged<TransferFlow>.fromOpaque(context).takeUnretainedValue()
                return flow.take(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
            }
        )
        try check(shim_setopt_pointer(easy, CURLOPT_READDATA, context))
        try check(
            shim_setopt_read(easy) { bytes, size, count, context in
                guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
                let flow = Unmanaged<TransferFlow>.fromOpaque(context).takeUnretainedValue()
                return flow.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            }
        )
        try check(shim_setopt_pointer(easy, CURLOPT_SEEKDATA, context))
        try check(
            shim_setopt_seek(easy) { context, offset, origin in
                guard let context, origin == 0 else { return Int32(CURL_SEEKFUNC_FAIL) }
                return Unmanaged<TransferFlow>.fromOpaque(context).takeUnretainedValue().seek(to: Int64(offset))
            }
        )
    }

    // MARK: Going out

    private func fill(_ space: UnsafeMutableRawBufferPointer) -> Int {
        let left = Int(clamping: bodyLength - sent)
        if left <= 0 || space.isEmpty { return 0 }
        let room = UnsafeMutableRawBufferPointer(rebasing: space.prefix(left))
        switch request.bodySource {
        case .bytes(let bytes):
            let start = Int(sent)
            room.copyBytes(from: bytes[start..<start + room.count])
            sent += Int64(room.count)
            return room.count
        case .stream(_, let read):
            do {
                let count = try read(room)
                guard count > 0, count <= room.count else {
                    throw ExchangeError(.transportBody, "The body ended \(left) bytes before its announced length")
                }
                sent += Int64(count)
                return count
            } catch {
                fail(error, .transportBody, "The body to be sent could not be read")
                return Int(CURL_READFUNC_ABORT)
            }
        }
    }

    // libcurl starts again when a connection that it kept turns out to be gone.
    private func seek(to offset: Int64) -> Int32 {
        guard case .bytes(let bytes) = request.bodySource, (0...Int64(bytes.count)).contains(offset) else {
            return offset == sent ? Int32(CURL_SEEKFUNC_OK) : Int32(CURL_SEEKFUNC_FAIL)
        }
        sent = offset
        return Int32(CURL_SEEKFUNC_OK)
    }

    // MARK: Coming in

    /// Status and header fields.
    func head() -> OutboundResponse {
        var status = 0
        shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        var fields: [String: String] = [:]
        var previous: UnsafeMutablePointer<curl_header>?
        while let field = curl_easy_nextheader(easy, UInt32(CURLH_HEADER), -1, previous) {
            previous = field
            guard let name = field.pointee.name, let value = field.pointee.value else { continue }
            let text = String(cString: value)
            fields[String(cString: name).lowercased(), default: ""].append(contentsOf: text)
            let isLast = field.pointee.index + 1 == field.pointee.amount
            if !isLast { fields[String(cString: name).lowercased(), default: ""].append(", ") }
        }
        return OutboundResponse(status: status, fields: fields, body: [])
    }

    /// Tells the caller of an accepted answer, once.
    func seeHead(_ head: OutboundResponse) throws(ExchangeError) {
        if sawHead { return }
        sawHead = true
        do {
            try request.headSeen?(head)
        } catch {
            throw (error as? ExchangeError)
                ?? ExchangeError(.transportCancelled, "The answer was not wanted", details: [String(describing: error)])
        }
    }

    private func take(_ chunk: UnsafeRawBufferPointer) -> Bool {
        var status = 0
        shim_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        guard accepts(status) else { return takeRefusal(chunk) }
        let (total, overflow) = received.addingReportingOverflow(chunk.count)
        guard !overflow, total <= request.largestResponse, announcedLength <= request.largestResponse else {
            failure = ExchangeError(
                .transportTooLarge,
                "The answer from \(request.origin) is longer than \(request.largestResponse) bytes"
            )
            return false
        }
        received = total
        do {
            if !sawHead { try seeHead(head()) }
            if let sink = request.sink {
                try sink(chunk)
            } else {
                bytes.append(contentsOf: chunk)
            }
            return true
        } catch {
            fail(error, .transportCancelled, "The answer could not be kept")
            return false
        }
    }

    private func takeRefusal(_ chunk: UnsafeRawBufferPointer) -> Bool {
        guard chunk.count <= Self.longestRefusal - bytes.count else {
            droppedRefusal = true
            return false
        }
        bytes.append(contentsOf: chunk)
        return true
    }

    private var announcedLength: Int {
        var length: curl_off_t = -1
        shim_getinfo_offset(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length)
        return Int(clamping: length)
    }

    private func fail(_ error: any Error, _ code: ErrorCode, _ reason: String) {
        failure = (error as? ExchangeError) ?? ExchangeError(code, reason, details: [String(describing: error)])
    }
}
