import DemoTrustServices
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@Suite struct DemoPKITests {
    /// `openssl verify` with every strictness it has.
    private func verify(_ path: String, of pki: MintedPKI) async throws -> Tooling.Outcome {
        let issuer = try pki.issuer(of: path)
        return try await Tooling.run(
            [
                "openssl", "verify", "-x509_strict", "-crl_check_all", "-auth_level", "2", "-CAfile", "ca/root.crt",
                "-untrusted", "ca/\(issuer).crt", "-CRLfile", "crl/root.pem", "-CRLfile", "crl/\(issuer).pem", path,
            ],
            in: try await directoryWithPEMLists(pki)
        )
    }

    // openssl verify reads lists in PEM only.
    private func directoryWithPEMLists(_ pki: MintedPKI) async throws -> String {
        let copy = try Tooling.temporaryDirectory()
        for part in ["ca", "parties", "tsa", "ocsp", "hostile"] {
            try FileManager.default.createSymbolicLink(
                atPath: copy + "/" + part,
                withDestinationPath: pki.directory + "/" + part
            )
        }
        try FileManager.default.createDirectory(atPath: copy + "/crl", withIntermediateDirectories: false)
        for list in pki.files(".crl", below: "crl/") {
            let source = pki.directory + "/" + list
            let target = copy + "/" + list.dropLast(4) + ".pem"
            let made = try await Tooling.run(["openssl", "crl", "-inform", "DER", "-in", source, "-out", target])
            #expect(made.status == 0, "\(made.output)")
        }
        return copy
    }

    @Test func thePKIHasTheLayoutOfItsDescription() async throws {
        let pki = try await MintedPKI.shared()
        let files = pki.files("").filter { $0.contains(".") }
        let people = ["officer", "approver", "auditor", "administrator-1", "administrator-2"]
        var expected = ["index.html", "profiles.json"]
        for name in ["root", "kz-issuing", "kg-issuing", "tsa-issuing"] {
            expected += ["ca/\(name).crt", "ca/\(name).key", "ca/\(name).revoked", "crl/\(name).crl"]
            expected.append("trust/crls/\(name).crl")
            if name != "root" {
                expected += ["trust/intermediates/\(name).crt", "ocsp/\(name).crt", "ocsp/\(name).key"]
            }
        }
        for (party, agency, issuer) in [("KZ-GPO", "KZ-AFM", "kz-issuing"), ("KG-GPO", "KG-MVD", "kg-issuing")] {
            expected += ["trust/parties/\(party)/anchors/root.crt", "trust/parties/\(party)/issuers/\(issuer).crt"]
            var pairs = ["tls", "seal", "receipt", "encryption", "backup"]
            pairs += people.map { "people/\($0)-sign-in" }
            pairs += ["people/officer-signature", "people/approver-signature"]
            pairs += ["tls", "encryption", "receipt"].map { "agencies/\(agency)/\($0)" }
            expected += pairs.flatMap { ["parties/\(party)/\($0).crt", "parties/\(party)/\($0).key"] }
            for name in [
                "expired-officer", "revoked-officer", "wrong-purpose-officer", "foreign-issuer-officer",
                "revoked-seal", "expired-encryption",
            ] { expected += ["hostile/\(party)/\(name).crt", "hostile/\(party)/\(name).key"] }
        }
        expected += ["tsa/tsa-ec", "tsa/tsa-rsa"].flatMap { [$0 + ".crt", $0 + ".key"] }
        expected.append("trust/timestamping/anchors/root.crt")
        #expect(files == expected.sorted())
    }

    @Test func opensslVerifiesEveryCertificateStrictly() async throws {
        let pki = try await MintedPKI.shared()
        let paths = ["parties/", "tsa/", "ocsp/"].flatMap { pki.files(".crt", below: $0) }
        #expect(paths.count == 35)
        for path in paths {
            let outcome = try await verify(path, of: pki)
            #expect(outcome.status == 0, "\(path): \(outcome.output)")
        }
    }

    @Test(arguments: ["KZ-GPO", "KG-GPO"])
    func opensslRefusesTheHostileOnesThatItCanJudge(_ party: String) async throws {
        let pki = try await MintedPKI.shared()
        for (name, reason) in [
            ("expired-officer", "certificate has expired"), ("expired-encryption", "certificate has expired"),
            ("revoked-officer", "certificate revoked"), ("revoked-seal", "certificate revoked"),
        ] {
            let outcome = try await verify("hostile/\(party)/\(name).crt", of: pki)
            #expect(outcome.status != 0)
            #expect(outcome.output.contains(reason), "\(outcome.output)")
        }
        // The other two are sound certificates in the wrong place, which only our own rules see.
        for name in ["wrong-purpose-officer", "foreign-issuer-officer"] {
            let outcome = try await verify("hostile/\(party)/\(name).crt", of: pki)
            #expect(outcome.status == 0, "\(outcome.output)")
        }
    }

    @Test func everyCertificateHasExactlyOnePurposeAndTheOneOfItsFileName() async throws {
        let pki = try await MintedPKI.shared()
        let purposes: [(String, CertificatePurpose)] = [
            ("/agencies/.*/tls", .agencyTLS), ("/agencies/.*/encryption", .agencyEncryption), ("/receipt", .receipt),
            ("/people/.*-signature", .personSignature), ("/people/.*-sign-in", .personSignIn),
            ("/tls", .gatewayTLS), ("/seal", .gatewaySeal), ("/encryption", .gatewayEncryption),
            ("/backup", .backupEncryption),
            ("^tsa/", .timestamping), ("^ocsp/", .ocspSigning), ("^(ca|trust)/", .certificateAuthority),
        ]
        for path in pki.files(".crt") where !path.hasPrefix("hostile/") {
            let certificate = try pki.certificate(path)
            let expected = purposes.first { path.range(of: $0.0, options: .regularExpression) != nil }?.1
            #expect(certificate.purpose == expected, "\(path)")
            if let expected { try certificate.requirePurpose(expected) }
        }
    }

    @Test func everyKeyBelongsToItsCertificateAndIsPKCS8() async throws {
        let pki = try await MintedPKI.shared()
        for path in pki.files(".key") {
            let pem = try Data(contentsOf: URL(fileURLWithPath: pki.directory + "/" + path))
            #expect(pem.starts(with: Data("-----BEGIN PRIVATE KEY-----".utf8)), "\(path)")
            let key = try PrivateKey(pem: pem.withUnsafeBytes { try SecretBytes(copying: $0) })
            #expect(try pki.certificate(path.dropLast(4) + ".crt").matches(key), "\(path)")
            #expect(key.algorithm.isInSuite)
        }
    }

    @Test func bothKindsOfKeysAreUsed() async throws {
        let pki = try await MintedPKI.shared()
        #expect(try pki.certificate("parties/KZ-GPO/seal.crt").keyAlgorithm == .p384)
        #expect(try pki.certificate("parties/KZ-GPO/people/officer-signature.crt").keyAlgorithm == .p256)
        #expect(try pki.certificate("parties/KG-GPO/seal.crt").keyAlgorithm == .rsa(bits: 3_072))
        #expect(try pki.certificate("ca/kg-issuing.crt").keyAlgorithm == .rsa(bits: 4_096))
    }

    @Test func nothingIsOpenToOthers() async throws {
        let pki = try await MintedPKI.shared()
        let manager = FileManager.default
        for path in [""] + pki.files("") {
            let attributes = try manager.attributesOfItem(atPath: pki.directory + "/" + path)
            let mode = attributes[.posixPermissions] as? Int ?? 0o777
            if attributes[.type] as? FileAttributeType == .typeDirectory {
                #expect(mode == 0o700, "\(path)")
            } else if path.hasSuffix(".key") {
                #expect(mode == 0o600, "\(path)")
            } else {
                #expect(mode & 0o022 == 0, "\(path)")
            }
        }
    }

    @Test func holdersCarryTheirPartysIdentifier() async throws {
        let pki = try await MintedPKI.shared()
        for path in pki.files(".crt", below: "parties/") {
            // An agency's certificate names the party it belongs to, as bundles are addressed to parties.
            let party = path.split(separator: "/")[1]
            #expect(try pki.certificate(path).organizationIdentifier == String(party), "\(path)")
        }
    }

    @Test func thePageListsEveryCertificate() async throws {
        let pki = try await MintedPKI.shared()
        let page = try String(contentsOfFile: pki.directory + "/index.html", encoding: .utf8)
        let profiles = try String(contentsOfFile: pki.directory + "/profiles.json", encoding: .utf8)
        for path in pki.files(".crt") where !path.hasPrefix("trust/") {
            let digest = try pki.certificate(path).sha256.hex
            #expect(page.contains("<h3>\(path)</h3>"), "\(path)")
            #expect(page.contains(digest), "\(path)")
            #expect(profiles.contains(digest), "\(path)")
        }
    }
}
