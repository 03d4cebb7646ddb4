import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct KeyRingTests {
    // MARK: New, request, install

    /// Has the `openssl` program judge a request and issue from it, as an authority elsewhere would.
    private func issue(_ request: CertificateRequest, _ house: RegisterHouse) throws -> (text: String, pem: String) {
        let directory = try RegisterPKI.scratch("csr")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try Data(request.der).write(to: URL(fileURLWithPath: directory + "/request.der"))
        try Data(request.pem.utf8).write(to: URL(fileURLWithPath: directory + "/request.pem"))
        func run(_ words: String) throws -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["openssl"] + words.split(separator: " ").map(String.init)
            process.currentDirectoryURL = URL(fileURLWithPath: directory)
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(words): \(text)")
            return text
        }
        let text = try run("req -inform DER -in request.der -verify -noout -text")
        let ca = house.pki.directory + "/ca/kz-issuing"
        _ = try run("req -in request.pem -verify -noout")
        try Data(Self.authorityConfiguration.utf8).write(to: URL(fileURLWithPath: directory + "/ca.cnf"))
        try Data().write(to: URL(fileURLWithPath: directory + "/index.txt"))
        _ = try run(
            "ca -batch -notext -config ca.cnf -cert \(ca).crt -keyfile \(ca).key"
                + " -startdate 20261122090000Z -enddate 20261222090000Z -in request.pem -out issued.pem"
        )
        let pem = try String(contentsOfFile: directory + "/issued.pem", encoding: .utf8)
        return (text, pem)
    }

    private static let authorityConfiguration = """
        [ca]
        default_ca = authority
        [authority]
        database = index.txt
        new_certs_dir = .
        default_md = sha256
        rand_serial = yes
        policy = names
        copy_extensions = copy
        x509_extensions = more
        unique_subject = no
        [names]
        countryName = optional
        organizationName = optional
        organizationIdentifier = optional
        commonName = supplied
        [more]
        basicConstraints = critical, CA:FALSE
        subjectKeyIdentifier = hash
        authorityKeyIdentifier = keyid
        crlDistributionPoints = URI:http://127.0.0.1:8318/crl/kz-issuing.crl

        """

    @Test(
        arguments: [
            (KeyPurpose.gatewayTLS, PrivateKey.Kind.p256), (.gatewaySeal, .p384), (.gatewayEncryption, .rsa3072),
            (.gatewayEncryption, .p256), (.receipt, .rsa3072),
        ]
    )
    func aCertificateFromARequest(_ purpose: KeyPurpose, _ kind: PrivateKey.Kind) async throws {
        let house = try await RegisterHouse.ready()
        let made = try await house.keys.new(purpose, kind: kind, by: house.first)
        #expect(made.certificate == nil && made.purpose == purpose && made.installed == nil)
        await expectCode(.keyNoneUsable) { _ = try await house.keys.current(purpose) }
        let request = try await house.keys.request(
            for: made.id,
            subject: CertificateTemplate.Subject(
                commonName: "KZ Gateway",
                organization: "Прокуратура",
                organizationIdentifier: "KG-GPO",
                country: "KZ"
            ),
            alternativeNames: purpose == .gatewayTLS ? [.dns("gateway.example"), .ip([10, 0, 0, 1])] : [],
            by: house.first
        )
        let (text, pem) = try issue(request, house)
        #expect(text.contains("verify OK"), "\(text)")
        #expect(text.contains("C = KZ") && text.contains("organizationIdentifier = KZ-GPO"), "\(text)")
        let issued = try #require(PartyCertificate.list(pem: Array(pem.utf8)).first)
        #expect(issued.purpose == purpose.certificatePurpose)
        #expect(issued.organizationIdentifier == "KZ-GPO")
        try issued.requirePurpose(#require(purpose.certificatePurpose))
        if purpose == .gatewayTLS {
            #expect(issued.isFor(host: "gateway.example") && issued.isFor(host: "10.0.0.1"))
        }
        let installed = try await house.keys.install(made.id, chain: Array(pem.utf8), by: house.first)
        #expect(installed.certificate == issued && installed.chain.map(\.commonName).count == 1)
        #expect(try await house.keys.current(purpose).certificate == issued)
        await expectCode(.changeConflict) {
            _ = try await house.keys.install(made.id, chain: Array(pem.utf8), by: house.first)
        }
    }

    /// Makes a key and gives what `issue` needs to certify it.
    private func key(_ purpose: KeyPurpose, _ house: RegisterHouse) async throws -> (id: String, key: PrivateKey) {
        let made = try await house.keys.new(purpose, by: house.first)
        let pem = try await house.core.store.read { reader in try KeyRows.wrapped(made.id, reader) }
        return (
            made.id, try PrivateKey(pem: WrappedPrivateKey.unwrap(pem, id: made.id, under: house.storeKey))
        )
    }

    @Test func onlyTheRightCertificateIsInstalled() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        let (id, key) = try await key(.gatewaySeal, house)
        let path = "parties/KZ-GPO/seal"
        func pem(_ certificate: PartyCertificate) throws -> [UInt8] { Array(try certificate.pem().utf8) }
        let cases: [(ErrorCode, [UInt8])] = [
            (.keyMismatch, try pki.bytes(path + ".crt")),
            (.certificateWrongPurpose, try pem(pki.twin(of: path, issuer: "kz-issuing", purpose: .receipt, key: key))),
            (.certificateWrongParty, try pem(pki.twin(of: path, issuer: "kz-issuing", party: "KG-GPO", key: key))),
            (.certificateWrongIssuer, try pem(pki.twin(of: path, issuer: "kg-issuing", key: key))),
            (.certificateExpired, try pem(pki.twin(of: path, issuer: "kz-issuing", to: -1, key: key))),
            (.certificateMalformed, Array("no certificate".utf8)),
            (.certificateMalformed, []),
        ]
        for (code, chain) in cases {
            await expectCode(code) { _ = try await house.keys.install(id, chain: chain, by: house.first) }
        }
        #expect(try await house.keys.list(by: house.first).first { $0.id == id }?.certificate == nil)
        let good = try pki.twin(of: path, issuer: "kz-issuing", key: key)
        let chain = try pem(good) + pki.bytes("ca/kz-issuing.crt") + pki.bytes("ca/kg-issuing.crt")
        let installed = try await house.keys.install(id, chain: chain, by: house.first)
        // What does not belong to the path is not kept.
        #expect(installed.chain == [try pki.certificate("ca/kz-issuing")])
        #expect(try await house.keys.current(.gatewaySeal).certificate == good)
        let another = try pki.twin(of: path, issuer: "kz-issuing", key: key)
        await expectCode(.wrongState) { _ = try await house.keys.install(id, chain: pem(another), by: house.first) }
        await expectCode(.notFound) { _ = try await house.keys.install("x", chain: chain, by: house.first) }
    }

    @Test func keysOfTheLogAreLeftAlone() async throws {
        let house = try await RegisterHouse.ready()
        let keys = try await house.keys.list(by: house.first)
        #expect(Set(keys.map(\.purpose)) == [.logExchange, .logHouse, .witness])
        for key in keys {
            await expectCode(.keyPurpose) { _ = try await house.keys.retire(key.id, by: house.first) }
            await expectCode(.keyPurpose) {
                _ = try await house.keys.install(key.id, chain: house.pki.bytes("ca/kz-issuing.crt"), by: house.first)
            }
            await expectCode(.keyPurpose) {
                let subject = CertificateTemplate.Subject(commonName: "x")
                _ = try await house.keys.request(for: key.id, subject: subject, by: house.first)
            }
            await expectCode(.keyPurpose) { _ = try await house.keys.current(key.purpose) }
            await expectCode(key.purpose == .witness ? .wrongState : .keyPurpose) {
                _ = try await house.keys.new(key.purpose, by: house.first)
            }
        }
    }

    @Test func aRequestForTLSNamesTheHost() async throws {
        let house = try await RegisterHouse.ready()
        let made = try await house.keys.new(.gatewayTLS, by: house.first)
        await expectCode(.requestValue) {
            let subject = CertificateTemplate.Subject(commonName: "x")
            _ = try await house.keys.request(for: made.id, subject: subject, by: house.first)
        }
    }

    // MARK: Import, roll over, retire

    @Test func keysMadeElsewhere() async throws {
        let house = try await RegisterHouse.ready()
        let size = try await house.logSize()
        try await house.importKeys()
        for (purpose, name) in [
            (KeyPurpose.gatewayTLS, "tls"), (.gatewaySeal, "seal"), (.receipt, "receipt"),
            (.gatewayEncryption, "encryption"),
        ] {
            let current = try await house.keys.current(purpose)
            #expect(current.certificate == (try house.pki.certificate("\(house.base)/\(name)")))
            #expect(current.certificate.matches(current.key))
            #expect(current.chain == [try house.pki.certificate("ca/kz-issuing")])
        }
        #expect(
            try await house.kinds(.house, since: size) == (0..<4).flatMap { _ in [.keyMade, .keyInstalled] }
        )
        await expectCode(.changeConflict) { try await house.importKeys(["seal"]) }
        await expectCode(.keyMismatch) {
            _ = try await house.keys.importKey(
                house.pki.keyPEM("\(house.base)/seal"),
                chain: house.pki.bytes("\(house.base)/tls.crt"),
                by: house.first
            )
        }
        await expectCode(.keyPurpose) {
            let path = "\(house.base)/people/officer-signature"
            _ = try await house.keys.importKey(
                house.pki.keyPEM(path),
                chain: house.pki.bytes(path + ".crt"),
                by: house.first
            )
        }
        await expectCode(.certificateRevoked) {
            _ = try await house.keys.importKey(
                house.pki.keyPEM("\(house.base)/seal"),
                chain: house.pki.bytes("hostile/KZ-GPO/revoked-seal.crt"),
                by: house.first
            )
        }
    }

    @Test func theNewestThatHoldsIsUsed() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        try await house.importKeys(["encryption"])
        let old = try await house.keys.current(.gatewayEncryption)
        house.advance(10)
        let path = "\(house.base)/encryption"
        func add(_ from: Int64, _ to: Int64) async throws -> KeyRecord {
            let key = try PrivateKey.generate(.p256)
            let certificate = try pki.twin(of: path, issuer: "kz-issuing", from: from, to: to, key: key)
            return try await house.keys.importKey(key.pem(), chain: Array(certificate.pem().utf8), by: house.first)
        }
        let brief = try await add(-60, 200)
        #expect(try await house.keys.current(.gatewayEncryption).id == brief.id)
        house.advance(200)
        #expect(try await house.keys.current(.gatewayEncryption).certificate == old.certificate)
        // The expired one still opens what was encrypted to it, and so does a retired one.
        let digest = try #require(brief.certificate?.sha256)
        #expect(try await house.keys.encryptionKey(among: [digest]).id == brief.id)
        let retired = try await house.keys.retire(old.id, by: house.first)
        #expect(retired.retired != nil)
        await expectCode(.wrongState) { _ = try await house.keys.retire(old.id, by: house.first) }
        await expectCode(.keyNoneUsable) { _ = try await house.keys.current(.gatewayEncryption) }
        #expect(try await house.keys.encryptionKey(among: [old.certificate.sha256]).id == old.id)
        let unknown = try SHA256Digest(of: [])
        await expectCode(.keyNoneUsable) { _ = try await house.keys.encryptionKey(among: [unknown]) }
    }

    @Test func aKeyWhoseCertificateWasRevokedIsNotUsed() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        try await house.importKeys(["seal"])
        _ = try await house.keys.current(.gatewaySeal)
        house.advance(60)
        try pki.revoke("\(house.base)/seal", now: RegisterPKI.time.adding(seconds: 60))
        try await house.peers.revocation.refresh(everything: true)
        await expectCode(.keyNoneUsable) { _ = try await house.keys.current(.gatewaySeal) }
    }

    @Test func staleRevocationListsDoNotStopTheOwnKeys() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys(["seal"])
        house.advance(8 * 86_400)
        _ = try await house.keys.current(.gatewaySeal)
    }

    // MARK: At rest

    @Test func privateKeysNeverLieInTheDatabaseInClear() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys()
        _ = try await house.keys.new(.receipt, by: house.first)
        try await house.open()
        let database = try house.databaseBytes()
        let hay = String(decoding: database, as: Unicode.ASCII.self)
        var keys = try ["tls", "seal", "receipt", "encryption"].map { try house.pki.keyPEM("\(house.base)/\($0)") }
        for record in try await house.keys.list(by: house.first) {
            let wrapped = try await house.core.store.read { try KeyRows.wrapped(record.id, $0) }
            keys.append(try WrappedPrivateKey.unwrap(wrapped, id: record.id, under: house.storeKey))
        }
        #expect(keys.count == 12)
        #expect(!hay.contains("PRIVATE KEY"))
        for pem in keys {
            let text = pem.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("-") }
            let der = Array(try #require(Data(base64Encoded: lines.joined())))
            #expect(!lines.contains { hay.contains($0) })
            #expect(database.firstRange(of: try secret(of: der)) == nil)
        }
        // The search does find what is there in clear.
        let certificate = try house.pki.certificate("\(house.base)/seal").der
        #expect(database.firstRange(of: certificate.prefix(200)) != nil)
    }

    /// Bytes of PKCS#8 that only the private key has: the scalar of EC keys; of others the end.
    private func secret(of der: [UInt8]) throws -> [UInt8] {
        guard let start = der.firstRange(of: [0x02, 0x01, 0x01, 0x04]) else { return der.suffix(32) }
        let count = Int(der[start.upperBound])
        try #require(count == 32 || count == 48)
        return Array(der[start.upperBound...].dropFirst().prefix(count))
    }

    @Test func keysOfAnotherStoreKeyOrRowAreRefused() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys(["seal", "tls"])
        try await house.open(storeKey: StoreKey(SecretBytes(randomCount: 32)))
        await expectCode(.keyDamaged) { _ = try await house.keys.current(.gatewaySeal) }
        await expectCode(.keyDamaged) { _ = try await house.keys.logKey(.exchange) }
        try await house.open()
        _ = try await house.keys.current(.gatewaySeal)
        // Somebody with write access exchanges two rows' keys.
        try await house.open()
        let ids = try await house.keys.list(by: house.first).filter { $0.certificate != nil }.map(\.id)
        try await house.core.store.write { writer in
            let wrapped = try ids.map { try KeyRows.wrapped($0, writer) }
            for (id, bytes) in zip(ids, wrapped.reversed()) {
                try writer.execute("UPDATE gateway_key SET private_key = ? WHERE id = ?", [.bytes(bytes), .text(id)])
            }
        }
        await expectCode(.keyDamaged) { _ = try await house.keys.current(.gatewaySeal) }
    }

    @Test func everyChangedByteOfAWrappedKeyIsNoticed() throws {
        let storeKey = try StoreKey(SecretBytes(randomCount: 32))
        let pem = try PrivateKey.generate(.p256).pem()
        let wrapped = try WrappedPrivateKey.wrap(pem, id: "a", under: storeKey)
        _ = try WrappedPrivateKey.unwrap(wrapped, id: "a", under: storeKey)
        for index in wrapped.indices {
            var changed = wrapped
            changed[index] ^= 1
            #expect(throws: ExchangeError(.keyDamaged, "")) {
                _ = try WrappedPrivateKey.unwrap(changed, id: "a", under: storeKey)
            }
        }
        for count in [0, 1, 40, 56, wrapped.count - 1] {
            #expect(throws: ExchangeError(.keyDamaged, "")) {
                _ = try WrappedPrivateKey.unwrap(Array(wrapped.prefix(count)), id: "a", under: storeKey)
            }
        }
        #expect(throws: ExchangeError(.keyDamaged, "")) {
            _ = try WrappedPrivateKey.unwrap(wrapped, id: "b", under: storeKey)
        }
    }
}
