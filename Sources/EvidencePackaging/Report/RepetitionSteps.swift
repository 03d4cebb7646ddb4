import ExchangeModel

/// How each check is repeated with unzip, sha256sum and openssl, without any program of ours.
///
/// The commands run one after the other in one directory, in which the file lies under its name; `TRUST` names the
/// trust directory, and `RECIPIENT` what stands before `.crt` and `.key` of a recipient's certificate and key.
struct RepetitionSteps {
    /// Some commands and the checks that they repeat.
    struct Step {
        let checks: [String]
        let commands: [String]
    }

    let all: [Step]

    init(_ report: BundleReport) {
        let made = Set(report.report.checks.lazy.map(\.name))
        let file = Self.quoted(report.file.map { "./" + $0 } ?? "bundle.asice")
        var steps: [Step] = []
        if report.kind != .foreignContainer {
            steps.append(Self.anchors(report))
        }
        switch report.kind {
        case .sealedBundle:
            steps.append(
                Step(
                    checks: ["container.structure", "container.entries"],
                    commands: ["unzip -tq \(file)", "unzip -q -d sealed \(file)"]
                )
            )
            steps += Self.container("sealed", report, seal: true)
            if made.contains("recipient.key") {
                steps += Self.opening
                steps += Self.container("signed", report, seal: false)
            }
        case .signedContainer:
            steps.append(
                Step(checks: ["content.structure"], commands: ["unzip -tq \(file)", "unzip -q -d signed \(file)"])
            )
            steps += Self.container("signed", report, seal: false)
        case .foreignContainer:
            steps.append(Step(checks: ["foreign.structure"], commands: ["unzip -tq \(file)"]))
        }
        all = steps.compactMap { step in
            let checks = step.checks.filter { made.contains($0) }
            return checks.isEmpty ? nil : Step(checks: checks, commands: step.commands)
        }
    }

    /// The number of the step that repeats a check, from 1.
    var numbers: [String: Int] {
        var found: [String: Int] = [:]
        for (index, step) in all.enumerated() {
            for check in step.checks where found[check] == nil { found[check] = index + 1 }
        }
        return found
    }

    /// The certificates that everything must lead to, and the lists of what was revoked.
    private static func anchors(_ report: BundleReport) -> Step {
        let proven = report.signatures.flatMap { ["\($0.name).certificate", "\($0.name).timestamp_authority"] }
        let revoked = report.signatures.map { "\($0.name).revocation" }
        let serials = report.certificates.map { "-e \(pattern(ofSerial: $0.serialNumber))" }.joined(separator: " ")
        var commands = [
            #"cat "$TRUST"/parties/*/anchors/*.crt "$TRUST"/timestamping/anchors/*.crt >anchors.pem"#,
            #"openssl crl2pkcs7 -nocrl -certfile anchors.pem | openssl pkcs7 -print_certs -noout"#,
            """
            for list in "$TRUST"/crls/*.crl; do openssl crl -in "$list" -noout -issuer -lastupdate -nextupdate; done
            """,
        ]
        if !serials.isEmpty {
            commands.append(
                """
                for list in "$TRUST"/crls/*.crl; do openssl crl -in "$list" -noout -text; done | grep -i -A1 \(serials) || \
                echo "none of the certificates is listed"
                """
            )
        }
        return Step(checks: proven + revoked, commands: commands)
    }

    /// `openssl crl -text` writes serial numbers in capitals.
    private static func pattern(ofSerial serial: String) -> String {
        let digits = serial.filter { $0.isHexDigit }.uppercased()
        return "'Serial Number: \(digits)'"
    }

    private static func container(_ folder: String, _ report: BundleReport, seal: Bool) -> [Step] {
        let signatures = report.signatures.filter { seal ? $0.name == "seal" : $0.name.hasPrefix("signer.") }
        let digest = seal ? report.subject.sealedDigest : report.subject.contentDigest
        var steps: [Step] = []
        var identity = [#"cat \#(folder)/META-INF/ASiCManifest.xml"#]
        if let digest { identity.append("echo '\(digest.hex)  \(folder)/META-INF/ASiCManifest.xml' | sha256sum -c") }
        steps.append(
            Step(checks: seal ? ["seal.manifest"] : ["content.manifest", "content.identity"], commands: identity)
        )
        steps.append(
            Step(
                checks: seal ? ["objects.digests", "parts.digests"] : ["content.digests"],
                commands: [
                    """
                    sed -n -e 's|.*<DataObjectReference URI="\\([^"]*\\)".*|\\1|p' \
                    -e 's|.*<ds:DigestValue>\\(.*\\)</ds:DigestValue>.*|\\1|p' \
                    \(folder)/META-INF/ASiCManifest.xml >\(folder).digests
                    """,
                    """
                    while read -r name && read -r digest; do \
                    test "$(openssl dgst -sha256 -binary "\(folder)/$name" | base64)" = "$digest" && echo "$name: OK" || \
                    { echo "$name: DIFFERS"; false; }; done <\(folder).digests
                    """,
                ]
            )
        )
        if seal || report.kind == .signedContainer {
            steps += report.signatures.filter { $0.name.hasPrefix("archive.") }.flatMap { Self.renewal($0, folder) }
        }
        for signature in signatures { steps.append(Self.signature(signature, folder, isOnly: signatures.count == 1)) }
        if !seal {
            steps.append(
                Step(
                    checks: [
                        "manifest.format", "manifest.json", "manifest.items", "manifest.header", "manifest.signers",
                    ],
                    commands: ["cat \(folder)/manifest.xml", "find \(folder) -type f -exec sha256sum {} +"]
                )
            )
        }
        return steps
    }

    /// A renewal: digests of everything before it, and its own timestamp.
    private static func renewal(_ stamp: BundleReport.Signature, _ folder: String) -> [Step] {
        guard let token = stamp.object, let manifest = stamp.content else { return [] }
        let at = stamp.provenTime.flatMap { ExchangeTime(rfc3339: $0) }.map { " -attime \($0.secondsSince1970)" } ?? ""
        return [
            Step(
                checks: ["\(stamp.name).manifest", "\(stamp.name).digests"],
                commands: [
                    """
                    sed -n -e 's|.*<DataObjectReference URI="\\([^"]*\\)".*|\\1|p' \
                    -e 's|.*<ds:DigestMethod Algorithm="[^"]*#\\(sha[0-9]*\\)".*|\\1|p' \
                    -e 's|.*<ds:DigestValue>\\(.*\\)</ds:DigestValue>.*|\\1|p' \(folder)/\(manifest) >\(stamp.name).digests
                    """,
                    """
                    while read -r name && read -r method && read -r digest; do \
                    test "$(openssl dgst "-$method" -binary "\(folder)/$name" | base64 -w 0)" = "$digest" && \
                    echo "$name: OK" || { echo "$name: DIFFERS"; false; }; done <\(stamp.name).digests
                    """,
                ]
            ),
            Step(
                checks: ["\(stamp.name).timestamp", "\(stamp.name).timestamp_authority"],
                commands: [
                    """
                    openssl ts -verify -token_in -in \(folder)/\(token) -data \(folder)/\(manifest) \
                    -CAfile anchors.pem\(at)
                    """,
                    "openssl ts -reply -token_in -in \(folder)/\(token) -token_out -text | grep -a 'Time stamp:'",
                ]
            ),
        ]
    }

    /// openssl proves every signature of an object at once; timestamps one by one.
    private static func signature(_ signature: BundleReport.Signature, _ folder: String, isOnly: Bool) -> Step {
        let object = "\(folder)/META-INF/signature.p7s"
        let names = ["signature", "timestamp", "timestamp_authority", "certificate", "revocation"]
        let form =
            signature.name == "seal"
            ? ["seal.format", "seal.certificates"] : ["content.format", "content.certificates"]
        let at =
            signature.provenTime.flatMap { ExchangeTime(rfc3339: $0) }
            .map { " -attime \($0.secondsSince1970)" } ?? ""
        var commands = [
            """
            openssl cms -verify -cades -binary -inform DER -in \(object) -content \(folder)/META-INF/ASiCManifest.xml \
            -CAfile anchors.pem -purpose any\(at) -out /dev/null
            """
        ]
        if let value = signature.valuePlace, let token = signature.tokenPlace {
            commands += [
                "tail -c +\(value.offset + 1) \(object) | head -c \(value.size) >\(signature.name).value",
                "tail -c +\(token.offset + 1) \(object) | head -c \(token.size) >\(signature.name).token",
                """
                openssl ts -verify -token_in -in \(signature.name).token -data \(signature.name).value \
                -CAfile anchors.pem\(at)
                """,
                "openssl ts -reply -token_in -in \(signature.name).token -token_out -text | grep -a 'Time stamp:'",
            ]
        }
        return Step(checks: names.map { "\(signature.name).\($0)" } + form, commands: commands)
    }

    private static let opening = [
        Step(
            checks: ["key.format", "recipient.key"],
            commands: [
                #"openssl cms -decrypt -binary -inform DER -in sealed/key.p7m -recip "$RECIPIENT.crt" -inkey "$RECIPIENT.key" -out bundle.key"#,
                #"key=$(od -An -v -tx1 bundle.key | tr -d ' \n')"#,
                "id=$(sed -n 's|.*<bundle>urn:uuid:||p' sealed/exchange.xml | cut -d '<' -f 1 | tr -d -)",
            ]
        ),
        Step(
            checks: ["parts.format", "content.structure"],
            commands: [
                """
                for part in sealed/parts/*.p7m; do openssl cms -decrypt -binary -inform DER -in "$part" -secretkey "$key" \
                -secretkeyid "$id"; done >signed.asice
                """,
                "unzip -tq signed.asice",
                "unzip -q -d signed signed.asice",
            ]
        ),
    ]

    /// A word of the shell, whatever it holds.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
    }
}
