import ExchangeModel
import Testing

@testable import TrustCrypto

/// The `openssl` program judges what we issue, and we judge what it makes.
@Suite struct IssuingInteropTests {
    private func prepare(
        _ kind: PrivateKey.Kind = .p256,
        purpose: CertificatePurpose = .gatewaySeal
    ) throws -> (OpenSSLProgram, TestAuthorities, PartyCertificate) {
        let program = try OpenSSLProgram()
        let authorities = try TestAuthorities(kind)
        let leaf = try authorities.leaf(purpose, kind: kind)
        try program.write("root.pem", authorities.root.certificate.pem())
        try program.write("issuing.pem", authorities.issuing.certificate.pem())
        try program.write("leaf.pem", leaf.pem())
        try program.write("lists.pem", authorities.rootList.pem() + authorities.issuingList.pem())
        return (program, authorities, leaf)
    }

    private func verify(_ program: OpenSSLProgram, _ more: String = "") throws -> (status: Int32, output: String) {
        try program.run(
            "verify -x509_strict -crl_check -crl_check_all -auth_level 2 -CAfile root.pem -untrusted issuing.pem"
                + " -CRLfile lists.pem -attime \(ExchangeTime.testNow.secondsSince1970) \(more) leaf.pem"
        )
    }

    @Test(
        arguments: [
            (CertificatePurpose.gatewaySeal, "any"), (.gatewayTLS, "sslserver"), (.gatewayTLS, "sslclient"),
            (.agencyTLS, "sslclient"), (.personSignIn, "sslclient"), (.timestamping, "timestampsign"),
            (.ocspSigning, "ocsphelper"), (.gatewayEncryption, "any"),
        ],
        [PrivateKey.Kind.p256, .p384, .rsa3072]
    )
    func strictVerifyAgrees(_ wanted: (CertificatePurpose, String), _ kind: PrivateKey.Kind) throws {
        let (program, authorities, leaf) = try prepare(kind, purpose: wanted.0)
        let result = try verify(program, "-purpose \(wanted.1)")
        #expect(result.status == 0, "\(result.output)")
        try validate(leaf, authorities.trust, purpose: wanted.0)
    }

    @Test func strictVerifyAgreesOnRevoked() throws {
        let (program, authorities, leaf) = try prepare()
        let list = try authorities.issuing.list(revoked: [RevokedCertificate(leaf, date: .days(-1))])
        try program.write("lists.pem", authorities.rootList.pem() + list.pem())
        let result = try verify(program)
        #expect(result.status != 0 && result.output.contains("certificate revoked"), "\(result.output)")
    }

    @Test func certificatesReadAsIntended() throws {
        let (program, authorities, _) = try prepare()
        var template = TestAuthorities.template(.personSignature)
        template.subject.commonName = "Айгүл Сейткали"
        template.subject.serialNumber = "P-17"
        template.alternativeNames = [.dns("a.example"), .ip([127, 0, 0, 1]), .email("a@example.org")]
        template.crlURL = "http://ca.example/issuing.crl"
        template.ocspURL = "http://ocsp.example/"
        template.issuerCertificateURL = "http://ca.example/issuing.cer"
        let leaf = try authorities.issuing.issue(template, publicKey: .generate(.p256))
        try program.write("leaf.pem", leaf.pem())
        let text = try program.run(
            "x509 -in leaf.pem -noout -text -nameopt RFC2253,utf8,-esc_msb -certopt ext_parse"
        ).output
        for expected in [
            "Version: 3 (0x2)", "CN=Айгүл Сейткали", "organizationIdentifier=KZ-GPO", "serialNumber=P-17",
            "Digital Signature, Non Repudiation", "X509v3 Key Usage: critical", "X509v3 Basic Constraints: critical",
            "CA:FALSE", "2.25.263198237183420567215386107512482095121.5", "DNS:a.example", "IP Address:127.0.0.1",
            "email:a@example.org", "URI:http://ca.example/issuing.crl", "OCSP - URI:http://ocsp.example/",
            "CA Issuers - URI:http://ca.example/issuing.cer", "Not Before: Aug 14 10:00:00 2026 GMT",
        ] {
            #expect(text.contains(expected), "\(expected) is missing in \(text)")
        }
        #expect(leaf.crlDistributionPointURLs == ["http://ca.example/issuing.crl"])
        #expect(leaf.ocspURLs == ["http://ocsp.example/"])
        #expect(leaf.issuerCertificateURLs == ["http://ca.example/issuing.cer"])
        #expect(leaf.commonName == "Айгүл Сейткали" && leaf.organizationIdentifier == "KZ-GPO")
        #expect(leaf.purpose == .personSignature && leaf.keyUsage == [.digitalSignature, .nonRepudiation])
        let serial = try program.run("x509 -in leaf.pem -noout -serial").output
        #expect(serial.lowercased().contains("serial=" + leaf.serialNumber))
        #expect(leaf.serialNumber.count == 32)
        #expect(leaf.subjectKeyIdentifier?.count == 20)
        #expect(!leaf.isSelfIssued && authorities.root.certificate.isSelfIssued)
    }

    @Test func serialNumbersDiffer() throws {
        let authorities = try TestAuthorities()
        let key = try PrivateKey.generate(.p256)
        let serials = try (0..<50).map { _ in
            try authorities.issuing.issue(TestAuthorities.template(.receipt), publicKey: key).serialNumber
        }
        #expect(Set(serials).count == 50)
    }

    @Test func listsReadAsIntended() throws {
        let (program, authorities, leaf) = try prepare()
        let list = try authorities.issuing.list(
            revoked: [
                RevokedCertificate(leaf, date: .days(-1), reason: .keyCompromise, invalidityDate: .days(-4))
            ]
        )
        try program.write("list.pem", list.pem())
        let result = try program.run("crl -in list.pem -noout -text -CAfile issuing.pem")
        for expected in [
            "verify OK", "Version 2 (0x1)", "Key Compromise", "Invalidity Date:", "Nov 18 10:00:00 2026 GMT",
            "X509v3 CRL Number:", "X509v3 Authority Key Identifier:", leaf.serialNumber.uppercased(),
            "Next Update: Nov 23 09:00:00 2026 GMT",
        ] {
            #expect(result.output.contains(expected), "\(expected) is missing in \(result.output)")
        }
    }

    // MARK: A list made by the program

    @Test func aListOfTheProgramIsChecked() throws {
        let (program, authorities, leaf) = try prepare()
        try program.write("issuing.key", authorities.issuing.key)
        try program.write(
            "ca.cnf",
            """
            [ca]
            default_ca = it
            [it]
            database = index.txt
            crlnumber = number
            default_md = sha256
            crl_extensions = ext
            [ext]
            authorityKeyIdentifier = keyid
            """
        )
        let subject = "/C=KZ/CN=x"
        try program.write(
            "index.txt",
            "R\t270101000000Z\t261120100000Z,keyCompromise\t\(leaf.serialNumber.uppercased())\tunknown\t\(subject)\n"
        )
        try program.write("number", "0B\n")
        let made = try program.run(
            "ca -config ca.cnf -gencrl -keyfile issuing.key -cert issuing.pem -crl_lastupdate 20261122090000Z"
                + " -crl_nextupdate 20261123090000Z -out list.pem"
        )
        #expect(made.status == 0, "\(made.output)")
        let list = try RevocationList(pemOrDER: program.read("list.pem"))
        #expect(list.number == "0b" && list.count == 1 && list.thisUpdate == .hours(-1))
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list)) }
        try validate(leaf, authorities.trust(list), at: .days(-3))
    }

    // MARK: OCSP both ways

    @Test(arguments: [PrivateKey.Kind.p256, .rsa3072])
    func theProgramChecksOurResponses(_ kind: PrivateKey.Kind) throws {
        let (program, authorities, leaf) = try prepare(kind)
        let key = try TestKeys.make(kind)
        let certificate = try authorities.issuing.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        let responder = try OCSPResponder(
            issuer: authorities.issuing.certificate,
            certificate: certificate,
            key: key
        )
        for digest in ["-sha1", "-sha256"] {
            let asked = try program.run("ocsp -issuer issuing.pem \(digest) -cert leaf.pem -reqout request.der")
            #expect(asked.status == 0, "\(asked.output)")
            for (status, text) in [
                (OCSPStatus.good, "leaf.pem: good"), (.unknown, "leaf.pem: unknown"),
                (.revoked(since: .days(-2), reason: .superseded), "leaf.pem: revoked"),
            ] {
                let response = try responder.respond(to: program.read("request.der"), at: .testNow) { serial in
                    serial == leaf.serialNumber ? status : .unknown
                }
                try program.write("response.der", response)
                let result = try program.run(
                    "ocsp -respin response.der -reqin request.der -no_nonce -issuer issuing.pem \(digest) -cert leaf.pem"
                        + " -CAfile root.pem -verify_other issuing.pem -validity_period 100000000"
                        + " -attime \(ExchangeTime.testNow.secondsSince1970)"
                )
                #expect(result.output.contains("Response verify OK"), "\(result.output)")
                #expect(result.output.contains(text), "\(result.output)")
                #expect(!result.output.contains("nonce"), "\(result.output)")
                if case .revoked = status { #expect(result.output.contains("Reason: superseded")) }
            }
        }
    }

    @Test func weCheckTheProgramsResponses() throws {
        let (program, authorities, leaf) = try prepare()
        let key = try PrivateKey.generate(.p256)
        let certificate = try authorities.issuing.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        try program.write("ocsp.pem", certificate.pem())
        try program.write("ocsp.key", key)
        let query = try OCSPQuery(certificate: leaf, issuer: authorities.issuing.certificate)
        try program.write("request.der", query.der)
        let serial = leaf.serialNumber.uppercased()
        for (line, expected) in [
            ("V\t270918100000Z\t\t\(serial)\tunknown\t/CN=x\n", OCSPStatus.good),
            (
                "R\t270918100000Z\t261120100000Z,superseded\t\(serial)\tunknown\t/CN=x\n",
                .revoked(since: .days(-2), reason: .superseded)
            ),
            ("", .unknown),
        ] {
            try program.write("index.txt", line)
            let made = try program.run(
                "ocsp -index index.txt -CA issuing.pem -rsigner ocsp.pem -rkey ocsp.key -reqin request.der"
                    + " -respout response.der -ndays 1"
            )
            #expect(made.status == 0, "\(made.output)")
            let response = try program.read("response.der")
            // The program dates its response by its own clock.
            let trust = authorities.trust
            let now = try OCSPResponse(der: response).answer(
                about: leaf,
                issuer: authorities.issuing.certificate,
                now: .days(5_000),
                trust: trust
            ).producedAt
            #expect(try query.check(response, now: now, trust: trust).status == expected)
            let again = try OCSPQuery(certificate: leaf, issuer: authorities.issuing.certificate)
            expect(.ocspNonceMismatch) { try again.check(response, now: now, trust: trust) }
        }
    }

    @Test func listsAndCertificatesSurviveConcurrentUse() async throws {
        let authorities = try TestAuthorities()
        let leaves = try (0..<8).map { _ in try authorities.leaf() }
        let list = try authorities.issuing.list(
            revoked: leaves.prefix(4).reversed().map { RevokedCertificate($0, date: .days(-1)) }
        )
        let trust = authorities.trust(list)
        let good = await withTaskGroup(of: Int.self) { group in
            for round in 0..<64 {
                group.addTask { (try? validate(leaves[round % 8], trust)) == nil ? 0 : 1 }
            }
            return await group.reduce(0, +)
        }
        #expect(good == 32)
    }

    @Test func libcryptoHealth() throws {
        let said = try OpenSSLProgram().run("version").output
        #expect(said.contains("Library: " + LibcryptoHealth.version))
        #expect(LibcryptoHealth.warning(number: 0x3000_0130, text: "OpenSSL 3.0.19")?.contains("3.0.19") == true)
        #expect(LibcryptoHealth.warning(number: 0x3000_0160, text: "OpenSSL 3.0.22") == nil)
        #expect(LibcryptoHealth.warning(number: 0x3050_0000, text: "OpenSSL 3.5.0") == nil)
        #expect(
            (LibcryptoHealth.warning == nil) == (LibcryptoHealth.versionNumber >= LibcryptoHealth.fixedVersionNumber)
        )
    }
}
