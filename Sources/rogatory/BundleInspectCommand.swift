import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel

/// Shows what a sealed bundle says of itself.
struct BundleInspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the header of a sealed bundle and who sealed it, by its own word; nothing is proven."
    )

    @Argument(help: "The sealed bundle.", completion: .file(extensions: ["asice"]))
    var file: String
    @Flag(help: "Write JSON.")
    var json = false

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            var checks = CheckList()
            let bundle = try SealedBundle(reading: file, checks: &checks)
            let header = bundle.header
            let claims = try bundle.claimedSeal()
            var rows: [(String, String)] = [
                ("bundle", header.bundle.urn), ("sender", header.sender.text), ("recipient", header.recipient.text),
                ("class", header.bundleClass.rawValue), ("mode", header.mode.rawValue),
                ("priority", header.priority.rawValue), ("thread", header.thread.urn),
                ("sequence", String(header.sequence)), ("created", header.created.description),
                ("expires", header.expires.description), ("suite", header.suite),
                ("contentSize", String(header.contentSize)), ("parts", String(header.partCount)),
                ("partSize", String(header.partSize)), ("fileSize", String(bundle.size)),
                ("contentDigest", header.contentDigest.hex), ("sealedDigest", bundle.sealedDigest.hex),
            ]
            if let supersedes = header.supersedes { rows.append(("supersedes", supersedes.urn)) }
            rows += header.recipientKeys.enumerated().map { ("recipientKey\($0.offset + 1)", $0.element.hex) }
            rows.append(("claimedSealer", claims.subject))
            if let time = claims.signingTime { rows.append(("claimedSealTime", time.description)) }
            if json {
                try JSONOutput.write(rows)
            } else {
                let width = (rows.map(\.0.count).max() ?? 0) + 2
                for (name, value) in rows {
                    print(name + String(repeating: " ", count: width - name.count) + CommandFailure.printable(value))
                }
                print("Nothing of this is proven; use: rogatory bundle verify \(file) --trust DIR")
            }
        }
    }
}
