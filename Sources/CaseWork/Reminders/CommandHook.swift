import CLinux
import ExchangeModel
import Glibc

/// Runs a command of the operator's with a text on its standard input.
///
/// The command gets no environment but a plain `PATH`, no file of the gateway's, and nowhere to write to: what it says
/// goes nowhere, because it may repeat what it was told.
struct CommandHook: Sendable {
    let path: String
    let limit: Duration
    private static let pause = Duration.milliseconds(20)

    /// Runs it and waits for its end; kills it with all that it started when it takes too long or the task is cancelled.
    ///
    /// - Throws: `notification.command_unusable`, `notification.command_failed`, `notification.command_timeout`,
    ///   `CancellationError`.
    func run(_ input: [UInt8]) async throws {
        let process = try start(input)
        let begun = ContinuousClock.now
        while true {
            if let status = Self.status(of: process) { return try Self.judge(status) }
            let isLate = ContinuousClock.now - begun >= limit
            if isLate || Task.isCancelled {
                // The group is the command's own.
                kill(-process, SIGKILL)
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                guard isLate else { throw CancellationError() }
                throw ExchangeError(
                    .notificationCommandTimeout,
                    "The command for notifications did not end within \(limit.components.seconds) seconds"
                )
            }
            try? await Task.sleep(for: Self.pause)
        }
    }

    /// The status it ended with; `nil` while it runs.
    private static func status(of process: pid_t) -> Int32? {
        var status: Int32 = 0
        let ended = waitpid(process, &status, WNOHANG)
        // Without a child there is nothing left to wait for; how it ended is then not known.
        if ended < 0, errno != EINTR { return 0x7f00 }
        return ended == process ? status : nil
    }

    private static func judge(_ status: Int32) throws(ExchangeError) {
        guard status != 0 else { return }
        // The low seven bits are the signal that ended it, the next eight its exit status (wait(2)).
        let signal = status & 0x7f
        throw ExchangeError(
            .notificationCommandFailed,
            signal == 0
                ? "The command for notifications ended with status \(status >> 8 & 0xff)"
                : "The command for notifications was ended by signal \(signal)"
        )
    }

    private func start(_ input: [UInt8]) throws(ExchangeError) -> pid_t {
        func unusable(_ number: Int32) -> ExchangeError {
            ExchangeError(
                .notificationCommandUnusable,
                "The command for notifications could not be started",
                details: [String(cString: strerror(number))]
            )
        }
        // A file in memory takes input of any length, whether the command reads it or not.
        let file = memfd_create("notification", shim_MFD_CLOEXEC)
        guard file >= 0 else { throw unusable(errno) }
        defer { close(file) }
        var written = 0
        while written < input.count {
            let count = input[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw unusable(errno) }
            written += count
        }
        guard lseek(file, 0, SEEK_SET) == 0 else { throw unusable(errno) }

        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&actions) == 0 else { throw unusable(ENOMEM) }
        defer { posix_spawn_file_actions_destroy(&actions) }
        guard posix_spawnattr_init(&attributes) == 0 else { throw unusable(ENOMEM) }
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        let steps = [
            posix_spawn_file_actions_adddup2(&actions, file, 0),
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0),
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
        let words = [strdup(path), nil]
        let environment = [strdup("PATH=/usr/local/bin:/usr/bin:/bin"), nil]
        defer { for text in words + environment { free(text) } }
        let result = posix_spawn(&process, path, &actions, &attributes, words, environment)
        guard result == 0 else { throw unusable(result) }
        return process
    }
}
