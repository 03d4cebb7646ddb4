import DemoTrustServices
import ExchangeModel
import Foundation
import OutboundTransport
import Testing
import TrustCrypto

/// Runs the services on a free loopback port for the length of the body.
func serving(
    _ pki: MintedPKI,
    _ body: @escaping @Sendable (_ base: String) async throws -> Void
) async throws {
    let (ports, started) = AsyncStream.makeStream(of: Int.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { started.finish() }
            try await DemoTrustService.run(directory: pki.directory, port: 0) { started.yield($0) }
        }
        for await port in ports {
            try await body("http://127.0.0.1:\(port)")
            break
        }
        group.cancelAll()
        try await group.waitForAll()
    }
}

@Suite struct DemoTrustServiceTests {
    private func fetch(_ url: String) async throws -> OutboundResponse {
        try await OutboundClient.fetchOnOwnThread(OutboundRequest(.get, url: url, allowsPlainHTTP: true))
    }

    @Test(arguments: ["/tsa", "/tsa-rsa"], ["sha256", "sha384", "sha512"])
    func opensslVerifiesATimestampThatCurlFetched(_ path: String, _ digest: String) async throws {
        let pki = try await MintedPKI.shared()
        let work = try Tooling.temporaryDirectory()
        try "what is dated".write(toFile: work + "/data", atomically: false, encoding: .utf8)
        try await serving(pki) { base in
            for words in [
                ["openssl", "ts", "-query", "-data", "data", "-\(digest)", "-cert", "-out", "query.tsq"],
                [
                    "curl", "-sS", "--fail", "--noproxy", "*", "-H", "Content-Type: application/timestamp-query",
                    "--data-binary", "@query.tsq", "-o", "reply.tsr", base + path,
                ],
            ] {
                let outcome = try await Tooling.run(words, in: work)
                #expect(outcome.status == 0, "\(outcome.output)")
            }
        }
        let verify = [
            "openssl", "ts", "-verify", "-queryfile", "query.tsq", "-in", "reply.tsr", "-CAfile",
            pki.directory + "/trust/timestamping/anchors/root.crt", "-untrusted",
            pki.directory + "/trust/intermediates/tsa-issuing.crt",
        ]
        let good = try await Tooling.run(verify, in: work)
        #expect(good.status == 0 && good.output.contains("Verification: OK"), "\(good.output)")
        let text = try await Tooling.run(["openssl", "ts", "-reply", "-in", "reply.tsr", "-text"], in: work)
        #expect(text.output.contains("Policy OID: \(DemoTrustService.timestampPolicy)"), "\(text.output)")
        try "what is not".write(toFile: work + "/data", atomically: false, encoding: .utf8)
        let other = verify.map { $0 == "-queryfile" ? "-data" : $0 == "query.tsq" ? "data" : $0 }
        #expect(try await Tooling.run(other, in: work).status != 0)
    }

    @Test func serialNumbersOfTimestampsDiffer() async throws {
        let pki = try await MintedPKI.shared()
        let work = try Tooling.temporaryDirectory()
        try "x".write(toFile: work + "/data", atomically: false, encoding: .utf8)
        let query = try await Tooling.run(
            ["openssl", "ts", "-query", "-data", "data", "-sha256", "-out", "query.tsq"],
            in: work
        )
        #expect(query.status == 0)
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: work + "/query.tsq")))
        try await serving(pki) { base in
            var seen: Set<Substring> = []
            for index in 0..<5 {
                let reply = try await OutboundClient.fetchOnOwnThread(
                    OutboundRequest(
                        .post,
                        url: base + "/tsa",
                        body: bytes,
                        contentType: "application/timestamp-query",
                        allowsPlainHTTP: true
                    )
                )
                try Data(reply.body).write(to: URL(fileURLWithPath: work + "/\(index).tsr"))
                let text = try await Tooling.run(["openssl", "ts", "-reply", "-in", "\(index).tsr", "-text"], in: work)
                let line = text.output.split(separator: "\n").first { $0.hasPrefix("Serial number") }
                seen.insert(try #require(line))
            }
            #expect(seen.count == 5)
        }
    }

    @Test(arguments: [
        ("parties/KZ-GPO/seal.crt", "good"), ("parties/KG-GPO/people/officer-signature.crt", "good"),
        ("tsa/tsa-rsa.crt", "good"), ("hostile/KZ-GPO/revoked-officer.crt", "revoked"),
        ("hostile/KG-GPO/revoked-seal.crt", "revoked"),
    ])
    func opensslUnderstandsTheOCSPResponder(_ path: String, _ status: String) async throws {
        let pki = try await MintedPKI.shared()
        let issuer = try pki.issuer(of: path)
        try await serving(pki) { base in
            let outcome = try await Tooling.run(
                [
                    "openssl", "ocsp", "-issuer", "ca/\(issuer).crt", "-sha256", "-cert", path, "-url",
                    "\(base)/ocsp/\(issuer)",
                    "-CAfile", "ca/root.crt", "-verify_other", "ca/\(issuer).crt",
                ],
                in: pki.directory
            )
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.contains("Response verify OK"), "\(outcome.output)")
            #expect(outcome.output.contains("\(path): \(status)"), "\(outcome.output)")
        }
    }

    @Test func aResponderDoesNotKnowAnotherAuthoritysCertificates() async throws {
        let pki = try await MintedPKI.shared()
        try await serving(pki) { base in
            let outcome = try await Tooling.run(
                [
                    "openssl", "ocsp", "-issuer", "ca/kz-issuing.crt", "-serial", "0x1234", "-url",
                    "\(base)/ocsp/kz-issuing", "-CAfile", "ca/root.crt", "-verify_other", "ca/kz-issuing.crt",
                ],
                in: pki.directory
            )
            #expect(outcome.output.contains("0x1234: unknown"), "\(outcome.output)")
        }
    }

    @Test func theOCSPResponderAnswersGET() async throws {
        let pki = try await MintedPKI.shared()
        let certificate = try pki.certificate("parties/KZ-GPO/seal.crt")
        let issuer = try pki.certificate("ca/kz-issuing.crt")
        let query = try OCSPQuery(certificate: certificate, issuer: issuer)
        let encoded = Data(query.der).base64EncodedString()
            .replacingOccurrences(of: "+", with: "%2B").replacingOccurrences(of: "/", with: "%2F")
            .replacingOccurrences(of: "=", with: "%3d")
        let root = try pki.certificate("ca/root.crt")
        let list = try RevocationList(der: Array(pki.bytes("crl/root.crl")))
        try await serving(pki) { base in
            let reply = try await fetch("\(base)/ocsp/kz-issuing/\(encoded)")
            #expect(reply.contentType == "application/ocsp-response")
            let trust = TrustStore(anchors: [root], intermediates: [issuer], revocationLists: [list])
            let answer = try query.check(reply.body, now: MintedPKI.now(), trust: trust)
            #expect(answer.status == .good)
            // Base64 that cannot be read is a malformed request (RFC 6960 §2.3), not a fault of the server.
            let refused = try await fetch("\(base)/ocsp/kz-issuing/%zz")
            #expect(refused.body == [0x30, 0x03, 0x0a, 0x01, 0x01])
        }
    }

    @Test func listsAndPagesAreServed() async throws {
        let pki = try await MintedPKI.shared()
        try await serving(pki) { base in
            for name in ["root", "kz-issuing", "kg-issuing", "tsa-issuing"] {
                let reply = try await fetch("\(base)/crl/\(name).crl")
                #expect(reply.contentType == "application/pkix-crl")
                #expect(try reply.body == Array(pki.bytes("crl/\(name).crl")))
            }
            let page = try await fetch(base + "/")
            #expect(page.contentType == "text/html; charset=utf-8")
            #expect(try page.body == Array(pki.bytes("index.html")))
            let profiles = try await fetch(base + "/profiles.json")
            #expect(try page.body.count > 0 && profiles.body == Array(pki.bytes("profiles.json")))
            for path in ["/ca/root.key", "/crl/../ca/root.key", "/crl/root.key", "/../ca/root.key", "/ocsp/root"] {
                await #expect(throws: ExchangeError(.transportStatus, "")) { try await fetch(base + path) }
            }
        }
    }

    @Test func aListOlderThanADayIsIssuedAnew() async throws {
        let pki = try await MintedPKI.shared().copy()
        let now = MintedPKI.now()
        // Two days ago everything was minted; revoking issues the lists of that time.
        try DemoPKI.revoke("parties/KZ-GPO/tls.crt", in: pki.directory, now: now.adding(seconds: -2 * 86_400))
        let old = try RevocationList(der: Array(pki.bytes("crl/kz-issuing.crl")))
        try await serving(pki) { base in
            let new = try RevocationList(der: try await fetch(base + "/crl/kz-issuing.crl").body)
            #expect(new.thisUpdate >= now)
            #expect(new.count == old.count)
            #expect(try Array(pki.bytes("trust/crls/kz-issuing.crl")) == new.der)
            let same = try RevocationList(der: try await fetch(base + "/crl/kz-issuing.crl").body)
            #expect(same == new)
        }
    }

    @Test func aRevocationIsSeenByARunningResponder() async throws {
        let pki = try await MintedPKI.shared().copy()
        try await serving(pki) { base in
            let words = [
                "openssl", "ocsp", "-issuer", "ca/kg-issuing.crt", "-cert", "parties/KG-GPO/seal.crt", "-url",
                "\(base)/ocsp/kg-issuing", "-CAfile", "ca/root.crt", "-verify_other", "ca/kg-issuing.crt",
            ]
            let before = try await Tooling.run(words, in: pki.directory)
            #expect(before.output.contains("seal.crt: good"), "\(before.output)")
            try DemoPKI.revoke("parties/KG-GPO/seal.crt", in: pki.directory, now: MintedPKI.now())
            let after = try await Tooling.run(words, in: pki.directory)
            #expect(after.output.contains("seal.crt: revoked"), "\(after.output)")
        }
    }

    @Test func requestsThatMakeNoSenseAreAnsweredOrRefused() async throws {
        let pki = try await MintedPKI.shared()
        try await serving(pki) { base in
            func post(_ path: String, _ body: [UInt8], _ type: String) async throws -> OutboundResponse {
                try await OutboundClient.fetchOnOwnThread(
                    OutboundRequest(
                        .post,
                        url: base + path,
                        body: body,
                        contentType: type,
                        allowsPlainHTTP: true,
                        acceptedStatuses: 200...599
                    )
                )
            }
            let junk = Array("junk".utf8)
            #expect(try await post("/tsa", junk, "application/timestamp-query").status == 200)
            let wrongType = try await post("/tsa", junk, "text/plain")
            #expect(wrongType.status == 415)
            let long = try await post("/tsa", Array(repeating: 0, count: 65_537), "application/timestamp-query")
            #expect(long.status == 413)
            let malformed = try await post("/ocsp/kz-issuing", junk, "application/ocsp-request")
            #expect(malformed.body == [0x30, 0x03, 0x0a, 0x01, 0x01])
            let unknown = try await post("/ocsp/nobody", junk, "application/ocsp-request")
            #expect(unknown.status == 404)
        }
    }

    @Test func aDirectoryWithoutAPKIIsNotServed() async throws {
        let directory = try Tooling.temporaryDirectory()
        await #expect(throws: ExchangeError(.demoDirectory, "")) {
            try await DemoTrustService.run(directory: directory, port: 0)
        }
    }
}
