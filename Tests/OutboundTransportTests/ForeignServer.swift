import Foundation

/// A TLS server in Python, which does what its mode says with every connection.
///
/// | mode | what it does |
/// |---|---|
/// | `echo` | answers every request with what it saw, as JSON, and keeps the connection |
/// | `close` | the same, but ends the connection after each answer |
/// | `cut` | announces 1000 bytes, sends 10, and closes |
/// | `stall` | announces 1000 bytes, sends 10, and waits |
/// | `mute` | takes the connection and never says anything |
/// | `problem` | answers with status 409 and problem details |
/// | `late` | answers with a clock an hour ahead |
final class ForeignServer {
    let port: Int
    private let process: Process

    var url: String { "https://localhost:\(port)/" }

    init(_ pki: ServerPKI, _ mode: String, as holder: ServerPKI.Holder? = nil, _ options: [String] = []) throws {
        let holder = holder ?? pki.server
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["python3", "-c", Self.script, mode, holder.chainFile, holder.keyFile, pki.rootFile] + options
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var line = ""
        while !line.hasSuffix("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            line += String(decoding: bytes, as: UTF8.self)
        }
        guard let port = Int(line.dropLast()) else { throw CannedServer.POSIXFailure(number: 0) }
        self.port = port
    }

    deinit {
        // Not SIGTERM: a program started from a thread of the task pool inherits that thread's signal mask.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    private static let script = #"""
        import hashlib, json, socket, ssl, sys, threading
        mode, chain, key, root, *options = sys.argv[1:]
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.load_verify_locations(root)
        context.verify_mode = ssl.CERT_REQUIRED if 'verify' in options else ssl.CERT_OPTIONAL
        if 'tls12' in options: context.maximum_version = ssl.TLSVersion.TLSv1_2
        listener = socket.create_server(('127.0.0.1', 0))
        print(listener.getsockname()[1], flush=True)
        held = []

        def head(status, *fields, length):
            lines = ['HTTP/1.1 ' + status, *fields, 'Content-Length: %d' % length, '', '']
            return '\r\n'.join(lines).encode()

        def serve(raw, number):
            if mode == 'mute':
                held.append(raw)
                return
            stream = context.wrap_socket(raw, server_side=True, do_handshake_on_connect=False)
            try: stream.do_handshake()
            except ssl.SSLError:
                # Closing with bytes unread would reset the connection before the client has seen the alert.
                socket.socket.shutdown(stream, socket.SHUT_WR)
                while socket.socket.recv(stream, 65536): pass
                stream.close()
                return
            lines = stream.makefile('rb')
            asked = 0
            while first := lines.readline():
                method, path, _ = first.decode().split()
                fields = {}
                while (line := lines.readline()) not in (b'\r\n', b''):
                    name, value = line.decode().rstrip('\r\n').split(':', 1)
                    fields[name.lower()] = value.strip()
                digest = hashlib.sha256()
                left = int(fields.get('content-length', 0))
                while left > 0 and (part := lines.read(min(left, 65536))):
                    digest.update(part)
                    left -= len(part)
                asked += 1
                if mode in ('cut', 'stall'):
                    stream.sendall(head('200 OK', length=1000) + b'0123456789')
                    if mode == 'stall': lines.read(1)
                    raw = stream.detach()
                    socket.socket(fileno=raw).close()
                    return
                peer = stream.getpeercert() or {}
                names = dict(pair[0] for pair in peer.get('subject', ()))
                if mode == 'problem':
                    body = json.dumps({'title': 'Conflict', 'status': 409, 'detail': 'The bundle is \u202ecome\n already',
                        'code': 'exchange.again', 'hint': 'ask for its state', 'deep': 1}).encode()
                    stream.sendall(head('409 Conflict', 'Content-Type: application/problem+json; charset=utf-8',
                        length=len(body)) + body)
                    continue
                body = json.dumps({'method': method, 'path': path, 'fields': fields, 'sha256': digest.hexdigest(),
                    'peer': names.get('commonName', ''), 'tls': stream.version(), 'reused': stream.session_reused,
                    'connection': number, 'asked': asked}).encode()
                date = 'Date: Fri, 01 Jan 2100 01:00:00 GMT' if mode == 'late' else 'X-Other: b'
                stream.sendall(head('200 OK', 'Content-Type: application/json', 'X-Twice: a', 'X-Twice: b', date,
                    length=len(body)) + (b'' if method == 'HEAD' else body))
                if mode == 'close':
                    stream.close()
                    return

        def quietly(raw, number):
            try: serve(raw, number)
            except OSError: raw.close()

        number = 0
        while True:
            raw, _ = listener.accept()
            number += 1
            threading.Thread(target=quietly, args=(raw, number), daemon=True).start()
        """#
}

/// What the server in `echo` mode says it saw.
struct Seen: Decodable {
    let method: String
    let path: String
    let fields: [String: String]
    let sha256: String
    let peer: String
    let tls: String
    let reused: Bool
    let connection: Int
    let asked: Int

    init(_ body: [UInt8]) throws { self = try JSONDecoder().decode(Seen.self, from: Data(body)) }
}
