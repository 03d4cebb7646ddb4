import Foundation

/// What people use today for the same job, with keys made for this run, and the limit of the machine.
struct Peers {
    static let opensslName = "openssl cms: sign, encrypt, sign"
    static let gpgName = "gpg --sign --encrypt"
    static let limitName = "limit: same primitives, 2 threads"

    private let workplace: Workplace
    /// GnuPG's sockets need a short path.
    private let gnupgHome: URL
    private var agePublicKey = ""

    init(_ workplace: Workplace) throws {
        self.workplace = workplace
        gnupgHome = URL(fileURLWithPath: "/tmp/gnupg-\(ProcessInfo.processInfo.processIdentifier)")
        for name in ["signer", "recipient"] {
            try ChildProcess.run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                "2",
                "-subj", "/CN=\(name)", "-keyout", workplace.path("\(name).key"), "-out", workplace.path("\(name).crt"),
            ])
        }
        if ChildProcess.exists("gpg") {
            try FileManager.default.createDirectory(
                at: gnupgHome,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
            try ChildProcess.run(
                [
                    "gpg", "--batch", "--passphrase", "", "--quick-generate-key", "benchmark", "default", "default",
                    "2d",
                ],
                environment: gnupgEnvironment
            )
        }
        if ChildProcess.exists("age") {
            try ChildProcess.run(["age-keygen", "-o", workplace.path("age.key")])
            agePublicKey = try ChildProcess.run(["age-keygen", "-y", workplace.path("age.key")])
                .trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private var gnupgEnvironment: [String: String] { ["GNUPGHOME": gnupgHome.path] }

    /// Ends GnuPG's agent and removes its keys.
    func close() {
        _ = try? ChildProcess.run(["gpgconf", "--kill", "all"], environment: gnupgEnvironment)
        try? FileManager.default.removeItem(at: gnupgHome)
    }

    /// Those that are installed here; the limit always.
    var contenders: [Contender] {
        let limit = (try? Workplace.ownFolder().appendingPathComponent("benchmarks").path) ?? "benchmarks"
        var all = [
            openssl,
            Contender(
                name: Self.limitName,
                command: [limit, "limit", workplace.path("input"), workplace.path("limit")],
                writes: ["limit"]
            ),
        ]
        if ChildProcess.exists("gpg") { all.append(gpg) }
        if !agePublicKey.isEmpty { all.append(age) }
        return all
    }

    private var openssl: Contender {
        let sign =
            "openssl cms -sign -binary -nodetach -stream -outform DER -md sha256"
            + " -signer \(workplace.path("signer.crt")) -inkey \(workplace.path("signer.key"))"
        let encrypt =
            "openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER"
            + " -recip \(workplace.path("recipient.crt")) -keyopt ecdh_kdf_md:sha256"
        return Contender(
            name: Self.opensslName,
            command: [
                "bash", "-c",
                "set -o pipefail; \(sign) -in \(workplace.path("input")) | \(encrypt) | \(sign) -out \(workplace.path("pipe"))",
            ],
            writes: ["pipe"]
        )
    }

    private var gpg: Contender {
        Contender(
            name: Self.gpgName,
            command: [
                "gpg", "--batch", "--yes", "--trust-model", "always", "--sign", "--encrypt", "-z", "0", "--cipher-algo",
                "AES256", "--digest-algo", "SHA256", "--recipient", "benchmark", "--output", workplace.path("gpg"),
                workplace.path("input"),
            ],
            environment: gnupgEnvironment,
            writes: ["gpg"]
        )
    }

    private var age: Contender {
        Contender(
            name: "age (encrypts only)",
            command: ["age", "-r", agePublicKey, "-o", workplace.path("age"), workplace.path("input")],
            writes: ["age"]
        )
    }
}
