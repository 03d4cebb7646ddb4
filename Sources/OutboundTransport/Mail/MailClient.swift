public import ExchangeModel
public import TrustCrypto

/// The server that takes our mail.
public struct MailServer: Sendable {
    /// How the connection is protected.
    public enum Security: String, CaseIterable, Sendable {
        /// Not at all; only for a server on this machine, and never with a password.
        case none
        /// By `STARTTLS` (RFC 3207); without it nothing is sent.
        case startTLS
        /// By TLS from the first byte (RFC 8314).
        case implicitTLS

        /// The usual port.
        public var usualPort: Int {
            switch self {
            case .none: 25
            case .startTLS: 587
            case .implicitTLS: 465
            }
        }
    }

    /// The host's name or address.
    public var host: String
    /// The port.
    public var port: Int
    /// How the connection is protected.
    public var security: Security
    /// Who signs in, if somebody has to.
    public var username: String?
    /// The password; it goes to the server only over TLS.
    public var password: SecretBytes?
    /// PEM file of the only TLS anchors to accept, instead of the system's.
    public var caFile: String?
    /// What we call ourselves to the server (`EHLO`); the machine's own name without a value.
    public var ownName: String?

    /// Takes a server; the port is the usual one of the protection without a value.
    public init(
        host: String,
        port: Int? = nil,
        security: Security,
        username: String? = nil,
        password: SecretBytes? = nil,
        caFile: String? = nil,
        ownName: String? = nil
    ) {
        self.host = host
        self.port = port ?? security.usualPort
        self.security = security
        self.username = username
        self.password = password
        self.caFile = caFile
        self.ownName = ownName
    }

    /// Checks that the settings fit together.
    ///
    /// - Throws: `mail.settings`.
    public func check() throws(ExchangeError) {
        func refuse(_ reason: String) -> ExchangeError { ExchangeError(.mailSettings, reason) }
        let host = Substring(host.contains(":") ? "[\(host)]" : host)
        guard MailText.isHost(host.utf8), (1...65_535).contains(port) else {
            throw refuse("The mail server is not a host name or address with a port")
        }
        if let ownName, !MailText.isHost(Substring(ownName).utf8) {
            throw refuse("The own name for the mail server is not a host name")
        }
        guard (username == nil) == (password == nil) else {
            throw refuse("A user name for the mail server needs a password, and a password a user name")
        }
        guard username == nil || security != .none else {
            throw refuse("A password is never sent to a mail server without TLS")
        }
        if let username, !(1...255).contains(username.utf8.count) || username.utf8.contains(where: { $0 < 0x20 }) {
            throw refuse("The user name for the mail server is empty, too long or holds a control character")
        }
    }
}

/// Hands mail to a server (RFC 5321) over libcurl: one connection for each mail, which every recipient gets or none.
public enum MailClient {
    /// Sends a mail on a thread of its own and suspends until the server has taken it or the task is cancelled.
    ///
    /// - Parameters:
    ///   - message: The mail.
    ///   - server: Who takes it.
    ///   - connectTimeout: The time until the connection must stand.
    ///   - totalTimeout: The time until the mail is taken; a server that then does not say goodbye adds as much again, 30
    ///     seconds at most. No single reply may take longer than 30 seconds.
    /// - Throws: `mail.settings`, `mail.unreachable`, `mail.timeout`, `mail.tls`, `mail.login`, `mail.deferred`,
    ///   `mail.refused`, `mail.answer`, `transport.cancelled`, `transport.internal`. Of what the server says only the
    ///   status codes stand in the error, because a server may repeat what it was told.
    public static func send(
        _ message: MailMessage,
        server: MailServer,
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration = .seconds(60)
    ) async throws(ExchangeError) {
        try server.check()
        let exchange = try Exchange()
        let result = await withTaskCancellationHandler {
            await OwnThread.run { () throws(ExchangeError) in
                try MailTransfer(message, server, connectTimeout, totalTimeout).run(on: exchange)
            }
        } onCancel: {
            exchange.cancel()
        }
        try result.get()
    }
}
