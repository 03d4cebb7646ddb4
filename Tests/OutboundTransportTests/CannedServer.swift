import Glibc

/// A TCP server on loopback that answers every connection with the same bytes, or never.
final class CannedServer: Sendable {
    let port: Int
    private let listener: Int32

    /// With `nil` the kernel accepts connections and nobody ever answers them.
    init(answer: [UInt8]?) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard bound else { throw POSIXFailure(number: errno) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        guard let answer else { return }
        var thread = pthread_t()
        let job = Unmanaged.passRetained(Job(listener: listener, answer: answer))
        pthread_create(&thread, nil, Job.run, job.toOpaque())
        pthread_detach(thread)
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    var url: String { "http://127.0.0.1:\(port)/" }

    struct POSIXFailure: Error {
        let number: Int32
    }

    private final class Job: Sendable {
        let listener: Int32
        let answer: [UInt8]

        init(listener: Int32, answer: [UInt8]) {
            self.listener = listener
            self.answer = answer
        }

        static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context else { return nil }
            let job = Unmanaged<Job>.fromOpaque(context).takeRetainedValue()
            while true {
                let client = accept(job.listener, nil, nil)
                guard client >= 0 else { return nil }
                job.serve(client)
                close(client)
            }
        }

        private func serve(_ client: Int32) {
            // Reads the request's header so that closing does not reset the connection; other protocols get the
            // answer at once.
            var seen: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            repeat {
                let count = read(client, &buffer, buffer.count)
                guard count > 0 else { return }
                seen += buffer[..<count]
            } while seen.starts(with: Array("GET".utf8)) && !seen.suffix(4).elementsEqual([13, 10, 13, 10])
            var sent = 0
            while sent < answer.count {
                let count = answer[sent...].withUnsafeBytes {
                    send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }
}

/// A loopback port on which nothing listens.
func refusedPort() throws -> Int {
    let server = try CannedServer(answer: nil)
    return server.port
}
