import Foundation
import ProgramHarness
import Testing

extension GatewayTests {
    /// An agency fetches evidence that only it can open, by hand and by our program.
    @Suite("A partner's walk")
    struct PartnerWalk {
        private static let agency = "KG-MVD"

        @Test("The commands of the partner's guide, and then our own, fetch, prove, open and receipt")
        func walk() async throws {
            let pair = try await GatewayPair.copy()
            let (kz, kg) = (pair.kz, pair.kg)
            let room = try Room()
            let evidence = try room.write("disk.img", size: 3_000_000)
            let home = kg.certificate("agencies/\(Self.agency)")
            let certificates = ["tls", "encryption", "receipt"].flatMap { ["--certificate", "\(home)/\($0).crt"] }
            try await pair.running { _, _ in
                for site in pair.both {
                    try await site.change(
                        ["agency", "add", Self.agency, "Ministry", "--party", kg.party.id] + certificates
                    )
                }
                let bundle = try await Self.send(evidence, from: kz, to: kg)
                try await Self.byHand(room, kg, home, evidence)
                let received = try await Self.waiting(for: bundle, kz, state: "opened")
                let receipts = received.items("receipts").filter { $0["agency"] == Self.agency }
                #expect(receipts.map { $0["kind"] } == ["opened"], "\(received)")
                for (site, kind, count) in [
                    (kg, "bundle.served", 1), (kg, "receipt.issued", 3), (kz, "receipt.stored", 3),
                ] {
                    let found = try await site.ask("auditor", ["log", "show", "--kind", kind]).items()
                    #expect(found.count == count, "\(site.party.id) \(kind)")
                }
                try await Self.byProgram(room, kz, kg, home, evidence)
            }
        }

        /// Has evidence sealed for the agency alone and waits until it has arrived.
        private static func send(_ evidence: String, from kz: GatewaySite, to kg: GatewaySite) async throws -> String {
            let thread = try await kz.ask(
                "officer",
                ["request", "open", "--to", kg.party.id, "--reference", "KZ-1", "--subject", "A disk"]
            )
            let request = try #require(thread["id"])
            // The request itself comes first; evidence for an agency follows it in a bundle of its own.
            _ = try await released(["--type", "request", "--subject", "A request"], of: request, by: kz)
            let item = try await kz.ask("officer", ["evidence", "take-in", evidence, "--request", request])
            return try await released(
                [
                    "--type", "supplement", "--subject", "A disk", "--evidence", try #require(item["id"]),
                    "--class", "evidence", "--mode", "agency", "--to-agency", Self.agency,
                ],
                of: request,
                by: kz
            )
        }

        /// Has two persons release a message, and waits until it has arrived.
        private static func released(_ order: [String], of request: String, by kz: GatewaySite) async throws -> String {
            let made = try await kz.ask(
                "officer",
                ["draft", "new", request, "--approver", GatewaySite.name(of: "approver")] + order
            )
            let draft = try #require(made["id"])
            try await kz.must("officer", ["draft", "sign", draft])
            try await kz.must("approver", ["draft", "approve", draft])
            let sent = try await kz.ask("officer", ["draft", "send", draft, "--wait"])
            return "\(try #require(sent["sender"]))/\(try #require(sent["id"]))"
        }

        private static func waiting(for bundle: String, _ site: GatewaySite, state: String) async throws -> Answer {
            let clock = ContinuousClock()
            let end = clock.now.advanced(by: .seconds(60))
            var last: Answer?
            while clock.now < end {
                let now = try await site.ask("officer", ["outbox", "show", bundle])
                if now["state"] == state { return now }
                last = now
                try await clock.sleep(for: .milliseconds(100))
            }
            throw HarnessError("the bundle is not \(state): \(String(describing: last))")
        }

        /// Runs the shell blocks of the page, with the first one replaced by what is ours.
        private static func byHand(_ room: Room, _ kg: GatewaySite, _ home: String, _ evidence: String) async throws {
            let page = try DocumentationTests.page("Docs/guide-partner.md")
            let blocks = page.components(separatedBy: "```sh\n").dropFirst()
                .compactMap { $0.components(separatedBy: "\n```").first }
            #expect(blocks.count == 6)
            for name in ["tls", "encryption", "receipt"] {
                for end in ["crt", "key"] { try room.copy("\(home)/\(name).\(end)", as: "\(name).\(end)") }
            }
            try room.copy(kg.party.issuingAuthority, as: "issuer.crt")
            let authorities = try FileManager.default.contentsOfDirectory(atPath: kg.world.pki + "/ca").sorted()
                .filter { $0.hasSuffix(".crt") }
            let anchors = try authorities.map { try room.bytes(kg.world.pki + "/ca/" + $0) }.reduce(Data(), +)
            try room.write("anchors.pem", anchors)
            let settings = """
                set -eu
                gateway=https://localhost:\(kg.peersPort) agency=\(Self.agency)
                pss='-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest'
                """
            try room.write("walk.sh", ([settings] + blocks.dropFirst()).joined(separator: "\n") + "\n")
            let walked = try await room.run(["bash", "-x", "walk.sh"])
            #expect(walked.status == 0, "\(walked)")
            let cut = walked.errorText.contains("head -c 100000")
            #expect(cut)
            #expect(try room.bytes("signed/evidence/0001") == room.bytes(evidence))
        }

        /// The same by our program, for another bundle, with a partial file to go on from.
        private static func byProgram(
            _ room: Room,
            _ kz: GatewaySite,
            _ kg: GatewaySite,
            _ home: String,
            _ evidence: String
        ) async throws {
            let bundle = try await send(evidence, from: kz, to: kg)
            let id = bundle.split(separator: "/").last.map(String.init) ?? ""
            let profile: [String: Any] = [
                "gateway": "https://localhost:\(kg.peersPort)", "party": kg.party.id, "agency": Self.agency,
                "anchors": [kg.world.pki + "/ca/root.crt"], "intermediates": [kg.party.issuingAuthority],
                "certificate": home + "/tls.crt", "chain": [kg.party.issuingAuthority], "key": home + "/tls.key",
                "signatureCertificate": home + "/receipt.crt", "signatureKey": home + "/receipt.key",
            ]
            try room.write("agency.json", JSONSerialization.data(withJSONObject: profile))
            let listed = try Answer(await room.rogatory(["bundle", "pull", "--list", "--json", "--as", "agency.json"]))
            #expect(listed.items().map { $0["state"] } == ["opened", "waiting"], "\(listed)")
            let waiting = try #require(listed.items().last)
            let sealedDigest = try #require(waiting["sealedDigest"])
            let pull = ["bundle", "pull", "--trust", kg.world.trust, "--out", "inbox", "--as", "agency.json"]
            try FileManager.default.createDirectory(atPath: room.path + "/inbox", withIntermediateDirectories: true)
            // What an attempt before left: the true beginning.
            let file = kg.data + "/sealed/\(bundle.replacing("/", with: "_")).asice"
            try room.write("inbox/\(id).asice.\(sealedDigest.prefix(16)).part", room.bytes(file).prefix(1_000_000))
            let pulled = try await room.rogatory(pull + ["--all", "--json"])
            #expect(pulled.status == 0, "\(pulled)")
            #expect(try Answer(pulled).items().map { $0["outcome"] } == ["passed"], "\(pulled)")
            #expect(try room.bytes("inbox/\(id).asice") == room.bytes(file))
            let again = try await room.rogatory(pull + ["--all"])
            #expect(again.status == 0 && again.text == "nothing new\n", "\(again)")
            let over = try await room.rogatory(pull + [bundle])
            #expect(over.status != 0, "\(over)")
            #expect(try room.bytes("inbox/\(id).asice") == room.bytes(file))
            // A beginning that is not the bundle's is found out and put aside.
            try FileManager.default.removeItem(atPath: room.path + "/inbox/\(id).asice")
            try room.write(
                "inbox/\(id).asice.\(sealedDigest.prefix(16)).part",
                Data(repeating: 7, count: 1_000_000)
            )
            let damaged = try await room.rogatory(pull + [id])
            #expect(damaged.status == 1 && damaged.errorText.contains("client.digest"), "\(damaged)")
            let anew = try await room.rogatory(pull + [id])
            #expect(anew.status == 0 && anew.text.contains("holds"), "\(anew)")
            let unknown = try await room.rogatory(pull + ["0190a7b4-1111-7222-8333-444455556666"])
            #expect(unknown.status == 1 && unknown.errorText.contains("request.not_found"), "\(unknown)")
            let signed = try await room.rogatory(
                ["receipt", "sign", "inbox/\(id).asice", "opened", "--send", "--as", "agency.json"]
            )
            #expect(signed.status == 0, "\(signed)")
            let resent = try await room.rogatory(
                ["receipt", "send", "inbox/\(id).asice.opened.p7m", "--as", "agency.json"]
            )
            #expect(resent.status == 0, "\(resent)")
            _ = try await Self.waiting(for: bundle, kz, state: "opened")
            let flags = try await room.rogatory([
                "bundle", "pull", "--list", "--gateway", "https://localhost:\(kg.peersPort)", "--party", kg.party.id,
                "--anchor", kg.world.pki + "/ca/root.crt", "--intermediate", kg.party.issuingAuthority,
                "--certificate", home + "/tls.crt", "--key", home + "/tls.key", "--chain", kg.party.issuingAuthority,
            ])
            #expect(flags.status == 0 && flags.text.contains(id), "\(flags)")
        }
    }
}
