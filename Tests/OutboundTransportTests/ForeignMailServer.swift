import Foundation
import OutboundTransport
import TrustCrypto

/// aiosmtpd, Debian's SMTP server in Python, with what it was handed as Python's own parser reads it.
///
/// | word | what it means |
/// |---|---|
/// | `starttls` | `STARTTLS` and then a login are demanded |
/// | `implicit` | TLS from the first byte, and a login |
/// | `defer` | refuses every recipient for now |
/// | `unknown` | refuses the recipient `nobody@…` for good |
/// | `spam` | refuses the text for good |
/// | `echo` | repeats the password in its refusal of a login |
/// | `hang` | never answers the text |
/// | `busy` | greets with 421 |
/// | `drop` | breaks off after the text |
final class ForeignMailServer {
    static let user = "gateway"
    static let secret = "correct horse battery"

    let port: Int
    private let process: Process
    private let output: FileHandle

    init(_ words: String..., as holder: ServerPKI.Holder? = nil) throws {
        let pki = try ServerPKI.shared.get()
        let holder = holder ?? pki.server
        let pipe = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments =
            ["-W", "ignore", "-c", Self.script, holder.chainFile, holder.keyFile, Self.user, Self.secret] + words
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        output = pipe.fileHandleForReading
        try process.run()
        guard let port = Int(Self.line(from: output)) else { throw CannedServer.POSIXFailure(number: 0) }
        self.port = port
    }

    deinit {
        // Not SIGTERM: a program started from a thread of the task pool inherits that thread's signal mask.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What the server was handed, in the order it came.
    struct Mail: Decodable {
        let sender: String
        let recipients: [String]
        let isSecret: Bool
        let login: String?
        let from: [[String]]
        let to: [[String]]
        let subject: String
        let body: String
        let date: String
        let messageID: String
        let longestLine: Int
        let defects: [String]
        let size: Int
    }

    func mail() throws -> Mail { try JSONDecoder().decode(Mail.self, from: Data(Self.line(from: output).utf8)) }

    func server(
        _ security: MailServer.Security,
        host: String = "localhost",
        password: String? = ForeignMailServer.secret
    ) throws -> MailServer {
        MailServer(
            host: host,
            port: port,
            security: security,
            username: security == .none || password == nil ? nil : Self.user,
            password: security == .none ? nil : try password.map(Self.secret),
            caFile: try ServerPKI.shared.get().rootFile,
            ownName: "gateway.example"
        )
    }

    static func secret(_ text: String) throws -> SecretBytes {
        try Array(text.utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    private static func line(from output: FileHandle) -> String {
        var line: [UInt8] = []
        while let byte = try? output.read(upToCount: 1)?.first, byte != 0x0a { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    private static let script = #"""
        import asyncio, email, email.policy, email.utils, json, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
        chain, key, user, secret, *words = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        encrypts = 'starttls' in words or 'implicit' in words

        def authenticate(server, session, envelope, mechanism, data):
            good = data == LoginPassword(user.encode(), secret.encode())
            said = '535 5.7.8 wrong: ' + data.password.decode() if 'echo' in words else None
            return AuthResult(success=good, handled=False, message=said, auth_data=data if good else None)

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if 'defer' in words: return '450 4.2.1 try again later'
                if 'unknown' in words and address.startswith('nobody@'): return '550 5.1.1 no such user'
                envelope.rcpt_tos.append(address)
                return '250 2.1.5 good'

            async def handle_DATA(self, server, session, envelope):
                if 'spam' in words: return '554 5.7.1 looks like spam'
                if 'hang' in words: await asyncio.sleep(3600)
                if 'drop' in words:
                    server.transport.abort()
                    return '250 never sent'
                data = envelope.original_content
                mail = email.message_from_bytes(data, policy=email.policy.default)
                addresses = lambda name: [[a.display_name, a.addr_spec] for a in mail[name].addresses]
                print(json.dumps({
                    'sender': envelope.mail_from, 'recipients': envelope.rcpt_tos, 'isSecret': server.transport.get_extra_info('sslcontext') is not None,
                    'login': session.auth_data.login.decode() if session.authenticated else None,
                    'from': addresses('From'), 'to': addresses('To'), 'subject': mail['Subject'],
                    'body': mail.get_content(), 'date': mail['Date'].datetime.isoformat(),
                    'messageID': mail['Message-ID'], 'size': len(data),
                    'longestLine': max(len(line) for line in data.split(b'\r\n')),
                    'defects': [str(d) for d in mail.defects]
                        + [str(d) for name in mail.keys() for d in mail[name].defects]
                        + ['not ASCII' for b in data if b > 126][:1]
                        + ['bare line end' for part in data.split(b'\r\n') if b'\r' in part or b'\n' in part][:1],
                }), flush=True)
                return '250 2.0.0 taken'

        class Busy(asyncio.Protocol):
            def connection_made(self, transport):
                transport.write(b'421 4.3.2 too busy\r\n')
                transport.close()

        def server():
            if 'busy' in words: return Busy()
            return SMTP(Handler(), hostname='mail.example', authenticator=authenticate, auth_required=encrypts,
                tls_context=context if 'starttls' in words else None, require_starttls='starttls' in words,
                auth_require_tls='starttls' in words)

        async def main():
            listener = await asyncio.get_running_loop().create_server(server, '127.0.0.1', 0,
                ssl=context if 'implicit' in words else None)
            print(listener.sockets[0].getsockname()[1], flush=True)
            await listener.serve_forever()

        asyncio.run(main())
        """#
}
