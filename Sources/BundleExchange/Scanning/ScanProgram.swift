import CLinux
import EvidencePackaging
import ExchangeModel
import Glibc

/// Runs the operator's program once, with a file's bytes on its standard input.
///
/// It gets no environment but a plain `PATH`, no file of the gateway's and no name of the item. The bytes go through a pipe,
/// so memory does not grow with them.
struct ScanProgram {
    /// How it ended.
    struct Ending {
        /// The exit status; `nil` when a signal or the gateway ended it.
        let status: Int32?
        /// The beginning of what it wrote.
        let output: [UInt8]
        /// Whether it was given every byte before it ended.
        let hasReadAll: Bool
        let isLate: Bool
    }

    private static let block = 1 << 18
    private static let mostOutput = 4_096

    let settings: ScannerSettings

    /// Gives it the bytes and waits for its end; kills it with all that it started when it takes too long.
    ///
    /// - Throws: `scan.failed` when it cannot be started, `work.interrupted`, and what reading the source throws.
    func run(over source: any ByteSource) throws -> Ending {
        // A program that ends early must not end the gateway.
        var pipeSignal = sigset_t()
        var before = sigset_t()
        sigemptyset(&pipeSignal)
        sigaddset(&pipeSignal, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
        defer {
            var none = timespec()
            while sigtimedwait(&pipeSignal, nil, &none) > 0 {}
            pthread_sigmask(SIG_SETMASK, &before, nil)
        }
        var child = try start()
        defer { child.close() }
        do {
            return try feed(source, to: &child)
        } catch {
            child.kill()
            throw error
        }
    }

    // MARK: Feeding

    private func feed(_ source: any ByteSource, to child: inout Child) throws -> Ending {
        let begun = ContinuousClock.now
        let limit = Duration.seconds(settings.seconds)
        var output: [UInt8] = []
        var pending: ArraySlice<UInt8> = []
        var offset: Int64 = 0
        var status: Int32?
        while true {
            try Interruption.check()
            guard ContinuousClock.now - begun < limit else {
                child.kill()
                return Ending(status: nil, output: output, hasReadAll: false, isLate: true)
            }
            if child.input >= 0, pending.isEmpty {
                if offset >= source.size {
                    child.closeInput()
                } else {
                    let count = Int(min(Int64(Self.block), source.size - offset))
                    var bytes = [UInt8](repeating: 0, count: count)
                    try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: offset) }
                    offset += Int64(count)
                    pending = bytes[...]
                }
            }
            var polled = [
                pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
                pollfd(fd: child.input, events: Int16(POLLOUT), revents: 0),
            ]
            _ = poll(&polled, 2, 100)
            if child.output >= 0, polled[0].revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 4_096)
                let count = read(child.output, &buffer, buffer.count)
                if count > 0 {
                    // The rest is read and dropped, so that it does not block on a full pipe.
                    output += buffer.prefix(count).prefix(max(0, Self.mostOutput - output.count))
                } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                    child.closeOutput()
                }
            }
            if child.input >= 0, polled[1].revents != 0 {
                let count = pending.withUnsafeBytes { write(child.input, $0.baseAddress, $0.count) }
                if count > 0 {
                    pending = pending.dropFirst(count)
                } else if errno != EAGAIN, errno != EINTR {
                    child.closeInput()
                }
            }
            status = status ?? child.ended()
            // What it started may hold the pipe open; its own end is what counts.
            if let status, child.output < 0 || polled[0].revents == 0 {
                let hasReadAll = offset >= source.size && pending.isEmpty
                return Ending(
                    status: status & 0x7f == 0 ? status >> 8 & 0xff : nil,
                    output: output,
                    hasReadAll: hasReadAll,
                    isLate: false
                )
            }
            if child.input < 0, child.output < 0, status == nil { usleep(20_000) }
        }
    }

    // MARK: Starting

    /// The running program with the ends of its pipes that are here.
    private struct Child {
        let process: pid_t
        private(set) var input: Int32
        private(set) var output: Int32
        private var isReaped = false

        init(process: pid_t, input: Int32, output: Int32) {
            self.process = process
            self.input = input
            self.output = output
        }

        mutating func closeInput() {
            if input >= 0 { Glibc.close(input) }
            input = -1
        }

        mutating func closeOutput() {
            if output >= 0 { Glibc.close(output) }
            output = -1
        }

        /// The wait status, once it has ended.
        mutating func ended() -> Int32? {
            var status: Int32 = 0
            guard !isReaped, waitpid(process, &status, WNOHANG) == process else { return nil }
            isReaped = true
            return status
        }

        /// Ends it with all that it started.
        mutating func kill() {
            guard !isReaped else { return }
            Glibc.kill(-process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            isReaped = true
        }

        mutating func close() {
            closeInput()
            closeOutput()
            kill()
        }
    }

    private func start() throws -> Child {
        func unusable(_ number: Int32) -> ExchangeError {
            ExchangeError(
                .scanFailed,
                "The scanner could not be started",
                details: [settings.command, String(cString: strerror(number))]
            )
        }
        var (toChild, fromChild): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe2(&toChild, O_CLOEXEC) == 0 else { throw unusable(errno) }
        guard pipe2(&fromChild, O_CLOEXEC) == 0 else {
            let number = errno
            for end in toChild { close(end) }
            throw unusable(number)
        }
        var isStarted = false
        defer {
            close(toChild[0])
            close(fromChild[1])
            if !isStarted {
                close(toChild[1])
                close(fromChild[0])
            }
        }
        for end in [toChild[1], fromChild[0]] {
            guard fcntl(end, F_SETFL, O_NONBLOCK) == 0 else { throw unusable(errno) }
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { throw unusable(ENOMEM) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard posix_spawnattr_init(&attributes) == 0 else { throw unusable(ENOMEM) }
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        let steps = [
            posix_spawn_file_actions_adddup2(&actions, toChild[0], 0),
            posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1),
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0),
            posix_spawn_file_actions_addclosefrom_np(&actions, 3),
            posix_spawn_file_actions_addchdir_np(&actions, "/"),
            posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags)),
            posix_spawnattr_setpgroup(&attributes, 0),
            posix_spawnattr_setsigmask(&attributes, &none),
            posix_spawnattr_setsigdefault(&attributes, &all),
        ]
        if let failed = steps.first(where: { $0 != 0 }) { throw unusable(failed) }
        var process: pid_t = 0
        let words = [strdup(settings.command), nil]
        let environment = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), nil]
        defer { for text in words + environment { free(text) } }
        let result = posix_spawn(&process, settings.command, &actions, &attributes, words, environment)
        guard result == 0 else { throw unusable(result) }
        isStarted = true
        return Child(process: process, input: toChild[1], output: fromChild[0])
    }
}
