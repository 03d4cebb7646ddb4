import DemoTrustServices
import ExchangeModel
import Foundation
import ProgramHarness
import Testing

extension GatewayTests {
    /// Who is let in at both ports of a running gateway.
    @Suite("Admission")
    struct Admission {
        /// What curl came back with: the status, or 0 when there was no answer.
        private func ask(_ url: String, _ certificate: String?, _ key: String?, _ site: GatewaySite) async throws -> Int
        {
            var words = [
                "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", site.world.trust + "/../ca/root.crt",
            ]
            if let certificate, let key { words += ["--cert", certificate, "--key", key] }
            return Int(try await Program.run(words + [url]).text) ?? -1
        }

        @Test("No certificate, one for another purpose, an unregistered, a revoked one: refused at both ports")
        func refused() async throws {
            let pair = try await GatewayPair.copy()
            let (kz, kg) = (pair.kz, pair.kg)
            // A chain as it is presented: the certificate and its issuing authority.
            let room = try Room()
            func chain(_ path: String, _ site: GatewaySite) throws -> String {
                let bytes =
                    try Data(contentsOf: URL(fileURLWithPath: path))
                    + Data(contentsOf: URL(fileURLWithPath: site.party.issuingAuthority))
                return try room.write(UUID().uuidString + ".crt", bytes)
            }
            try DemoPKI.revoke(
                "parties/KG-GPO/people/administrator-1-sign-in.crt",
                in: kg.world.pki,
                now: ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
            )
            try await pair.running { _, _ in
                let peers = "https://localhost:\(kz.peersPort)/exchange/v1/capabilities"
                let tls = try chain(kg.certificate("tls.crt"), kg)
                let known = try await ask(peers, tls, kg.certificate("tls.key"), kz)
                #expect(known == 200, "\(known)")
                #expect(try await ask(peers, nil, nil, kz) == 0)
                let officer = try chain(kg.certificate("people/officer-sign-in.crt"), kg)
                #expect(try await ask(peers, officer, kg.certificate("people/officer-sign-in.key"), kz) == 0)
                let seal = try chain(kg.certificate("seal.crt"), kg)
                #expect(try await ask(peers, seal, kg.certificate("seal.key"), kz) == 0)
                let agency = try chain(kg.certificate("agencies/KG-MVD/tls.crt"), kg)
                #expect([0, 403].contains(try await ask(peers, agency, kg.certificate("agencies/KG-MVD/tls.key"), kz)))

                let people = "https://localhost:\(kg.officersPort)/api/v1/me"
                #expect(try await ask(people, officer, kg.certificate("people/officer-sign-in.key"), kg) == 200)
                #expect(try await ask(people, nil, nil, kg) == 401)
                #expect(try await ask(people, tls, kg.certificate("tls.key"), kg) == 0)
                let foreign = try chain(kz.certificate("people/officer-sign-in.crt"), kz)
                #expect(
                    [401, 403].contains(
                        try await ask(people, foreign, kz.certificate("people/officer-sign-in.key"), kg)
                    )
                )
                let revoked = try chain(kg.certificate("people/administrator-1-sign-in.crt"), kg)
                let code = try await ask(people, revoked, kg.certificate("people/administrator-1-sign-in.key"), kg)
                #expect([401, 403, 422].contains(code), "\(code)")
                // Each person has what the roles give and no more.
                let denied = try await kg.act("officer", ["log", "show"])
                #expect(denied.status == 1 && denied.errorText.contains("[access.denied]"), "\(denied)")
                let reading = try await kg.act("administrator-2", ["evidence", "list"])
                #expect(reading.status == 1 && reading.errorText.contains("[access.denied]"), "\(reading)")
                let own = try await kg.act("administrator-2", ["person", "list"])
                #expect(own.status == 0, "\(own)")
            }
        }

        @Test("An administrator's own proposal cannot be confirmed by the same person or over the socket")
        func fourEyes() async throws {
            let pair = try await GatewayPair.copy()
            let run = try await pair.kz.start()
            let change = try await pair.kz.ask("administrator-1", ["authority", "add", "kz-afm", "AFM"])
            let id = try #require(change["id"])
            let own = try await pair.kz.act("administrator-1", ["change", "confirm", id])
            #expect(own.status == 1, "\(own)")
            let socket = try await Program.run([OurPrograms.rogatory, "change", "confirm", id, "--data", pair.kz.data])
            #expect(socket.status == 1, "\(socket)")
            try await pair.kz.must("administrator-2", ["change", "confirm", id])
            #expect(try await run.stop() == 0)
        }
    }
}
