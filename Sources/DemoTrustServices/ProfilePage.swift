import TrustCrypto

/// The page that lists every certificate of a demonstration PKI.
enum ProfilePage {
    /// A complete HTML document without scripts or outside resources.
    static func html(of document: PKIDocument) -> String {
        let body = sections.map { title, note, prefix in
            let members = document.certificates.filter { $0.path.hasPrefix(prefix) }
            return members.isEmpty ? "" : section(title, note, members)
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Demonstration certificates</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            <h1>Demonstration certificates</h1>
            <p>Made at \(escaped(document.minted)) for demonstration and tests. Names of persons are invented. \
            Nobody vouches for these certificates; do not trust them for anything else.</p>
            <p>Services at <code>\(escaped(document.services))</code>: time stamping at <code>/tsa</code> (EC) and \
            <code>/tsa-rsa</code> (RSA), OCSP at <code>/ocsp/</code><var>authority</var>, revocation lists at \
            <code>/crl/</code><var>authority</var><code>.crl</code>.</p>
            \(body.joined())</body>
            </html>

            """
    }

    private static var sections: [(String, String, String)] {
        [("Authorities", "Each issues only to one state or one service; the root issues only to them.", "ca/")]
            + DemoPKIPlan.parties.map { ("\($0.id): \($0.organization)", "", "parties/\($0.id)/") }
            + [
                ("Time stamping", "", "tsa/"), ("Certificate status (OCSP)", "", "ocsp/"),
                ("To be refused", "Made for tests; a verifier that accepts one of these is wrong.", "hostile/"),
            ]
    }

    private static func section(_ title: String, _ note: String, _ members: [CertificateProfile]) -> String {
        let rows = members.map(row)
        return """
            <section>
            <h2>\(escaped(title))</h2>
            \(note.isEmpty ? "" : "<p>\(escaped(note))</p>\n")\(rows.joined())</section>

            """
    }

    private static func row(_ profile: CertificateProfile) -> String {
        var terms: [(String, String)] = [
            ("Purpose", purposes[profile.purpose] ?? profile.purpose), ("Subject", profile.subject),
            ("Issuer", profile.issuer), ("Key", profile.key),
            ("Validity", "\(profile.notBefore) to \(profile.notAfter)"), ("Key usage", profile.keyUsage),
        ]
        if !profile.extendedKeyUsage.isEmpty {
            let names = profile.extendedKeyUsage.map { oid in usages[oid].map { "\($0) (\(oid))" } ?? oid }
            terms.append(("Extended key usage", names.joined(separator: ", ")))
        }
        if !profile.revocationLists.isEmpty {
            terms.append(("Revocation list", profile.revocationLists.joined(separator: ", ")))
        }
        if !profile.ocsp.isEmpty { terms.append(("OCSP", profile.ocsp.joined(separator: ", "))) }
        terms += [("Serial number", profile.serialNumber), ("SHA-256", profile.sha256)]
        if let fault = profile.fault { terms.insert(("Fault", faults[fault] ?? fault), at: 0) }
        let list = terms.map { "<dt>\(escaped($0.0))</dt><dd>\(escaped($0.1))</dd>\n" }
        return """
            <article>
            <h3>\(escaped(profile.path))</h3>
            <dl>
            \(list.joined())</dl>
            </article>

            """
    }

    private static let purposes = [
        "gatewayTLS": "a gateway in TLS, as server and client", "agencyTLS": "an agency in TLS, as client",
        "gatewaySeal": "a gateway's seal on bundles", "receipt": "receipts",
        "backupEncryption": "backups for an administrator",
        "gatewayEncryption": "bundle keys for a gateway", "agencyEncryption": "bundle keys for an agency",
        "personSignature": "a person's signature on content", "personSignIn": "a person's sign-in to a gateway",
        "timestamping": "time stamping", "ocspSigning": "answers about the status of certificates",
        "certificateAuthority": "issuing certificates and revocation lists",
    ]

    private static let faults = [
        "expired": "its validity has ended", "revoked": "it is revoked",
        "misplaced": "wrong purpose, or issued by another state's authority",
    ]

    private static let usages: [String: String] = {
        var names = [
            "1.3.6.1.5.5.7.3.1": "serverAuth", "1.3.6.1.5.5.7.3.2": "clientAuth",
            "1.3.6.1.5.5.7.3.8": "timeStamping", "1.3.6.1.5.5.7.3.9": "OCSPSigning",
        ]
        let own: [(CertificatePurpose, String)] = [
            (.gatewaySeal, "gateway seal"), (.receipt, "receipt"), (.gatewayEncryption, "gateway encryption"),
            (.agencyEncryption, "agency encryption"), (.backupEncryption, "backup encryption"),
            (.personSignature, "person signature"),
            (.personSignIn, "person sign-in"), (.agencyTLS, "agency TLS"),
        ]
        for (purpose, name) in own { names[purpose.extendedKeyUsage.last ?? ""] = name }
        return names
    }()

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    private static let style = """
        :root { color-scheme: light dark; }
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
        h3 { font-size: 1rem; margin: 0 0 .3rem; font-family: ui-monospace, monospace; }
        article { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .8rem 0; }
        dl { display: grid; grid-template-columns: 10rem 1fr; gap: .1rem 1rem; margin: 0; }
        dt { opacity: .75; } dd { margin: 0; overflow-wrap: anywhere; }
        @media (max-width: 36rem) { dl { grid-template-columns: 1fr; } dt { margin-top: .4rem; } }
        @media print {
          :root { color-scheme: light; }
          body { font-size: 9pt; max-width: none; margin: 0; color: #000; background: #fff; }
          article { break-inside: avoid; } h2 { break-after: avoid; }
        }
        """
}
