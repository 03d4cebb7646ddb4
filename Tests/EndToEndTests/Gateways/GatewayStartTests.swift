import Foundation
import Glibc
import ProgramHarness
import Testing

extension GatewayTests {
    /// What keeps a gateway from serving.
    @Suite("Starting")
    struct Starting {
        /// Runs a gateway that must refuse by itself.
        private func refusal(_ site: GatewaySite, _ more: [String] = []) async throws -> (status: Int32, said: String) {
            let run = try GatewayRun(site.serving + more)
            let status = try await run.end()
            return (status, run.messages)
        }

        @Test("A second process on one data directory is refused, and the first serves on")
        func second() async throws {
            let pair = try await GatewayPair.copy()
            let run = try await pair.kz.start()
            let second = try await refusal(pair.kz)
            #expect(second.status == 78 && second.said.contains("[data.in_use]"), "\(second)")
            let migration = try await Program.run([OurPrograms.rogatory, "migrate", "--data", pair.kz.data])
            #expect(migration.status != 0 && migration.errorText.contains("[data.in_use]"), "\(migration)")
            try await pair.kz.here(["whoami"])
            #expect(try await run.stop() == 0)
        }

        @Test("Another store key, none, or one that others may read is refused")
        func storeKey() async throws {
            let pair = try await GatewayPair.copy()
            let key = pair.kz.data + "/store.key"
            let foreign = try await refusal(pair.kz, ["--set", "storeKey=" + pair.kg.data + "/store.key"])
            #expect(foreign.status == 78 && foreign.said.contains("[store.wrong_key]"), "\(foreign)")
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
            let open = try await refusal(pair.kz)
            #expect(open.status == 78 && open.said.contains("[store.key_unusable]"), "\(open)")
            try FileManager.default.removeItem(atPath: key)
            let none = try await refusal(pair.kz)
            #expect(none.status == 78 && none.said.contains("[store.key_unusable]"), "\(none)")
        }

        @Test("A database of a newer version, and one of another program, are refused")
        func newer() async throws {
            let pair = try await GatewayPair.copy()
            try await python("INSERT INTO schema_migration VALUES (999, 'later', 'x')", on: pair.kz)
            let newer = try await refusal(pair.kz)
            #expect(newer.status == 78 && newer.said.contains("[store.newer]"), "\(newer)")
            try await python("CREATE TABLE stray (x)", on: pair.kg)
            let foreign = try await refusal(pair.kg)
            #expect(foreign.status == 78 && foreign.said.contains("[store.foreign_schema]"), "\(foreign)")
        }

        private func python(_ statement: String, on site: GatewaySite) async throws {
            try await Program.require([
                "/usr/bin/python3", "-c",
                """
                import sqlite3, sys
                with sqlite3.connect(sys.argv[1]) as database: database.execute(sys.argv[2])
                """,
                site.data + "/gateway.db", statement,
            ])
        }

        @Test("A database file that was cut, or of which bytes were changed, crashes nothing")
        func hostile() async throws {
            let pair = try await GatewayPair.copy()
            let path = pair.kz.data + "/gateway.db"
            let good = try Data(contentsOf: URL(fileURLWithPath: path))
            try #require(good.count > 40_000)
            var samples: [(what: String, bytes: Data, mustRefuse: Bool)] = [
                ("cut to nothing", Data(), true), ("cut in the header", good.prefix(50), true),
                ("cut after a page", good.prefix(4_096), true),
                ("cut in the middle", good.prefix(good.count / 2), true),
                ("another file", Data(repeating: 0x41, count: good.count), true),
            ]
            for offset in [3, 16, 24, 100, 105] + stride(from: 4_097, to: good.count, by: good.count / 9) {
                var bytes = good
                for place in offset..<min(offset + 8, bytes.count) { bytes[place] ^= 0xff }
                samples.append(("changed at \(offset)", bytes, false))
            }
            for sample in samples {
                for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
                try sample.bytes.write(to: URL(fileURLWithPath: path))
                let run = try GatewayRun(pair.kz.serving)
                if await run.says("The gateway is up") {
                    #expect(!sample.mustRefuse, "\(sample.what) was taken")
                    let status = try await run.stop()
                    // A gateway that was only about to serve is ended by our signal itself.
                    #expect(
                        status < 128 || status == 128 + SIGTERM,
                        "\(sample.what): ended with \(status): \(run.messages)"
                    )
                } else {
                    let status = try await run.end()
                    let isPlain = (1..<128).contains(status) && run.messages.contains("[store.")
                    #expect(isPlain, "\(sample.what): ended with \(status): \(run.messages)")
                }
            }
        }

        @Test("Without keys the local socket answers and readiness says no")
        func noKeys() async throws {
            let world = try await DemoWorld.shared()
            let site = try await GatewaySite.fresh(world.kz)
            let run = try await site.start(hasKeys: false)
            let socket = ["curl", "-s", "--unix-socket", site.data + "/gateway.sock", "-w", " %{http_code}"]
            let alive = try await Program.run(socket + ["http://localhost/healthz"])
            #expect(alive.text == "ok\n 200", "\(alive)")
            let ready = try await Program.run(socket + ["http://localhost/readyz"])
            #expect(ready.text == "not ready\n 503", "\(ready)")
            let metrics = try await Program.run(socket + ["http://localhost/metrics"])
            #expect(metrics.text.hasSuffix(" 200"), "\(metrics)")
            try await site.here(["whoami"])
            let status = try await Program.run([OurPrograms.rogatory, "status", "--data", site.data])
            #expect(status.status == 1 && status.text.contains("WRONG"), "\(status)")
            for port in [site.peersPort, site.officersPort] {
                let closed = try await Program.run(["curl", "-sk", "https://127.0.0.1:\(port)/"])
                #expect(closed.status == 7, "\(closed)")
            }
            #expect(try await run.stop() == 0, "\(run.messages)")
        }

        @Test("Local treaty profiles are read at the start; a bad file is named and stops it")
        func profiles() async throws {
            let pair = try await GatewayPair.copy()
            let directory = pair.kz.home + "/profiles"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            func write(_ text: String, _ name: String) throws {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            }
            let known = #""text":"As agreed","confidence":"verified","source":"Gazette""#
            let parties = ["KZ", "KG"].map { #"{"state":"\#($0)","confidence":"verified","source":"Gazette"}"# }
            let good = """
                {"id":"kz-kg-2024","name":"Agreement","shortName":"Agreement 2024","kind":"bilateralTreaty",\
                "purpose":"legalAssistance","status":{"value":"inForce",\(known)},\
                "parties":[\(parties.joined(separator: ","))],"requestTypes":[],\
                "languages":{\(known),"accepted":["ru"]},"channel":{\(known)},"contents":[],"limits":[],\
                "grounds":[],"urgent":{"available":null,"oral":null,\(known)}}
                """
            try write(good, "good.json")
            try write("not read", "notes.txt")
            try pair.kz.write(["profiles": directory])
            let checked = ["check-config", "--config", pair.kz.home + "/gateway.json"]
            try await Program.require([OurPrograms.rogatory] + checked)
            try await Program.require([OurPrograms.rogatory, "treaty", "check", directory + "/good.json"])
            let run = try await pair.kz.start()
            let shown = try await pair.kz.ask("officer", ["treaty", "show", "kz-kg-2024"])
            #expect(shown["shortName"] == "Agreement 2024")
            #expect(try await run.stop() == 0)
            try write(good.replacing("kz-kg-2024", with: "cis-minsk-1993"), "twice.json")
            try write("{", "broken.json")
            let refused = try await Program.run([OurPrograms.rogatory] + checked)
            #expect(refused.status == 78 && refused.errorText.contains("broken.json"), "\(refused)")
            let served = try await refusal(pair.kz)
            #expect(served.status == 78 && served.said.contains("broken.json"), "\(served)")
            try FileManager.default.removeItem(atPath: directory + "/broken.json")
            let double = try await refusal(pair.kz)
            #expect(double.status == 78 && double.said.contains("cis-minsk-1993"), "\(double)")
        }

        @Test("A configuration with faults is refused with every one of them")
        func configuration() async throws {
            let pair = try await GatewayPair.copy()
            try pair.kz.write([
                "peers": ["port": 70_000], "trust": "/nowhere", "colour": "blue",
                "exchange": ["quotas": "KG-GPO=4096,KG-GPO=1"],
            ])
            let checked = try await Program.run([
                OurPrograms.rogatory, "check-config", "--config", pair.kz.home + "/gateway.json",
            ])
            #expect(checked.status == 78 && checked.errorText.contains("[configuration.invalid]"), "\(checked)")
            for fault in ["peers.port", "/nowhere", "colour", "exchange.quotas"] {
                #expect(checked.errorText.contains(fault), "\(checked)")
            }
            let served = try await refusal(pair.kz)
            #expect(served.status == 78 && served.said.contains("[configuration.invalid]"), "\(served)")
        }
    }
}
