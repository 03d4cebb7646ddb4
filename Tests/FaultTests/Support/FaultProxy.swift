import Foundation
import Glibc
import ProgramHarness
import Synchronization

/// Stands between two gateways on a port of loopback and does to chosen connections what networks do.
///
/// One thread serves one connection, so that a fault hits at an exact byte.
final class FaultProxy: Sendable {
    enum Direction: String, Sendable, CaseIterable {
        case toServer = "to the server"
        case toClient = "to the client"
    }

    enum Fault: Sendable, Equatable {
        /// Ends both sides after so many bytes of one direction, by RST or by FIN.
        case cut(Direction, after: Int, reset: Bool)
        /// Changes one bit of the byte at this offset of one direction.
        case flip(Direction, at: Int)
        /// Accepts, and from so many bytes to the server on passes nothing in either direction; nobody hears of an end.
        case blackHole(after: Int)
        /// Answers the connection with RST.
        case refuse
        /// Passes every byte as a segment of its own.
        case slices
        /// Holds everything up for so many milliseconds.
        case latency(Int)
        /// Passes no more than so many bytes a second.
        case rate(Int)
    }

    struct Traffic: Sendable {
        var connections = 0
        var toServer = 0
        var toClient = 0
        /// How many connections met their fault.
        var hits = 0

        func bytes(_ direction: Direction) -> Int { direction == .toServer ? toServer : toClient }
    }

    /// Where it listens.
    let port: Int
    private let listener: Int32
    private let target: Mutex<Int>
    private let planned = Mutex<[Fault?]>([])
    private let standing = Mutex<Fault?>(nil)
    private let counted = Mutex(Traffic())
    private let generation = Mutex(0)

    /// Listens on a free port, or on the one given, and passes everything to `target`, a port of loopback.
    init(on port: Int = 0, to target: Int = 0) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var one: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw HarnessError("the proxy cannot listen on port \(port)") }
        self.port = Int(UInt16(bigEndian: address.sin_port))
        self.target = Mutex(target)
        Thread.detachNewThread { [self] in accept() }
    }

    /// Ends; connections that stand go on.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Where connections go from now on.
    func lead(to port: Int) { target.withLock { $0 = port } }

    /// The faults of the next connections, one each; `nil` is none. What is counted begins anew.
    func plan(_ faults: [Fault?]) {
        planned.withLock { $0 = faults }
        counted.withLock { $0 = Traffic() }
    }

    /// Connections that stand pass nothing from now on, and nobody hears of it.
    func vanish() { generation.withLock { $0 += 1 } }

    /// The fault of every connection that has none of its own.
    func always(_ fault: Fault?) {
        standing.withLock { $0 = fault }
        counted.withLock { $0 = Traffic() }
    }

    /// What passed since the last plan.
    var traffic: Traffic { counted.withLock { $0 } }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                close(listener)
                return
            }
            counted.withLock { $0.connections += 1 }
            let next: Fault?? = planned.withLock { $0.isEmpty ? .none : .some($0.removeFirst()) }
            let fault: Fault? = if let next { next } else { standing.withLock { $0 } }
            Thread.detachNewThread { [self] in serve(client, fault) }
        }
    }

    private func serve(_ client: Int32, _ fault: Fault?) {
        if fault == .refuse {
            counted.withLock { $0.hits += 1 }
            return Self.end(client, reset: true)
        }
        let server = Self.connect(to: target.withLock { $0 })
        guard server >= 0 else { return Self.end(client, reset: true) }
        let born = generation.withLock { $0 }
        var line = Line(client: client, server: server, fault: fault) { change in
            self.counted.withLock { change(&$0) }
        } isGone: {
            self.generation.withLock { $0 != born }
        }
        let reset = line.run()
        for side in [client, server] { Self.end(side, reset: reset) }
    }

    private static func connect(to port: Int) -> Int32 {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isConnected { return server }
        close(server)
        return -1
    }

    private static func end(_ side: Int32, reset: Bool) {
        if reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(side, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
        close(side)
    }
}

/// One connection with its fault.
private struct Line {
    let client: Int32
    let server: Int32
    let fault: FaultProxy.Fault?
    let count: ((inout FaultProxy.Traffic) -> Void) -> Void
    let isGone: () -> Bool
    private var passed: [FaultProxy.Direction: Int] = [:]
    private var isBlack = false
    private var isHit = false

    private enum End: Error {
        case quiet
        case reset
    }

    init(
        client: Int32,
        server: Int32,
        fault: FaultProxy.Fault?,
        count: @escaping ((inout FaultProxy.Traffic) -> Void) -> Void,
        isGone: @escaping () -> Bool
    ) {
        (self.client, self.server, self.fault, self.count, self.isGone) = (client, server, fault, count, isGone)
        for side in [client, server] {
            var one: Int32 = 1
            setsockopt(side, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        }
        if fault == .blackHole(after: 0) {
            isBlack = true
            hit()
        }
    }

    /// Passes bytes until an end; whether it ends with RST.
    mutating func run() -> Bool {
        var open: Set<FaultProxy.Direction> = [.toServer, .toClient]
        var buffer = [UInt8](repeating: 0, count: 16_384)
        do {
            while !open.isEmpty {
                var polls = FaultProxy.Direction.allCases.map { direction in
                    pollfd(
                        fd: open.contains(direction) ? source(of: direction) : -1,
                        events: Int16(POLLIN),
                        revents: 0
                    )
                }
                guard poll(&polls, nfds_t(polls.count), -1) > 0 || errno == EINTR else { return false }
                for (direction, state) in zip(FaultProxy.Direction.allCases, polls) where state.revents != 0 {
                    let size = read(source(of: direction), &buffer, buffer.count)
                    if isGone() { isBlack = true }
                    if size > 0 {
                        if !isBlack { try pass(buffer[..<size], direction) }
                        continue
                    }
                    if size < 0, errno == EINTR { continue }
                    // Who waits before a black hole learns of no end; it ends when the client gives up.
                    if isBlack {
                        if direction == .toServer { return true }
                    } else {
                        shutdown(sink(of: direction), Int32(SHUT_WR))
                    }
                    open.remove(direction)
                }
            }
            return false
        } catch { return (error as? End) == .reset }
    }

    private func source(of direction: FaultProxy.Direction) -> Int32 { direction == .toServer ? client : server }
    private func sink(of direction: FaultProxy.Direction) -> Int32 { direction == .toServer ? server : client }

    private mutating func hit() {
        guard !isHit else { return }
        isHit = true
        count { $0.hits += 1 }
    }

    private mutating func pass(_ bytes: ArraySlice<UInt8>, _ direction: FaultProxy.Direction) throws {
        let before = passed[direction, default: 0]
        passed[direction] = before + bytes.count
        switch fault {
        case .cut(direction, let after, let reset) where before + bytes.count > after:
            try write(bytes.prefix(max(0, after - before)), direction)
            hit()
            throw reset ? End.reset : End.quiet
        case .flip(direction, let place) where (before..<before + bytes.count).contains(place):
            var changed = bytes
            changed[bytes.startIndex + place - before] ^= 0x10
            hit()
            try write(changed, direction)
        case .blackHole(let after) where direction == .toServer && before + bytes.count > after:
            try write(bytes.prefix(max(0, after - before)), direction)
            isBlack = true
            hit()
        case .slices:
            hit()
            for index in bytes.indices { try write(bytes[index...index], direction) }
        case .latency(let milliseconds):
            hit()
            poll(nil, 0, Int32(milliseconds))
            try write(bytes, direction)
        case .rate(let perSecond):
            hit()
            for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 1_024) {
                let piece = bytes[start..<min(start + 1_024, bytes.endIndex)]
                try write(piece, direction)
                poll(nil, 0, Int32(piece.count * 1_000 / perSecond))
            }
        default: try write(bytes, direction)
        }
    }

    private func write(_ bytes: ArraySlice<UInt8>, _ direction: FaultProxy.Direction) throws {
        count { traffic in
            if direction == .toServer { traffic.toServer += bytes.count } else { traffic.toClient += bytes.count }
        }
        var rest = bytes
        while !rest.isEmpty {
            let size = rest.withUnsafeBytes { send(sink(of: direction), $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if size < 0, errno == EINTR { continue }
            guard size > 0 else { throw End.quiet }
            rest = rest.dropFirst(size)
        }
    }
}
