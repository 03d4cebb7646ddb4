import Foundation
import Glibc
import ProgramHarness

/// nginx with the same certificates and the same TLS as a gateway's listener for partners: what receives files by `PUT`
/// and serves them today. Needs the Debian package `nginx-light` and `curl`.
final class NginxPeer {
    /// The one cipher suite that both sides are held to, which is what our listener and libcurl agree on.
    static let suite = "TLS_AES_256_GCM_SHA384"

    /// Where files arrive and are served from.
    let root: String
    private let site: GatewaySite
    private let client: GatewaySite
    private let port: Int
    private let process: Process

    /// Starts it as the partner `site`, to which `client` speaks.
    init(of site: GatewaySite, for client: GatewaySite, in directory: String) async throws {
        guard ChildProcess.exists("nginx"), ChildProcess.exists("curl") else {
            throw BenchmarkFailure("nginx and curl are needed: apt-get install nginx-light curl")
        }
        self.site = site
        self.client = client
        root = directory + "/files"
        port = try Self.freePort()
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let chain = try Self.text(site.certificate("tls.crt")) + Self.text(site.party.issuingAuthority)
        try Data(chain.utf8).write(to: URL(fileURLWithPath: directory + "/server.crt"))
        let anchors =
            try Self.text(site.world.pki + "/ca/root.crt") + Self.text(client.party.issuingAuthority)
            + Self.text(site.party.issuingAuthority)
        try Data(anchors.utf8).write(to: URL(fileURLWithPath: directory + "/anchors.crt"))
        let own = try Self.text(client.certificate("tls.crt")) + Self.text(client.party.issuingAuthority)
        try Data(own.utf8).write(to: URL(fileURLWithPath: directory + "/client.crt"))
        clientCertificate = directory + "/client.crt"
        anchorsFile = directory + "/anchors.crt"
        let configuration = directory + "/nginx.conf"
        try Data(Self.configuration(directory, root, port, key: site.certificate("tls.key")).utf8)
            .write(to: URL(fileURLWithPath: configuration))
        process = try ChildProcess.start(["nginx", "-p", directory, "-c", configuration])
        for _ in 0..<500 where process.isRunning {
            if Self.answers(port) { return }
            usleep(10_000)
        }
        process.terminate()
        throw BenchmarkFailure("nginx did not start: \((try? Self.text(directory + "/error.log")) ?? "no log")")
    }

    /// Ends it.
    func close() {
        process.terminate()
        process.waitUntilExit()
    }

    deinit { if process.isRunning { process.terminate() } }

    private let clientCertificate: String
    private let anchorsFile: String

    /// Its address.
    var url: String { "https://localhost:\(port)" }

    /// The words of `curl` that speak to it, or to our own gateway of the same party, with the client's certificate.
    var curl: [String] {
        [
            "curl", "-sS", "--fail", "--http1.1", "--tlsv1.3", "--tls13-ciphers", Self.suite, "--cacert", anchorsFile,
            "--cert", clientCertificate, "--key", client.certificate("tls.key"), "-H", "Expect:",
        ]
    }

    /// Receives a file and digests it, as a shell command.
    func receiving(_ file: String, as name: String) -> [String] {
        let send = (curl + ["-T", file, url + "/" + name]).joined(separator: " ")
        return ["sh", "-c", "\(send) && openssl dgst -sha256 \(root)/\(name)"]
    }

    /// The largest resident memory of its processes so far, in bytes.
    var peakBytes: Int64 {
        let children =
            (try? Self.text("/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children")) ?? ""
        let all = [process.processIdentifier] + children.split(separator: " ").compactMap { Int32($0) }
        return all.map { (try? ProcessFacts.peak($0)) ?? 0 }.max() ?? 0
    }

    private static func configuration(_ directory: String, _ root: String, _ port: Int, key: String) -> String {
        """
        daemon off;
        \(getuid() == 0 ? "user root;" : "")
        worker_processes auto;
        pid \(directory)/nginx.pid;
        error_log \(directory)/error.log warn;
        events { worker_connections 256; }
        http {
            access_log off;
            sendfile on;
            client_max_body_size 0;
            client_body_buffer_size 256k;
            client_body_temp_path \(directory)/body;
            proxy_temp_path \(directory)/t1; fastcgi_temp_path \(directory)/t2;
            uwsgi_temp_path \(directory)/t3; scgi_temp_path \(directory)/t4;
            server {
                listen 127.0.0.1:\(port) ssl;
                root \(root);
                ssl_certificate \(directory)/server.crt;
                ssl_certificate_key \(key);
                ssl_client_certificate \(directory)/anchors.crt;
                ssl_verify_client on;
                ssl_verify_depth 4;
                ssl_protocols TLSv1.3;
                ssl_conf_command Ciphersuites \(suite);
                location / { dav_methods PUT; create_full_put_path on; }
            }
        }
        """
    }

    private static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { Glibc.close(listener) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw BenchmarkFailure("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func answers(_ port: Int) -> Bool {
        let caller = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { Glibc.close(caller) }
        var address = loopback(UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(caller, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        return address
    }
}

/// What the system says of a process.
enum ProcessFacts {
    /// The largest resident memory so far, in bytes.
    static func peak(_ process: Int32) throws -> Int64 {
        let lines = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8).split(separator: "\n")
        let words = lines.first { $0.hasPrefix("VmHWM:") }?.split(whereSeparator: \.isWhitespace) ?? []
        guard words.count > 1, let kilobytes = Int64(words[1]) else {
            throw BenchmarkFailure("the system does not say what memory process \(process) used")
        }
        return kilobytes * 1024
    }

    /// Seconds of processor time so far, user and system.
    static func processorSeconds(_ process: Int32) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
        // The name in brackets can hold anything; the fields count from behind it.
        let words = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else {
            throw BenchmarkFailure("the system does not say what time process \(process) used")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
