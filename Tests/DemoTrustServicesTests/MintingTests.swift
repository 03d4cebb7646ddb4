import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import DemoTrustServices

@Suite struct MintingTests {
    private func mint(_ directory: String, days: Int64 = 0, url: String = DemoPKI.usualServicesURL) throws
        -> DemoPKI.Outcome
    {
        let now = MintedPKI.now().adding(seconds: days * 86_400)
        return try DemoPKI.mint(into: directory, servicesURL: url, now: now) { directory, _, _ in
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }
    }

    @Test func aSecondMintKeepsEverything() async throws {
        let pki = try await MintedPKI.shared().copy()
        let before = try pki.contents("")
        #expect(try mint(pki.directory) == .kept)
        #expect(try mint(pki.directory + "//") == .kept)
        #expect(try pki.contents("") == before)
    }

    @Test func aMintTwoDaysLaterRenewsTheListsOnly() async throws {
        let pki = try await MintedPKI.shared().copy()
        let before = try pki.contents("")
        #expect(try mint(pki.directory, days: 2) == .kept)
        let after = try pki.contents("")
        #expect(before.keys == after.keys)
        for (path, bytes) in before {
            #expect((after[path] == bytes) != path.hasSuffix(".crl"), "\(path)")
        }
        let old = try RevocationList(der: Array(#require(before["crl/kz-issuing.crl"])))
        let new = try RevocationList(der: Array(#require(after["crl/kz-issuing.crl"])))
        #expect(new.count == 2 && old.count == 2)
        #expect(new.thisUpdate > old.thisUpdate)
        #expect(after["crl/kz-issuing.crl"] == after["trust/crls/kz-issuing.crl"])
    }

    @Test func aPKIThatEndsWithinAWeekIsMovedAside() async throws {
        let pki = try await MintedPKI.shared().copy()
        let before = try pki.contents("")
        #expect(try mint(pki.directory, days: 357) == .kept)
        let lists = try pki.contents(".crl")
        guard case .renewed(let old) = try mint(pki.directory, days: 359) else {
            Issue.record("the old PKI was kept")
            return
        }
        #expect(try MintedPKI(directory: old).contents("") == before.merging(lists) { $1 })
        #expect(pki.files("").isEmpty)
    }

    @Test func aDirectoryWithSomethingElseIsRefusedAndNotTouched() throws {
        let directory = try Tooling.temporaryDirectory()
        try "mine".write(toFile: directory + "/note.txt", atomically: false, encoding: .utf8)
        #expect(throws: ExchangeError(.demoDirectory, "")) { try mint(directory) }
        #expect(MintedPKI(directory: directory).files("") == ["note.txt"])
        #expect(throws: ExchangeError(.demoDirectory, "")) { try mint(directory + "/note.txt") }
    }

    @Test(arguments: ["profiles.json", "ca/root.key", "parties/KZ-GPO/seal.key", "crl/root.crl"])
    func anIncompletePKIIsRefused(_ missing: String) async throws {
        let pki = try await MintedPKI.shared().copy()
        try FileManager.default.removeItem(atPath: pki.directory + "/" + missing)
        #expect(throws: ExchangeError(.demoDirectory, "")) { try mint(pki.directory) }
    }

    @Test func aPKIForOtherServicesIsRefused() async throws {
        let pki = try await MintedPKI.shared().copy()
        #expect(throws: ExchangeError(.demoDirectory, "")) { try mint(pki.directory, url: "http://127.0.0.1:1") }
        #expect(try mint(pki.directory, url: DemoPKI.usualServicesURL + "/") == .kept)
    }

    @Test(arguments: ["", "https://127.0.0.1", "ftp://x", "http://a b", "http://x/<script>", "http://x/\"", "x"])
    func addressesThatAreNotPlainAreRefused(_ url: String) throws {
        let directory = try Tooling.temporaryDirectory()
        #expect(throws: ExchangeError(.demoAddress, "")) {
            try DemoPKI.mint(into: directory + "/pki", servicesURL: url, now: MintedPKI.now())
        }
        #expect(MintedPKI(directory: directory).files("").isEmpty)
    }

    @Test func aDirectoryThatCannotBeMadeLeavesNothing() throws {
        let parent = try Tooling.temporaryDirectory()
        #expect(throws: ExchangeError(.demoFile, "")) {
            try DemoPKI.mint(into: parent + "/missing/pki", now: MintedPKI.now())
        }
        #expect(MintedPKI(directory: parent).files("").isEmpty)
    }

    @Test func aRevokedCertificateIsOnTheNextList() async throws {
        let pki = try await MintedPKI.shared().copy()
        let now = MintedPKI.now()
        func count() throws -> Int { try RevocationList(der: Array(pki.bytes("crl/kg-issuing.crl"))).count }
        #expect(try count() == 2)
        try DemoPKI.revoke("parties/KG-GPO/seal.crt", reason: .keyCompromise, in: pki.directory, now: now)
        #expect(try count() == 3)
        try DemoPKI.revoke("parties/KG-GPO/seal.crt", in: pki.directory, now: now)
        #expect(try count() == 3)
        #expect(throws: ExchangeError(.demoDirectory, "")) {
            try DemoPKI.revoke("parties/KG-GPO/none.crt", in: pki.directory, now: now)
        }
    }
}
