import ExchangeModel
import Foundation

/// Headers and manifests that the tests begin with.
enum ManifestSamples {
    static func digest(_ byte: UInt8) -> SHA256Digest {
        guard let digest = SHA256Digest(bytes: [UInt8](repeating: byte, count: 32)) else { preconditionFailure() }
        return digest
    }

    static func party(_ text: String) -> PartyID {
        guard let party = PartyID(text) else { preconditionFailure() }
        return party
    }

    static func time(_ text: String) -> ExchangeTime {
        guard let time = ExchangeTime(rfc3339: text) else { preconditionFailure() }
        return time
    }

    static let drafted = time("2026-11-22T09:00:00Z")
    static let sealed = time("2026-11-22T10:00:00Z")
    static let thread = ThreadID(at: drafted, random: [UInt8](repeating: 5, count: 10))

    static var header: ExchangeHeader {
        ExchangeHeader(
            suite: CryptoSuite.rogatory1.id,
            bundle: BundleID(at: sealed, random: [UInt8](repeating: 1, count: 10)),
            sender: party("KZ-GPO"),
            recipient: party("CN-SPP-2"),
            recipientKeys: [digest(1), digest(2)],
            bundleClass: .evidence,
            mode: .agency,
            priority: .urgent,
            thread: thread,
            sequence: 7,
            supersedes: BundleID(at: drafted, random: [UInt8](repeating: 2, count: 10)),
            created: sealed,
            expires: time("2026-12-22T10:00:00Z"),
            partSize: CryptoSuite.rogatory1.usualPartSize,
            contentSize: 500_000_000_000,
            contentDigest: digest(0xfe)
        )
    }

    static var minimal: EvidenceManifest {
        EvidenceManifest(
            messageType: .status,
            message: MessageID(at: drafted, random: [UInt8](repeating: 3, count: 10)),
            thread: thread,
            sequence: 1,
            sender: party("KZ-GPO"),
            recipient: party("CN-SPP-2"),
            created: drafted,
            random: digest(9),
            requiredSigners: [.init(name: "A", role: .officer, certificate: digest(3))],
            subject: "S"
        )
    }

    static var soleRelease: EvidenceManifest {
        var manifest = minimal
        manifest.messageType = .request
        manifest.soleReleaseReason = awkward
        manifest.useLimits = .init(onwardTransfer: .forbidden)
        return manifest
    }

    static var all: [EvidenceManifest] { [minimal, soleRelease, full] }

    /// Everything that text may hold.
    static let awkward =
        "  leading\t\"'<&>]]>\r\n\r&amp;&#38; Қазақстан · Дело № 5 · 中华人民共和国 👩‍⚖️ e\u{301}\u{2028}\u{FFFD}\u{10FFFF} trailing \n"

    static func file(_ path: String, name: String = "фото «1».jpg", size: Int64 = 9_007_199_254_740_991)
        -> EvidenceManifest.StoredFile
    {
        EvidenceManifest.StoredFile(
            path: path,
            originalName: name,
            mediaType: "image/jpeg",
            size: size,
            sha256: digest(0xab)
        )
    }

    static var full: EvidenceManifest {
        let line = "  Әділет министрлігі <&> 司法部 👩‍⚖️ \u{2028} "
        let device = EvidenceManifest.SourceDevice(
            kind: "smartphone",
            make: line,
            model: "X",
            identifiers: [.init(name: "IMEI", value: "490154203237518"), .init(name: "serial", value: awkward)]
        )
        let acquisition = EvidenceManifest.Acquisition(
            time: time("2026-11-20T23:59:59Z"),
            place: line,
            person: line,
            tool: "dd",
            toolVersion: "9.1",
            writeBlocker: "T35u",
            device: device
        )
        let seized = EvidenceManifest.CustodyEvent(
            time: time("2026-11-19T00:00:00Z"),
            action: "seized",
            person: line,
            tool: "none",
            place: line,
            note: awkward
        )
        let acquired = EvidenceManifest.CustodyEvent(time: seized.time, action: "acquired", person: "B")
        var manifest = minimal
        manifest.messageType = .supplement
        manifest.sequence = 7
        manifest.previousContentDigest = digest(0x11)
        manifest.highestSequenceSeen = 9_007_199_254_740_991
        manifest.senderAgency = line
        manifest.recipientAgency = line
        manifest.reference = line
        manifest.treaty = "cis-chisinau-2002"
        manifest.requiredSigners.append(.init(name: line, role: .approver, certificate: digest(4)))
        manifest.subject = line
        manifest.fields = [.init(name: "facts", value: awkward), .init(name: "empty", value: "")]
        manifest.cites = [digest(0x21), digest(0x22)]
        manifest.documents = [
            .init(file: file("documents/0001", name: "Icon\r"), purpose: .letter, language: "kk-Cyrl-KZ"),
            .init(file: file("documents/0002", name: awkward, size: 0), purpose: .translation),
            .init(file: file("documents/0003"), purpose: .attachment, language: "zh"),
        ]
        manifest.evidence = [
            .init(
                file: file("evidence/0001", name: "../../etc/passwd"),
                description: awkward,
                acquisition: acquisition,
                custody: [seized, acquired]
            ),
            .init(
                file: file("evidence/0002"),
                acquisition: .init(time: acquisition.time, person: "C", tool: "D", device: .init(kind: "disk"))
            ),
            .init(file: file("evidence/0003"), acquisition: .init(time: acquisition.time, person: "C", tool: "D")),
        ]
        manifest.useLimits = .init(
            speciality: awkward,
            onwardTransfer: .withConsent,
            destroyBy: time("2036-02-29T00:00:00Z")
        )
        return manifest
    }

    static var asic: ASiCManifestEntries {
        [
            ("mimetype", "text/plain", digest(0)), ("manifest.xml", "application/xml", digest(0xff)),
            ("evidence/0001", "application/octet-stream", digest(0x5a)),
        ]
    }

    typealias ASiCManifestEntries = [(uri: String, mediaType: String, sha256: SHA256Digest)]
}

/// The code of what the work throws; `nil` when it throws nothing.
func manifestCode(of work: () throws -> Void) -> ErrorCode? {
    do {
        try work()
        return nil
    } catch let error as ExchangeError {
        return error.code
    } catch {
        return ErrorCode("not ours: \(error)")
    }
}

/// A program that others wrote, run on files in a folder of its own.
enum ForeignTool {
    /// Runs a program with files beside it and gives back its exit status and all that it printed.
    static func run(
        _ command: [String],
        files: [String: [UInt8]] = [:]
    ) throws -> (status: Int32, output: String) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, bytes) in files { try Data(bytes).write(to: folder.appendingPathComponent(name)) }
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        program.arguments = command
        program.currentDirectoryURL = folder
        let pipe = Pipe()
        program.standardOutput = pipe
        program.standardError = pipe
        program.standardInput = FileHandle.nullDevice
        try program.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        program.waitUntilExit()
        return (program.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
