import Foundation
import Glibc

/// A TCP socket in the hands of a test.
final class RawClient: Sendable {
    struct POSIXFailure: Error {
        let number: Int32
    }

    private let descriptor: Int32

    init(port: Int, receiveBuffer: Int32? = nil) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { throw POSIXFailure(number: errno) }
    }

    deinit { close(descriptor) }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    /// Sends everything, or as much as the other side takes before it closes, on a thread where that may block.
    func send(_ bytes: [UInt8]) async { await onThread { self.sendBlocking(bytes) } }

    private func sendBlocking(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until the other side closes, on a thread where that may block.
    func readToEnd() async -> String {
        await onThread { self.read { _ in false } }
    }

    /// Reads until the text is there, or the other side closes.
    func read(until text: String) async -> String {
        await onThread { self.read { $0.contains(text) } }
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            // A thread of its own: queues are slow to add threads where many block.
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }

    private func read(_ isEnough: (String) -> Bool) -> String {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            answer += buffer[..<count]
            if isEnough(String(decoding: answer, as: UTF8.self)) { break }
        }
        return String(decoding: answer, as: UTF8.self)
    }
}

/// Sends bytes to a loopback port and reads until the other side closes.
func exchangeBytes(port: Int, _ text: String) async throws -> String {
    let client = try RawClient(port: port)
    await client.send(text)
    return await client.readToEnd()
}
