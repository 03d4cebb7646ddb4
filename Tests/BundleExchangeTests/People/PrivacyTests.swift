import ExchangeLog
import ExchangeModel
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct PrivacyTests {
    @Test func noNamesInTheLog() async throws {
        let house = try await RegisterHouse.ready()
        let officer = try await house.enter("officer", name: "Айгерим Нурланова")
        try await house.change(.grantRole(person: officer, role: .approver))
        try await house.change(.suspendPerson(officer))
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        try await house.change(.resumePerson(officer))
        try await house.change(.withdrawCertificate(house.signIn("officer").sha256))
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        try await house.importKeys(["seal"])
        var log = ""
        for tree in LogTree.allCases {
            for (_, bytes) in try await house.core.store.entries(in: tree, from: 0, count: 10_000) {
                log += String(decoding: bytes, as: UTF8.self) + "\n"
            }
        }
        let digest = try house.signIn("officer").sha256.hex
        for secret in ["Айгерим", "Нурланова", "Kassymov", "Yerlan", "Omarova", officer.text, digest] {
            #expect(!log.contains(secret), "\(secret)")
        }
        // The digest that stands there instead is SHA-256 over salt and id.
        let person = try await house.people.person(officer, by: house.first)
        #expect(log.contains(person.digest.hex))
        let salt = try await house.core.store.read { reader in
            try reader.row("SELECT salt FROM person WHERE id = ?", [.text(officer.text)])?.bytes("salt")
        }
        #expect(try SHA256Digest(of: #require(salt) + Array(officer.text.utf8)) == person.digest)
        #expect(salt?.count == 32)
    }
}
