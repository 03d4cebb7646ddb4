import Foundation
import Glibc
import ProgramHarness
import Synchronization
import Testing

/// Other people's scanners against gateways that run, with their verdicts as they write them.
@Suite("Scans", .serialized)
struct ScanTests {
    /// The program, in the folder of the first python3 that has it beside itself, or in the search path.
    private static func tool(_ name: String) async throws -> String {
        let found = try await Program.run(["sh", "-c", "command -v \(name)"])
        guard found.status == 0 else {
            throw HarnessError("\(name) is not in the search path; Deploy/test puts it there")
        }
        return found.text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// A chain as it is presented: the certificate and its issuing authority.
    private static func chain(_ name: String, _ site: GatewaySite, in room: Room) throws -> String {
        let bytes =
            try Data(contentsOf: URL(fileURLWithPath: site.certificate(name + ".crt")))
            + Data(contentsOf: URL(fileURLWithPath: site.party.issuingAuthority))
        return try room.write(name.replacingOccurrences(of: "/", with: "-") + ".pem", bytes)
    }

    // MARK: - TLS

    @Test("sslyze finds TLS 1.3 alone, with a client's certificate required, and nothing else")
    func sslyze() async throws {
        let program = try await Self.tool("sslyze")
        try await Lanes.shared.with { lane in
            let pair = try await lane.released.duplicate()
            let room = try Room()
            let run = try await pair.kg.start()
            let scanned = try await room.run([
                program, "--quiet", "--json_out", room.path + "/scan.json", "--sslv2", "--sslv3", "--tlsv1",
                "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--heartbleed", "--openssl_ccs", "--robot", "--compression",
                "--reneg", "--early_data", "--fallback", "--resum", "--elliptic_curves",
                "127.0.0.1:\(pair.kg.peersPort)",
            ])
            let text = try room.bytes("scan.json")
            let root = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any], "\(scanned)")
            let server = try #require((root["server_scan_results"] as? [[String: Any]])?.first)
            try #require(server["scan_status"] as? String == "COMPLETED", "\(scanned)")
            let found = try #require(server["connectivity_result"] as? [String: Any])
            #expect(found["highest_tls_version_supported"] as? String == "TLS_1_3")
            #expect(found["client_auth_requirement"] as? String == "REQUIRED")
            let results = try #require(server["scan_result"] as? [String: Any])
            func result(_ name: String) -> [String: Any] {
                ((results[name] as? [String: Any])?["result"] as? [String: Any]) ?? [:]
            }
            for version in ["ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1", "tls_1_2"] {
                let suites = result(version + "_cipher_suites")["accepted_cipher_suites"] as? [Any]
                #expect(suites?.isEmpty == true, "\(version)")
            }
            let suites = (result("tls_1_3_cipher_suites")["accepted_cipher_suites"] as? [[String: Any]] ?? [])
                .compactMap { ($0["cipher_suite"] as? [String: Any])?["name"] as? String }
            #expect(
                Set(suites).isSubset(of: [
                    "TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256",
                ]) && !suites.isEmpty,
                "\(suites)"
            )
            let expected: [(String, String, NSObject)] = [
                ("heartbleed", "is_vulnerable_to_heartbleed", false as NSNumber),
                ("openssl_ccs_injection", "is_vulnerable_to_ccs_injection", false as NSNumber),
                ("tls_compression", "supports_compression", false as NSNumber),
                ("session_renegotiation", "is_vulnerable_to_client_renegotiation_dos", false as NSNumber),
                ("robot", "robot_result", "NOT_VULNERABLE_RSA_NOT_SUPPORTED" as NSString),
            ]
            for (scan, name, value) in expected {
                #expect((result(scan)[name] as? NSObject) == value, "\(scan): \(result(scan))")
            }
            print("sslyze: \(suites.joined(separator: ", "))")
            #expect(try await run.stop() == 0)
        }
    }

    // MARK: - Slow clients

    @Test("Slow headers, slow bodies and slow readers at 500 connections, while a partner's exchange goes through")
    func slow() async throws {
        try await Lanes.shared.with { lane in
            let pair = try await lane.released.duplicate()
            let room = try Room()
            // An agency of the attacked gateway: its certificate is registered, and it is not the partner.
            var runs = [try await pair.kz.start(), try await pair.kg.start()]
            try await pair.kg.change([
                "agency", "add", "kg-mvd", "The ministry", "--party", pair.kg.party.id,
                "--certificate", pair.kg.certificate("agencies/KG-MVD/tls.crt"),
            ])
            let port = try FaultProxy(to: 0)
            port.stop()
            let tunnel = try GatewayRun([
                "stunnel4",
                try room.write(
                    "stunnel.conf",
                    """
                    foreground = yes
                    pid =
                    socket = l:TCP_NODELAY=1
                    [attack]
                    client = yes
                    accept = 127.0.0.1:\(port.port)
                    connect = 127.0.0.1:\(pair.kg.peersPort)
                    local = 127.0.0.2
                    cert = \(try Self.chain("agencies/KG-MVD/tls", pair.kg, in: room))
                    key = \(pair.kg.certificate("agencies/KG-MVD/tls.key"))
                    sslVersionMin = TLSv1.3

                    """
                ),
            ])
            let url = "http://127.0.0.1:\(port.port)/exchange/v1/bundles"
            let seconds = Campaign.isLong ? "120" : "12"
            // Through the tunnel somebody is let in: it is the attacker's certificate that is held to its limits.
            var answer = ""
            for _ in 0..<200 where !answer.hasPrefix("2") {
                answer = try await Program.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", url]).text
                if !answer.hasPrefix("2") { try await Task.sleep(for: .milliseconds(25)) }
            }
            #expect(answer == "200", "\(answer): \(tunnel.messages)")
            let exchange = try SiteExchange(pair)
            let common = ["-c", "500", "-r", "200", "-l", seconds, "-u", url, "-p", "3"]
            let modes = [
                ["-H", "-i", "3"], ["-B", "-i", "3", "-s", "8192"],
                ["-X", "-i", "3", "-w", "1", "-y", "64", "-n", "3", "-z", "8", "-k", "3"],
            ]
            let first = try modes.map { try Program(["slowhttptest"] + $0 + common, in: room.path) }
            // A wave ends early when the gateway has closed all its connections: another follows on its heels.
            let later = ["sh", "-c", "sleep 6; exec slowhttptest \"$@\"", "slowhttptest"]
            let second = try modes.map { try Program(later + $0 + common, in: room.path) }
            try await Task.sleep(for: .seconds(3))
            let clock = ContinuousClock()
            let start = clock.now
            runs = try await exchange.complete(runs, seconds: 60) { _, run, _ in
                guard run.isRunning else { throw HarnessError("a gateway ended: \(run.messages)") }
                return nil
            }
            let took = clock.now - start
            let stillAttacked = modes.indices.allSatisfy { mode in
                kill(first[mode].identifier, 0) == 0
                    || took > .seconds(4) && kill(second[mode].identifier, 0) == 0
            }
            #expect(stillAttacked, "the exchange took \(took) and outlasted the attack")
            for attack in first + second { attack.send(SIGINT) }
            for attack in first + second { _ = try attack.wait() }
            // It waits for its connections otherwise.
            tunnel.send(SIGKILL)
            _ = try await tunnel.end()
            let faults = try await exchange.faults()
            #expect(faults.isEmpty)
            for mode in ["headers", "body", "read"] {
                FaultTable.note("slowhttptest: slow \(mode), 500 connections", "the exchange took \(took)", losses: 0)
            }
            for run in runs { #expect(try await run.stop() == 0, "\(run.messages.suffix(2_000))") }
        }
    }

    // MARK: - Documents

    @Test("schemathesis: no 5xx but 503 and 507", arguments: ["officer-api", "exchange-api"])
    func schemathesis(_ document: String) async throws {
        let program = try await Self.tool("schemathesis")
        try await Lanes.shared.with { lane in
            let pair = try await lane.released.duplicate()
            let room = try Room()
            let runs = [try await pair.kz.start(), try await pair.kg.start()]
            let isOfficers = document == "officer-api"
            let (site, holder) = isOfficers ? (pair.kg, pair.kg) : (pair.kg, pair.kz)
            let port = isOfficers ? site.officersPort : site.peersPort
            let schema = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../Schemas/\(document).openapi.json").standardizedFileURL.path
            try room.write(
                "schemathesis.toml",
                "[checks]\nnot_a_server_error.expected-statuses = [\"2xx\", \"3xx\", \"4xx\", 503, 507]\n"
            )
            // Bodies that are no JSON go as the bytes that were made up.
            let hooks = try room.write(
                "bodies.py",
                """
                from schemathesis.transport.requests import REQUESTS_TRANSPORT
                from schemathesis.transport.serialization import serialize_binary

                @REQUESTS_TRANSPORT.serializer("application/pkcs7-mime", "application/pkcs7-signature",
                                               "application/vnd.etsi.asic-e+zip", "text/csv")
                def raw(ctx, value):
                    return {"data": serialize_binary(value)}

                """
            )
            for person in isOfficers ? ["officer", "administrator-1", "auditor"] : ["gateway"] {
                let name = isOfficers ? "people/\(person)-sign-in" : "tls"
                let scanned = try await room.run([
                    "env", "SCHEMATHESIS_HOOKS=" + hooks, program, "run", schema, "--url",
                    "https://localhost:\(port)\(isOfficers ? "/api/v1" : "/exchange/v1")", "--tls-verify",
                    site.world.pki + "/ca/root.crt", "--request-cert", try Self.chain(name, holder, in: room),
                    "--request-cert-key", holder.certificate(name + ".key"), "--checks", "not_a_server_error",
                    "--phases", "fuzzing", "--max-examples", Campaign.isLong ? "200" : "2", "--no-shrink",
                    "--seed", "1", "--workers", "4", "--suppress-health-check", "all", "--generation-database", "none",
                    "--warnings", "off", "--continue-on-failure", "--no-color",
                    "--request-timeout", "20",
                ])
                #expect(scanned.status == 0, "\(person): \(scanned.text.suffix(6_000)) \(scanned.errorText)")
                let cases = scanned.text.split(separator: "\n").filter {
                    $0.contains("generated") || $0.contains("Operations")
                }
                print("schemathesis \(document) as \(person): \(cases.joined(separator: "; "))")
            }
            for run in runs {
                #expect(run.isRunning, "\(run.messages.suffix(2_000))")
                #expect(try await run.stop() == 0)
            }
        }
    }
}
