import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OutboundTransport
import TrustCrypto

/// Seals a signed draft, or drafts, signs and seals at once.
struct BundleSealCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seal",
        abstract: "Check the signatures of a draft, timestamp them, encrypt for the recipients and seal.",
        discussion:
            "With --sign and the options of draft instead of a draft's directory, all three steps are done at once."
    )

    @Argument(help: "The draft's directory.", completion: .directory)
    var draft: String?
    @Option(
        name: .customLong("signature"),
        help: "A signature over the draft, beside those kept with it.",
        completion: .file()
    )
    var signatures: [String] = []
    @Option(
        name: .customLong("sign"),
        help: ArgumentHelp("Who signs now, and with what.", valueName: "role:certificate:key"),
        completion: .file()
    )
    var signing: [String] = []
    @OptionGroup(title: "Options of a new draft") var draftOptions: DraftOptions
    @Option(help: "Your gateway's seal certificate (PEM).", completion: .file())
    var sealCertificate: String
    @Option(help: "Its private key (PEM).", completion: .file())
    var sealKey: String
    @Option(help: "Intermediate certificates to carry with the signatures (PEM).", completion: .file())
    var chain: [String] = []
    @Option(
        name: .customLong("recipient"),
        help: "The encryption certificate of a recipient (PEM).",
        completion: .file()
    )
    var recipients: [String]
    @Option(help: "The timestamp authority (RFC 3161 over HTTP).")
    var tsa: String
    @Option(
        help: ArgumentHelp(
            "A trust directory; with it signers, seal and recipients are checked before sealing.",
            discussion: "The signatures then carry what proves them for the long term, see --level."
        ),
        completion: .directory
    )
    var trust: String?
    @Option(
        help: ArgumentHelp(
            "The baseline level of the signatures.",
            discussion: """
                lt: with certificates and revocation information, so that they are proven later with every service \
                down; t: with a timestamp only; auto: lt where the trust directory suffices, t otherwise.
                """
        )
    )
    var level: LevelName = .auto
    @Flag(help: "Fetch revocation lists and OCSP answers that the trust directory does not hold, for --level.")
    var online = false
    @Option(name: .customLong("class"), help: "What kind of bundle it is.")
    var bundleClass: ExchangeHeader.BundleClass = .message
    @Option(help: "Who can open it.")
    var mode: ExchangeHeader.Mode = .gateway
    @Option(help: "How urgent the delivery is.")
    var priority: ExchangeHeader.Priority = .routine
    @Option(help: "Days during which delivery may be tried.")
    var expiresIn: Int = 14
    @Option(help: "Content bytes in each part, such as 32M.")
    var partSize: String = "32M"
    @Option(name: .customLong("out"), help: "The bundle to write.", completion: .file())
    var output: String
    @Flag(help: "Write the result as JSON.")
    var json = false

    func validate() throws {
        guard (draft == nil) == !signing.isEmpty else {
            throw ValidationError("Give the directory of a signed draft, or --sign with the options of a new draft.")
        }
        guard (1...366).contains(expiresIn) else { throw ValidationError("--expires-in takes 1 to 366 days.") }
        guard let size = Self.bytes(partSize), CryptoSuite.rogatory1.partSizes.contains(size) else {
            throw ValidationError("--part-size takes 64K to 64M.")
        }
        guard level != .lt || trust != nil else { throw ValidationError("--level lt needs --trust.") }
    }

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            try LibcryptoCheck.run("rogatory")
            try OutputDirectory.requirePlace(output)
            var order = try CommandFailure.configuration { try self.order() }
            let (draft, signatures) = try signedDraft(chain: order.sealChain)
            // Not before drafting, which can take long: nothing is sealed before it was drafted.
            let now = try CommandFiles.time(nil)
            order.created = now
            order.expires = now.adding(seconds: Int64(expiresIn) * 86_400)
            let sealer = try BundleSealer(draft: draft, order: order)
            var longTerm: LongTermGathering?
            if let trust {
                let directory = try CommandFailure.configuration { try TrustDirectory(reading: trust) }
                try sealer.checkPaths(trust: directory, signatures: signatures, now: now)
                longTerm = gathering(directory)
            }
            let timestamper = Timestamping.over(url: tsa)
            let released = try BundleSealer.release(
                draft,
                signatures: signatures,
                timestamper: timestamper,
                longTerm: longTerm
            )
            let line = ProgressLine("Sealing")
            defer { line.end() }
            let sealed = try sealer.seal(
                signature: released,
                to: output,
                timestamper: timestamper,
                longTerm: longTerm,
                progress: { line.show($0, $1) }
            )
            line.end()
            try describe(sealed)
        }
    }

    private func gathering(_ trust: TrustDirectory) -> LongTermGathering {
        LongTermGathering(
            trust: trust,
            policy: level.policy,
            now: { ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)) },
            fetcher: online ? BundleChecking.fetcher : nil,
            note: { error in
                CommandFailure.note("a signature stays at CAdES-B-T: \(error.sentence) [\(error.code)]", "rogatory")
            }
        )
    }

    private func order() throws -> BundleSealer.Order {
        let now = try CommandFiles.time(nil)
        var order = BundleSealer.Order(
            sealCertificate: try CommandFiles.certificate(sealCertificate),
            sealKey: try CommandFiles.privateKey(sealKey),
            recipients: try CommandFiles.certificates(recipients),
            created: now,
            expires: now
        )
        order.sealChain = try CommandFiles.certificates(chain)
        order.bundleClass = bundleClass
        order.mode = mode
        order.priority = priority
        order.partSize = Self.bytes(partSize) ?? order.partSize
        return order
    }

    private func signedDraft(chain: [PartyCertificate]) throws -> (BundleDraft, [CAdESSignature]) {
        if let directory = draft {
            let draft = try BundleDraft(readingFrom: directory)
            let kept = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/signatures")) ?? []
            let paths =
                kept.filter { $0.hasSuffix(".p7s") }.sorted().map { "\(directory)/signatures/\($0)" } + signatures
            return (draft, try paths.map { try CAdESSignature(derOrPEM: SmallFile.read($0)) })
        }
        let named = try signing.map { text in
            let (role, files) = try DraftOptions.split(text, ":", "--sign", "officer:CERTIFICATE:KEY")
            let (certificate, key) = try DraftOptions.split(files, ":", "--sign", "officer:CERTIFICATE:KEY")
            return (role: role, path: certificate, key: key)
        }
        let draft = try draftOptions.draft(moreSigners: named.map { ($0.role, $0.path) })
        let made = try CommandFailure.configuration {
            try named.map { _, certificate, key in
                try CAdESSignature.sign(
                    content: draft.signedObject,
                    certificate: CommandFiles.certificate(certificate),
                    key: CommandFiles.privateKey(key),
                    chain: chain,
                    time: CommandFiles.time(nil)
                )
            }
        }
        return (draft, made)
    }

    private func describe(_ sealed: BundleSealer.Sealed) throws {
        let header = sealed.header
        if json {
            try JSONOutput.write([
                ("file", output), ("bundle", header.bundle.urn), ("thread", header.thread.urn),
                ("sealedDigest", sealed.sealedDigest.hex), ("contentDigest", header.contentDigest.hex),
                ("size", String(sealed.size)), ("level", sealed.level.rawValue), ("parts", String(header.partCount)),
            ])
        } else {
            print("sealed          \(output)")
            print("bundle          \(header.bundle)")
            print("content digest  \(header.contentDigest)")
            print("sealed digest   \(sealed.sealedDigest)")
            print("level           \(sealed.level.rawValue)")
            print("size            \(ProgressLine.size(sealed.size)) in \(header.partCount) parts")
        }
    }

    /// A number of bytes, with K or M for the binary multiples.
    static func bytes(_ text: String) -> Int64? {
        let factor: Int64 = text.hasSuffix("M") ? 1_048_576 : text.hasSuffix("K") ? 1_024 : 1
        guard let number = Int64(factor == 1 ? text : String(text.dropLast())), number > 0, number < 1 << 30 else {
            return nil
        }
        return number * factor
    }
}
