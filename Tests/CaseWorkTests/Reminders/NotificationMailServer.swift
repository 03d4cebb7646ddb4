import BundleExchange
import ExchangeModel
import Foundation

/// aiosmtpd, a mail server of others; with `defer` it takes no recipient now, with `refuse` none for good.
final class NotificationMailServer {
    let port: Int
    private let process: Process
    private let output: FileHandle
    private let tally: String

    struct Mail: Decodable {
        let sender: String
        let recipients: [String]
        let subject: String
        let body: String
        let messageID: String
    }

    init(_ words: String...) throws {
        tally = FileManager.default.temporaryDirectory.path + "/rogatory-mail-\(UUID().uuidString)"
        let pipe = Pipe()
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-W", "ignore", "-c", Self.script, tally] + words
        process.standardOutput = pipe
        process.standardInput = FileHandle.nullDevice
        output = pipe.fileHandleForReading
        try process.run()
        guard let port = Int(Self.line(from: output)) else {
            throw ExchangeError(.notFound, "The mail server did not start; Debian calls it python3-aiosmtpd")
        }
        self.port = port
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: tally)
    }

    /// The next mail that it was handed.
    func mail() throws -> Mail { try JSONDecoder().decode(Mail.self, from: Data(Self.line(from: output).utf8)) }

    /// How many it was handed so far.
    var count: Int { (FileManager.default.contents(atPath: tally) ?? Data()).count }

    private static func line(from output: FileHandle) -> String {
        var line: [UInt8] = []
        while let byte = try? output.read(upToCount: 1)?.first, byte != 0x0a { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    private static let script = #"""
        import asyncio, email, email.policy, json, sys
        from aiosmtpd.smtp import SMTP
        tally, *words = sys.argv[1:]

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if 'defer' in words: return '450 4.2.1 try again later'
                if 'refuse' in words: return '550 5.1.1 no such user'
                envelope.rcpt_tos.append(address)
                return '250 2.1.5 good'

            async def handle_DATA(self, server, session, envelope):
                mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
                with open(tally, 'a') as file: file.write('x')
                print(json.dumps({'sender': envelope.mail_from, 'recipients': envelope.rcpt_tos,
                    'subject': mail['Subject'], 'body': mail.get_content(), 'messageID': mail['Message-ID']}), flush=True)
                return '250 2.0.0 taken'

        async def main():
            listener = await asyncio.get_running_loop().create_server(
                lambda: SMTP(Handler(), hostname='mail.example'), '127.0.0.1', 0)
            print(listener.sockets[0].getsockname()[1], flush=True)
            await listener.serve_forever()

        asyncio.run(main())
        """#
}
