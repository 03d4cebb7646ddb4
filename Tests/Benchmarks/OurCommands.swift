import Foundation

/// The product's own commands, run as its users run them.
struct OurCommands {
    static let sealName = "rogatory: seal a finished draft"
    static let openName = "rogatory: open and verify"

    private let workplace: Workplace

    init(_ workplace: Workplace) { self.workplace = workplace }

    private var party: String { workplace.path("pki/parties/KZ-GPO") }
    private var recipient: String { workplace.path("pki/parties/KG-GPO/encryption") }
    private var officer: String { party + "/people/officer-signature" }
    private var approver: String { party + "/people/approver-signature" }

    private var draftOptions: [String] {
        [
            "--from", "KZ-GPO", "--to", "KG-GPO", "--type", "response", "--subject", "Benchmark", "--evidence",
            workplace.path("input"),
        ]
    }

    private func draftCommand(to draft: String) -> [String] {
        [workplace.rogatory, "bundle", "draft"] + draftOptions + [
            "--signer", "officer:\(officer).crt", "--signer", "approver:\(approver).crt", "--out",
            workplace.path(draft),
        ]
    }

    private var sealOptions: [String] {
        [
            "--seal-certificate", party + "/seal.crt", "--seal-key", party + "/seal.key", "--recipient",
            recipient + ".crt", "--tsa", workplace.servicesURL + "/tsa",
        ]
    }

    /// Makes the sealed bundle, and the draft and signature below it, that the measured commands start from.
    func prepareBundle() throws {
        try prepareDraft()
        try ChildProcess.run(seal.command.dropLast() + [workplace.path("bundle.asice")])
    }

    /// Makes a signed draft.
    func prepareDraft() throws {
        try ChildProcess.run(draftCommand(to: "draft"))
        for person in [officer, approver] {
            try ChildProcess.run([
                workplace.rogatory, "sign", workplace.path("draft"), "--certificate", person + ".crt", "--key",
                person + ".key",
            ])
        }
    }

    var seal: Contender {
        Contender(
            name: Self.sealName,
            command: [workplace.rogatory, "bundle", "seal", workplace.path("draft")] + sealOptions + [
                "--out", workplace.path("sealed.asice"),
            ],
            writes: ["sealed.asice"]
        )
    }

    var intake: Contender {
        Contender(name: "rogatory: intake (draft)", command: draftCommand(to: "draft-2"), writes: ["draft-2"])
    }

    var intakeAndSeal: Contender {
        Contender(
            name: "rogatory: intake, sign and seal",
            command: [workplace.rogatory, "bundle", "seal"] + draftOptions + [
                "--sign", "officer:\(officer).crt:\(officer).key", "--sign", "approver:\(approver).crt:\(approver).key",
            ] + sealOptions + [
                "--out", workplace.path("sealed-2.asice"),
            ],
            writes: ["sealed-2.asice"]
        )
    }

    var verify: Contender {
        Contender(
            name: "rogatory: verify the seal",
            command: [
                workplace.rogatory, "bundle", "verify", workplace.path("bundle.asice"), "--trust",
                workplace.path("pki/trust"),
            ]
        )
    }

    var open: Contender {
        Contender(
            name: Self.openName,
            command: [
                workplace.rogatory, "bundle", "open", workplace.path("bundle.asice"), "--trust",
                workplace.path("pki/trust"),
                "--certificate", recipient + ".crt", "--key", recipient + ".key", "--out", workplace.path("opened"),
            ],
            writes: ["opened"]
        )
    }
}
