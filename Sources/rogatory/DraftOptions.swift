public import ArgumentParser
import CommandSurface
import EvidencePackaging
public import ExchangeModel
import TrustCrypto

/// Everything that is said of a message before it is signed.
struct DraftOptions: ParsableArguments {
    @Option(help: "The sending party, such as KZ-GPO.")
    var from: String?
    @Option(help: "The receiving party.")
    var to: String?
    @Option(help: "The sending agency.")
    var fromAgency: String?
    @Option(help: "The agency it is for.")
    var toAgency: String?
    @Option(help: "What the message does.")
    var type: EvidenceManifest.MessageType = .response
    @Option(help: "What it is about, in one line.")
    var subject: String?
    @Option(help: "Your reference number.")
    var reference: String?
    @Option(help: "The treaty it rests on, by the id of its profile.")
    var treaty: String?
    @Option(help: "The thread it continues (urn:uuid:…); a new one when not given.")
    var thread: String?
    @Option(help: "Your own count of messages in the thread.")
    var sequence: Int64 = 1
    @Option(help: "The content digest of your previous message in the thread.")
    var previous: String?
    @Option(help: "The highest sequence seen from the other side.")
    var seen: Int64 = 0
    @Option(
        name: .customLong("field"),
        help: ArgumentHelp("A field of the form, as NAME=VALUE.", valueName: "name=value")
    )
    var fields: [String] = []
    @Option(name: .customLong("letter"), help: "The letter the signers read.", completion: .file())
    var letters: [String] = []
    @Option(name: .customLong("document"), help: "A document to attach.", completion: .file())
    var documents: [String] = []
    @Option(
        name: .customLong("evidence"),
        help: "A file of evidence, or a directory that stands for every file in it.",
        completion: .file()
    )
    var evidence: [String] = []
    @Option(
        help: "What is known of the items' acquisition and custody, as JSON (Docs/guide-officer.md).",
        completion: .file(extensions: ["json"])
    )
    var acquisition: String?
    @Option(
        name: .customLong("signer"),
        help: ArgumentHelp("Who must sign: officer or approver, and the certificate.", valueName: "role:certificate"),
        completion: .file()
    )
    var signers: [String] = []
    @Option(help: "Why one person releases it alone.")
    var soleReleaseReason: String?
    @Option(help: "Whether the recipient may pass it on.")
    var onward: EvidenceManifest.UseLimits.OnwardTransfer?
    @Option(help: "The purpose the use is bound to.")
    var speciality: String?
    @Option(help: "When the recipient must destroy it, such as 2027-12-31T00:00:00Z.")
    var destroyBy: String?

    /// Takes in the files and writes the statement.
    ///
    /// - Parameter moreSigners: Signers named by other options, as role and certificate file.
    /// - Returns: The draft, not written yet.
    /// - Throws: A validation error for the options, `evidence.*`, `file.*`, `manifest.*`.
    func draft(moreSigners: [(role: String, path: String)] = []) throws -> BundleDraft {
        let now = try CommandFiles.time(nil)
        let named = try signers.map { try Self.split($0, ":", "--signer", "officer:CERTIFICATE") } + moreSigners
        guard let from, let to, let subject, !named.isEmpty else {
            throw ValidationError("A draft needs --from, --to, --subject and at least one --signer.")
        }
        guard let sender = PartyID(from), let recipient = PartyID(to) else {
            throw ValidationError("A party is written like KZ-GPO: the state's code, a hyphen and a short name.")
        }
        let required = try CommandFailure.configuration {
            try named.map { role, path in try Self.signer(role: role, path: path) }
        }
        let details = try acquisition.map { path in
            try CommandFailure.configuration { try AcquisitionFile(reading: path) }
        }
        let limits = try useLimits()
        let thread = try threadID(at: now)
        let previousDigest = try previous.map { text in
            guard let digest = SHA256Digest(hex: text) else {
                throw ValidationError("--previous takes 64 lower-case hexadecimal digits.")
            }
            return digest
        }
        let line = ProgressLine("Taking in")
        defer { line.end() }
        let letters = try EvidenceIntake.takeIn(letters)
        let documents = try letters + EvidenceIntake.takeIn(documents)
        let evidence = try EvidenceIntake.takeIn(evidence, progress: { line.show($0, $1) })
        try details?.requireItems(among: evidence.map(\.originalName))
        let images = try Self.images(among: evidence)
        guard let random = SHA256Digest(bytes: try randomBytes(32)) else {
            throw ExchangeError(.cryptoInternal, "Random bytes could not be made")
        }
        let manifest = EvidenceManifest(
            messageType: type,
            message: MessageID(at: now, random: try randomBytes(10)),
            thread: thread,
            sequence: sequence,
            previousContentDigest: previousDigest,
            highestSequenceSeen: seen,
            sender: sender,
            senderAgency: fromAgency,
            recipient: recipient,
            recipientAgency: toAgency,
            reference: reference,
            treaty: treaty,
            created: now,
            random: random,
            requiredSigners: required,
            soleReleaseReason: soleReleaseReason,
            subject: subject,
            fields: try fields.map { text in
                let pair = try Self.split(text, "=", "--field", "NAME=VALUE")
                return EvidenceManifest.Field(name: pair.0, value: pair.1)
            },
            documents: documents.enumerated().map { index, item in
                EvidenceManifest.Document(
                    file: item.stored(as: EvidenceManifest.documentPath(index + 1)),
                    purpose: index < letters.count ? .letter : .attachment
                )
            },
            evidence: evidence.enumerated().map { index, item in
                let known = details?.details(of: item.originalName)
                let intake = EvidenceManifest.CustodyEvent(
                    time: now,
                    action: "taken in",
                    person: required[0].name,
                    tool: "rogatory \(Rogatory.configuration.version)",
                    note: images[index + 1]
                )
                return EvidenceManifest.EvidenceItem(
                    file: item.stored(as: EvidenceManifest.evidencePath(index + 1)),
                    description: known?.description,
                    acquisition: known?.acquisition,
                    custody: (known?.custody ?? []) + [intake]
                )
            },
            useLimits: limits
        )
        return try BundleDraft(manifest: manifest, sources: (documents + evidence).map(\.taken))
    }

    /// What came of comparing the hashes that forensic images store, by the number of the image's first segment. A
    /// damaged image may have to be sent all the same, so that it is said aloud and stated, not refused.
    private static func images(among evidence: [EvidenceIntake.Item]) throws -> [Int: String] {
        let line = ProgressLine("Comparing the image's hashes")
        let found = try ForensicImages.check(takenIn: evidence, progress: { line.show($0, $1) })
        line.end()
        var notes: [Int: String] = [:]
        for image in found {
            guard let number = image.files.first else { continue }
            notes[number] = image.sentence
            if let error = image.error {
                StandardError.warn("rogatory", evidence[number - 1].originalName + ": " + error.sentence)
            }
        }
        return notes
    }

    private func threadID(at now: ExchangeTime) throws -> ThreadID {
        guard let thread else { return ThreadID(at: now, random: try randomBytes(10)) }
        guard let id = ThreadID(urn: thread) else {
            throw ValidationError("--thread takes urn:uuid: and a UUID of version 7.")
        }
        return id
    }

    private func useLimits() throws -> EvidenceManifest.UseLimits? {
        let date = try destroyBy.map { text in
            guard let time = ExchangeTime(rfc3339: text) else {
                throw ValidationError("--destroy-by takes a time like 2027-12-31T00:00:00Z.")
            }
            return time
        }
        guard onward != nil || speciality != nil || date != nil else { return nil }
        return EvidenceManifest.UseLimits(
            speciality: speciality,
            onwardTransfer: onward ?? .forbidden,
            destroyBy: date
        )
    }

    private static func signer(role: String, path: String) throws -> EvidenceManifest.RequiredSigner {
        guard let role = EvidenceManifest.RequiredSigner.Role(rawValue: role) else {
            throw ValidationError("A signer is an officer or an approver, not “\(role)”.")
        }
        let certificate = try CommandFiles.certificate(path)
        try certificate.requirePurpose(.personSignature)
        return EvidenceManifest.RequiredSigner(
            name: certificate.commonName ?? certificate.subject,
            role: role,
            certificate: certificate.sha256
        )
    }

    /// Splits an argument at the first separator.
    static func split(_ text: String, _ separator: Character, _ option: String, _ form: String) throws -> (
        String, String
    ) {
        guard let place = text.firstIndex(of: separator), place != text.startIndex else {
            throw ValidationError("\(option) is written like \(form), not “\(text)”.")
        }
        return (String(text[..<place]), String(text[text.index(after: place)...]))
    }
}

extension EvidenceIntake.Item {
    func stored(as path: String) -> EvidenceManifest.StoredFile {
        EvidenceManifest.StoredFile(
            path: path,
            originalName: originalName,
            mediaType: mediaType,
            size: taken.size,
            sha256: taken.sha256
        )
    }
}

extension EvidenceManifest.MessageType: ExpressibleByArgument {}
extension EvidenceManifest.UseLimits.OnwardTransfer: ExpressibleByArgument {}
extension ExchangeHeader.BundleClass: ExpressibleByArgument {}
extension ExchangeHeader.Mode: ExpressibleByArgument {}
extension ExchangeHeader.Priority: ExpressibleByArgument {}
