import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A renewed bundle")
struct RenewalTests {
    private static let days = TimestampHouse.days
    private static let years = TimestampHouse.years

    /// A bundle renewed three times: at 300 days, five and eleven years; the last authority serves until year 30.
    private struct Renewed {
        let workshop: BundleWorkshop
        let paths: [String]
        let last: TimestampHouse.Authority

        init(of original: (BundleWorkshop) throws -> String) throws {
            workshop = try BundleWorkshop()
            let house = try TimestampHouse.get()
            let first = try house.authority("Time 1", to: 365 * 6)
            let second = try house.authority("Time 2", from: 365 * 4, to: 365 * 12)
            last = try house.authority("Time 3", from: 365 * 10, to: 365 * 30)
            var paths = [try original(workshop)]
            for (index, (day, authority, digest)) in [
                (Int64(300), first, SignatureDigest.sha512), (365 * 5, second, .sha384), (365 * 11, last, .sha512),
            ].enumerated() {
                paths.append(
                    try workshop.renew(paths[index], to: "r\(index + 1).asice", day: day, by: authority, digest: digest)
                )
            }
            self.paths = paths
        }
    }

    @Test("passes after fifteen years without any service, though every earlier certificate has ended")
    func fifteenYears() throws {
        let renewed = try Renewed { try $0.sealForLong("b.asice") }
        let workshop = renewed.workshop
        defer { workshop.end() }
        let before = try renewed.paths.map { try SHA256Digest(of: SmallFile.read($0, limit: 1 << 24)) }
        let offline = try workshop.trust(lists: [])
        let verification = try workshop.verify(renewed.paths[3], at: Self.years(15), trust: offline, opening: true)
        #expect(verification.report.outcome == .passed, "\(verification.text)")
        #expect(verification.verified?.items.count == 1)
        for number in 1...3 {
            for part in ["manifest", "digests", "timestamp", "timestamp_authority"] {
                #expect(verification.outcome("archive.\(number).\(part)") == .passed)
            }
        }
        // The inner signatures' timestamps end with their authority too, and rest on the renewals.
        #expect(verification.outcome("signer.2.timestamp_authority") == .passed)
        let unrenewed = try workshop.verify(renewed.paths[0], at: Self.years(15), trust: offline)
        #expect(unrenewed.error?.code == .certificateExpired, "\(unrenewed.text)")
        // Each renewal serves while its own authority does, and no longer.
        for (path, good, late) in [
            (renewed.paths[1], 5, 7), (renewed.paths[2], 11, 13), (renewed.paths[3], 29, 31),
        ] as [(String, Int64, Int64)] {
            let inTime = try workshop.verify(path, at: Self.years(good), trust: offline, opening: true)
            #expect(inTime.report.outcome == .passed, "year \(good)\n\(inTime.text)")
            let tooLate = try workshop.verify(path, at: Self.years(late), trust: offline)
            #expect(tooLate.error?.code == .certificateExpired, "year \(late)\n\(tooLate.text)")
        }
        #expect(try renewed.paths.map { try SHA256Digest(of: SmallFile.read($0, limit: 1 << 24)) } == before)
    }

    @Test("may be a signed container, and one that began at baseline T")
    func container() throws {
        let renewed = try Renewed { try $0.signForLong("signed.asice") }
        let workshop = renewed.workshop
        defer { workshop.end() }
        let offline = try workshop.trust(lists: [])
        let verification = try workshop.verify(renewed.paths[3], at: Self.years(15), trust: offline)
        #expect(verification.report.outcome == .passed, "\(verification.text)")
        // At T the first renewal brings the signatures to LT, when what proves them is at hand.
        let short = try workshop.signForLong("short.asice", level: .timestamp)
        let house = try TimestampHouse.get()
        let authority = try house.authority("Time", to: 365 * 20)
        #expect(throws: ExchangeError(.revocationNotAvailable, "")) {
            try workshop.renew(short, to: "none.asice", day: 0, by: authority)
        }
        let lists = try house.lists(of: authority, day: 0)
        let output = try workshop.renew(
            short,
            to: "late.asice",
            day: 0,
            by: authority,
            trust: workshop.trust(lists: lists, keepingOwn: true)
        )
        let late = try workshop.verify(output, at: Self.years(15), trust: offline)
        #expect(late.report.outcome == .passed, "\(late.text)")
        #expect(throws: ExchangeError(.outputExists, "")) {
            try workshop.renew(output, to: "late.asice", day: 1, by: authority)
        }
    }

    @Test("is a ZIP of the profile that other programs read, with an archive manifest that is valid by its schema")
    func foreignReading() throws {
        let renewed = try Renewed { try $0.sealForLong("b.asice") }
        let workshop = renewed.workshop
        defer { workshop.end() }
        let names = try Forgery(of: renewed.paths[3]).entries.map(\.name)
        #expect(
            Array(names.suffix(8)) == [
                "META-INF/ASiCManifest.xml", "META-INF/signature.p7s", "META-INF/ASiCArchiveManifest001.xml",
                "META-INF/timestamp001.tst", "META-INF/ASiCArchiveManifest002.xml", "META-INF/timestamp002.tst",
                "META-INF/ASiCArchiveManifest.xml", "META-INF/timestamp003.tst",
            ]
        )
        let folder = workshop.folder + "/unzipped"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = """
            set -e
            cd "$1"
            unzip -q "$2"
            test "$(openssl dgst -sha512 -binary exchange.xml | base64 -w0)" = \
                "$(grep -A2 'URI="exchange.xml"' META-INF/ASiCArchiveManifest.xml | sed -n 's/.*<ds:DigestValue>\\(.*\\)<.ds.*/\\1/p')"
            for n in 001 002; do
                openssl ts -verify -token_in -in META-INF/timestamp$n.tst -data META-INF/ASiCArchiveManifest$n.xml \
                    -CAfile "$3" -attime "$4" >/dev/null 2>&1
            done
            openssl ts -verify -token_in -in META-INF/timestamp003.tst -data META-INF/ASiCArchiveManifest.xml \
                -CAfile "$3" -attime "$5" 2>&1
            xmllint --noout --schema "$6" META-INF/ASiCArchiveManifest*.xml 2>&1
            """
        let root = try workshop.write("root.crt", Array(TimestampHouse.get().root.certificate.pem().utf8))
        let schema =
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path + "/Schemas/asic-archive-manifest.xsd"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = [
            "-c", script, "sh", folder, renewed.paths[3], root, "\(Self.days(365 * 5 + 1).secondsSince1970)",
            "\(Self.years(12).secondsSince1970)", schema,
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(output)")
        #expect(output.contains("Verification: OK"))
    }

    @Test("is not renewed when it does not verify, or when its authority's clock runs back")
    func refused() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let house = try TimestampHouse.get()
        let authority = try house.authority("Time", to: 365 * 20)
        let path = try workshop.sealForLong("b.asice")
        var broken = try Forgery(of: path)
        broken["parts/00001.p7m"][2_000] ^= 1
        #expect(throws: ExchangeError(.bundleDigestMismatch, "")) {
            try workshop.renew(broken.write(workshop), to: "x.asice", day: 1, by: authority)
        }
        let once = try workshop.renew(path, to: "once.asice", day: 100, by: authority)
        let trust = try workshop.trust(lists: house.lists(of: authority, day: 100))
        #expect(throws: ExchangeError(.archiveTimeOrder, "")) {
            try BundleRenewal(trust: trust, now: Self.days(100)).renew(
                once,
                to: workshop.folder + "/y.asice",
                timestamper: { try TimestampHouse.stamp($0, $1, by: authority, at: Self.days(99)) }
            )
        }
        #expect(throws: ExchangeError(.timestampImprintMismatch, "")) {
            try BundleRenewal(trust: trust, now: Self.days(100)).renew(
                once,
                to: workshop.folder + "/y.asice",
                timestamper: { bytes, _ in try TimestampHouse.stamp(bytes, .sha256, by: authority, at: Self.days(100)) }
            )
        }
        #expect(throws: ExchangeError(.timestampSignature, "")) {
            try BundleRenewal(trust: trust, now: Self.days(100)).renew(
                once,
                to: workshop.folder + "/y.asice",
                timestamper: { bytes, digest in
                    let token = try TimestampHouse.stamp(bytes, digest, by: authority, at: Self.days(100))
                    var der = token.der
                    der[der.count - 3] ^= 1
                    return try TimestampToken(der: der)
                }
            )
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: workshop.folder)
        #expect(!left.contains("x.asice") && !left.contains("y.asice"))
    }

    @Test("keeps its digests and its chain: every forgery has its code")
    func forged() throws {
        let renewed = try Renewed { try $0.sealForLong("b.asice") }
        let workshop = renewed.workshop
        defer { workshop.end() }
        let good = try Forgery(of: renewed.paths[3])
        let newest = "META-INF/ASiCArchiveManifest.xml"
        let (second, token2, token3) = (
            "META-INF/ASiCArchiveManifest002.xml", "META-INF/timestamp002.tst", "META-INF/timestamp003.tst"
        )
        let other = try Forgery(
            of: workshop.renew(renewed.paths[2], to: "other.asice", day: 365 * 11, by: renewed.last)
        )
        /// Changes the newest manifest and stamps it anew: who can have a timestamp can do that.
        func restamped(
            _ forgery: inout Forgery,
            day: Int64 = 365 * 11,
            _ change: (inout ASiCArchiveManifest) throws -> Void
        )
            throws
        {
            var manifest = try ASiCArchiveManifest(xml: forgery[newest])
            try change(&manifest)
            forgery[newest] = try manifest.xml()
            forgery[token3] = try TimestampHouse.stamp(forgery[newest], .sha512, by: renewed.last, at: Self.days(day))
                .carrying(TimestampToken(archived: good[token3]).validationData).der
        }
        func digests(_ forgery: Forgery, of names: [String], in manifest: inout ASiCArchiveManifest) throws {
            for name in names {
                guard let index = manifest.entries.firstIndex(where: { $0.uri == name }) else { continue }
                manifest.entries[index].digest = try SignatureDigest.sha512.digest(of: forgery[name])
            }
        }
        let samples: [(String, ErrorCode, (inout Forgery) throws -> Void)] = [
            ("a byte of a part", .archiveDigestMismatch, { $0["parts/00001.p7m"][2_000] ^= 1 }),
            ("a byte of the seal", .archiveDigestMismatch, { $0["META-INF/signature.p7s"][900] ^= 1 }),
            ("a byte of an earlier token", .archiveDigestMismatch, { $0[token2][40] ^= 1 }),
            (
                "the newest manifest", .timestampImprintMismatch,
                { forgery in
                    var manifest = try ASiCArchiveManifest(xml: forgery[newest])
                    manifest.entries[0].mediaType = "text/plain"
                    forgery[newest] = try manifest.xml()
                }
            ),
            ("another renewal's token", .timestampImprintMismatch, { $0[token3] = $0[token2] }),
            ("the token of another file", .timestampImprintMismatch, { $0[token3] = other[token3] }),
            ("a token that is none", .timestampMalformed, { $0[token3] = [1, 2, 3] }),
            (
                "the last renewal's token missing", .archiveEntries, { $0.entries.removeLast() }
            ),
            (
                "a renewal missing from the middle", .archiveEntries,
                { $0.entries.removeAll { $0.name == second || $0.name == token2 } }
            ),
            (
                "renewals in another order", .archiveEntries,
                { forgery in
                    let count = forgery.entries.count
                    forgery.entries.swapAt(count - 4, count - 2)
                    forgery.entries.swapAt(count - 3, count - 1)
                }
            ),
            (
                "two renewals that changed places", .archiveTimestampReference,
                { forgery in
                    let kept = (forgery[newest], forgery[second])
                    (forgery[second], forgery[newest]) = kept
                }
            ),
            (
                "something else behind the renewals", .bundleEntries,
                { $0.entries.append((name: "META-INF/more.xml", bytes: [1])) }
            ),
            (
                "an object left out", .archiveIncomplete,
                { try restamped(&$0) { $0.entries.removeAll { $0.uri == "key.p7m" } } }
            ),
            (
                "the predecessor left out", .archiveIncomplete,
                { try restamped(&$0) { $0.entries.removeAll { $0.uri == token2 } } }
            ),
            ("objects in another order", .archiveIncomplete, { try restamped(&$0) { $0.entries.swapAt(0, 1) } }),
            (
                "no predecessor named", .archivePredecessor,
                { try restamped(&$0) { for index in $0.entries.indices { $0.entries[index].isRootfile = false } } }
            ),
            (
                "another predecessor named", .archivePredecessor,
                {
                    try restamped(&$0) {
                        for index in $0.entries.indices {
                            $0.entries[index].isRootfile = $0.entries[index].uri.hasSuffix("001.xml")
                        }
                    }
                }
            ),
            (
                "another timestamp named", .archiveTimestampReference,
                { try restamped(&$0) { $0.timestamp = token2 } }
            ),
            (
                "a weak digest", .archiveDigest,
                {
                    try restamped(&$0) {
                        $0.entries[0].algorithm = "http://www.w3.org/2000/09/xmldsig#sha1"
                        $0.entries[0].digest = [UInt8](repeating: 1, count: 20)
                    }
                }
            ),
            (
                "mixed digests", .archiveDigest,
                {
                    try restamped(&$0) {
                        $0.entries[0].algorithm = SignatureDigest.sha256.xmlURI
                        $0.entries[0].digest = [UInt8](repeating: 1, count: 32)
                    }
                }
            ),
            (
                "a renewal older than the one before", .archiveTimeOrder,
                {
                    try restamped(&$0, day: 365 * 11) { _ in }
                    // The one before is made anew, later.
                    let late = try TimestampHouse.get().authority("Late", from: 365 * 11, to: 365 * 30)
                    let lists = try TimestampHouse.get().lists(of: late, day: 365 * 12)
                    $0[token2] = try TimestampHouse.stamp($0[second], .sha384, by: late, at: Self.years(12))
                        .carrying(
                            ValidationData(certificates: [late.issuing.certificate], revocationLists: lists)
                        ).der
                    let forgery = $0
                    try restamped(&$0) { try digests(forgery, of: [token2], in: &$0) }
                }
            ),
            (
                "a token by an authority that nobody trusts", .certificateUntrusted,
                { forgery in
                    let own = try workshop.identity("parties/KZ-GPO/seal")
                    let root = try CertificateAuthority.selfSigned(
                        CertificateTemplate(
                            subject: .init(commonName: "Own time"),
                            purpose: .certificateAuthority,
                            notBefore: Self.days(-1),
                            notAfter: Self.years(40)
                        ),
                        key: own.key
                    )
                    let key = try PrivateKey.generate(.p256)
                    let certificate = try root.issue(
                        CertificateTemplate(
                            subject: .init(commonName: "Own clock"),
                            purpose: .timestamping,
                            notBefore: Self.days(-1),
                            notAfter: Self.years(40)
                        ),
                        publicKey: key
                    )
                    let authority = TimestampHouse.Authority(issuing: root, certificate: certificate, key: key)
                    forgery[token3] = try TimestampHouse.stamp(
                        forgery[newest],
                        .sha512,
                        by: authority,
                        at: Self.years(11)
                    ).der
                }
            ),
        ]
        let offline = try workshop.trust(lists: [])
        for (what, code, change) in samples {
            var forgery = good
            try change(&forgery)
            let path = try forgery.write(workshop)
            let verification = try workshop.verify(path, at: Self.years(15), trust: offline)
            #expect(verification.error?.code == code, "\(what)\n\(verification.text)")
            #expect(verification.verified == nil)
        }
    }

    @Test("rests on authorities that were not revoked by the time the next renewal covers them")
    func revokedAuthority() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let house = try TimestampHouse.get()
        let first = try house.authority("First", to: 365 * 3)
        let second = try house.authority("Second", to: 365 * 20)
        let once = try workshop.renew(workshop.sealForLong("b.asice"), to: "1.asice", day: 100, by: first)
        let twice = try workshop.renew(once, to: "2.asice", day: 365 * 2, by: second)
        func outcome(revokedOn day: Int64, _ path: String) throws -> ErrorCode? {
            let list = try house.lists(
                of: first,
                day: 365 * 2 + 100,
                revoked: [RevokedCertificate(first.certificate, date: Self.days(day), reason: .keyCompromise)]
            )
            return try workshop.verify(path, at: Self.years(4), trust: workshop.trust(lists: list)).error?.code
        }
        #expect(try outcome(revokedOn: 365 * 2 + 50, twice) == nil)
        #expect(try outcome(revokedOn: 200, twice) == .certificateRevoked)
    }

    @Test("is the same whether it is read as a stream or at random access, up to the most renewals")
    func most() throws {
        #expect(try ArchiveNames.count(of: []) == 0)
        let names = (1...33).flatMap { [ArchiveNames.manifest($0, of: 33), ArchiveNames.token($0)] }
        #expect(throws: ExchangeError(.archiveTooMany, "")) { try ArchiveNames.count(of: names) }
        let fewer = (1...32).flatMap { [ArchiveNames.manifest($0, of: 32), ArchiveNames.token($0)] }
        #expect(try ArchiveNames.count(of: fewer) == 32)
        #expect(throws: ExchangeError(.bundleEntries, "")) { try ArchiveNames.count(of: ["evidence/0001"]) }
        #expect(throws: ExchangeError(.archiveEntries, "")) { try ArchiveNames.count(of: fewer.reversed()) }
    }
}
