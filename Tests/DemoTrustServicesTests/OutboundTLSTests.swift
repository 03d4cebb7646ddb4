import ExchangeModel
import Foundation
import OutboundTransport
import Testing

/// The outbound client against `openssl s_server` with a certificate of the minted PKI.
@Suite struct OutboundTLSTests {
    private func withServer(
        _ options: [String],
        _ pki: MintedPKI,
        address: String = "127.0.0.1",
        _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            [
                "openssl", "s_server", "-accept", "\(address):0", "-www", "-cert", "parties/KZ-GPO/tls.crt", "-key",
                "parties/KZ-GPO/tls.key", "-cert_chain", "ca/kz-issuing.crt",
            ] + options
        process.currentDirectoryURL = URL(fileURLWithPath: pki.directory)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        defer {
            // Not SIGTERM: a program started from a thread of the task pool inherits that thread's signal mask.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        // "ACCEPT 127.0.0.1:PORT" comes once the port is bound.
        var said = ""
        while !said.contains("ACCEPT") || !said.hasSuffix("\n") {
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { break }
            said += String(decoding: bytes, as: UTF8.self)
        }
        let line = said.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
        try await body(try #require(line?.split(separator: ":").last.flatMap { Int($0) }))
    }

    private func code(_ url: String, anchors: String?) async -> ErrorCode? {
        do throws(ExchangeError) {
            let response = try await OutboundClient.fetchOnOwnThread(
                OutboundRequest(.get, url: url, anchorsFile: anchors)
            )
            return response.status == 200 ? nil : .transportStatus
        } catch {
            return error.code
        }
    }

    @Test func aServerIsTrustedOnlyUnderTheGivenAnchorsAndItsName() async throws {
        let pki = try await MintedPKI.shared()
        let root = pki.directory + "/ca/root.crt"
        try await withServer([], pki) { port in
            #expect(await code("https://127.0.0.1:\(port)/", anchors: root) == nil)
            #expect(await code("https://localhost:\(port)/", anchors: root) == nil)
            #expect(await code("https://127.0.0.1:\(port)/", anchors: nil) == .transportTLS)
            let other = pki.directory + "/parties/KG-GPO/tls.crt"
            #expect(await code("https://127.0.0.1:\(port)/", anchors: other) == .transportTLS)
            #expect(await code("https://127.0.0.1:\(port)/", anchors: root + ".missing") == .transportTLS)
        }
        // The same certificate at a loopback address that it does not name.
        try await withServer([], pki, address: "127.0.0.2") { port in
            #expect(await code("https://127.0.0.2:\(port)/", anchors: root) == .transportTLS)
        }
    }

    @Test(arguments: [("-tls1_2", true), ("-tls1_3", true), ("-tls1_1", false), ("-tls1", false)])
    func versionsBeforeTLS12AreRefused(_ option: String, _ works: Bool) async throws {
        let pki = try await MintedPKI.shared()
        try await withServer([option, "-cipher", "ALL:@SECLEVEL=0"], pki) { port in
            let root = pki.directory + "/ca/root.crt"
            #expect(await code("https://127.0.0.1:\(port)/", anchors: root) == (works ? nil : .transportTLS))
        }
    }
}
