import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import Glibc
import OfficerAPI
import OutboundTransport
import Synchronization
import TrustCrypto

/// A file that is being downloaded, under a provisional name until it is whole.
final class DownloadFile: Sendable {
    private struct State: ~Copyable {
        var descriptor: Int32
        var hasher: SHA256Hasher
        var isRefusal = false
        var refusal: [UInt8] = []
        var done: Int64 = 0
        var total: Int64 = 0
        var promised: String?
    }

    private let path: String
    private let provisional: String
    private let line: ProgressLine
    private let state: Mutex<State>

    init(for path: String, label: String) throws {
        self.path = path
        provisional = path + ".part-\(getpid())"
        let descriptor = open(provisional, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(path) cannot be written") }
        line = ProgressLine(label)
        state = Mutex(State(descriptor: descriptor, hasher: try SHA256Hasher()))
    }

    /// Sees the answer's header.
    func begin(_ head: OutboundResponse) {
        state.withLock { state in
            state.isRefusal = !(200...299).contains(head.status)
            state.total = head.fields["content-length"].flatMap { Int64($0) } ?? 0
            state.promised = head.fields["repr-digest"]
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        let (done, total) = try state.withLock { state in
            if state.isRefusal {
                if state.refusal.count < 65_536 { state.refusal.append(contentsOf: bytes) }
                return (Int64(0), Int64(0))
            }
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = Glibc.write(state.descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure("\(path) cannot be written") }
                written += count
            }
            try state.hasher.update(bytes)
            state.done += Int64(bytes.count)
            return (state.done, state.total)
        }
        if total > 0 { line.show(done, total) }
    }

    /// Makes the file durable and gives it its name; compares with the digest that the gateway stated.
    func publish() throws -> SHA256Digest {
        line.end()
        let (digest, promised) = try state.withLock { state in
            guard fsync(state.descriptor) == 0 else { throw Self.failure("\(path) cannot be written") }
            return (try state.hasher.finish(), state.promised)
        }
        if let promised, promised != "sha-256=:\(Data(digest.bytes).base64EncodedString()):" {
            discard()
            throw ExchangeError(.clientDigest, "What arrived does not have the digest that the gateway stated")
        }
        // Never over a file that appeared meanwhile.
        guard link(provisional, path) == 0 else {
            let error = Self.failure("\(path) cannot be written")
            discard()
            throw error
        }
        discard()
        return digest
    }

    /// Takes the provisional file away; gives the refusal, if the answer was one.
    @discardableResult
    func discard() -> [UInt8] {
        line.end()
        unlink(provisional)
        return state.withLock { state in
            if state.descriptor >= 0 { close(state.descriptor) }
            state.descriptor = -1
            return state.refusal
        }
    }

    private static func failure(_ what: String) -> ExchangeError {
        ExchangeError(.outputFailed, what, details: [String(cString: strerror(errno))])
    }
}

/// JSON texts as they arrive (RFC 7464): progress, and at the end items or a problem.
final class ProgressSequence: Sendable {
    private struct State {
        var isRefusal = false
        var text: [UInt8] = []
        var last: JSONValue?
    }

    private let line: ProgressLine
    private let state = Mutex(State())

    init(_ line: ProgressLine) { self.line = line }

    /// The text of a refusal.
    var refusal: [UInt8] { state.withLock { $0.text } }

    /// Sees the answer's header.
    func begin(_ head: OutboundResponse) {
        state.withLock { $0.isRefusal = !(200...299).contains(head.status) }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            if state.isRefusal {
                if state.text.count < 65_536 { state.text.append(contentsOf: bytes) }
                return
            }
            for byte in bytes {
                if byte == 0x1e {
                    try Self.end(&state)
                } else {
                    state.text.append(byte)
                }
            }
            // Progress is shown as soon as its line is whole.
            if state.text.last == 0x0a, state.text.first == 0x7b, state.text.count < 4_096 { try Self.end(&state) }
            guard let done = state.last?["done"]?.integer, let total = state.last?["total"]?.integer else { return }
            line.show(done, total)
        }
    }

    private static func end(_ state: inout State) throws {
        let text = state.text
        guard text.contains(where: { $0 > 0x20 }) else {
            state.text = []
            return
        }
        state.last = try JSONValue(reading: text)
        state.text = []
    }

    /// The items at the end.
    func items() throws -> [JSONValue] {
        line.end()
        let last = try state.withLock { state in
            try Self.end(&state)
            return state.last
        }
        if let items = last?["items"]?.array { return items }
        guard let problem = last?["problem"] else {
            throw ExchangeError(.clientAnswer, "The gateway broke off before the work was done")
        }
        throw GatewayRefusal(
            error: ExchangeError(
                ErrorCode(problem["code"]?.text ?? "client.answer"),
                problem["detail"]?.text ?? "no reason given",
                hint: problem["hint"]?.text
            ),
            isFault: (problem["status"]?.integer ?? 500) >= 500
        )
    }
}
