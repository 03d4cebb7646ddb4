public import ExchangeModel
import Glibc
public import OutboundTransport

/// How notifications leave the gateway, besides its log.
public struct NotificationSettings: Sendable {
    /// Electronic mail.
    public struct Mail: Sendable {
        /// Who takes it.
        public var server: MailServer
        /// Whom it is from.
        public var from: MailAddress

        /// Takes both.
        public init(server: MailServer, from: MailAddress) {
            self.server = server
            self.from = from
        }
    }

    /// The absolute path of an executable that is given each notification as JSON.
    public var command: String?
    /// How long it may take.
    public var commandLimit: Duration
    /// Electronic mail to the addresses that people chose.
    public var mail: Mail?

    /// Takes all fields.
    public init(command: String? = nil, commandLimit: Duration = .seconds(30), mail: Mail? = nil) {
        self.command = command
        self.commandLimit = commandLimit
        self.mail = mail
    }

    /// Checks that everything can be used.
    ///
    /// - Throws: `notification.settings`, `mail.settings`.
    public func check() throws(ExchangeError) {
        if let command { try Self.check(command: command) }
        if let mail { try mail.server.check() }
    }

    private static func check(command: String) throws(ExchangeError) {
        func refuse(_ reason: String) -> ExchangeError { ExchangeError(.notificationSettings, reason) }
        guard command.utf8.first == UInt8(ascii: "/") else {
            throw refuse("The command for notifications is no absolute path")
        }
        var status = stat()
        guard stat(command, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(command, X_OK) == 0 else {
            throw refuse("The command for notifications is no file that can be executed")
        }
        guard status.st_mode & S_IWOTH == 0 else {
            throw refuse("The command for notifications can be changed by everybody on this machine")
        }
    }
}
