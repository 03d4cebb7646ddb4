import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel

/// Writes a draft for signing.
struct BundleDraftCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "draft",
        abstract: "Take in files and write the manifests that the officers will sign."
    )

    @OptionGroup var options: DraftOptions
    @Option(name: .customLong("out"), help: "The directory to make.", completion: .directory)
    var output: String
    @Flag(help: "Write the result as JSON.")
    var json = false

    func run() throws {
        try CommandFailure.guarding("rogatory") {
            try OutputDirectory.requirePlace(output, or: .draftExists)
            let draft = try options.draft()
            try draft.write(to: output)
            let manifest = draft.manifest
            if json {
                try JSONOutput.write([
                    ("draft", output), ("thread", manifest.thread.urn), ("message", manifest.message.urn),
                    ("contentDigest", draft.contentDigest.hex), ("files", String(manifest.files.count)),
                ])
            } else {
                let total = manifest.files.reduce(0) { $0 + $1.size }
                print("drafted   \(output)")
                print("thread    \(manifest.thread)")
                print("carries   \(manifest.files.count) files, \(ProgressLine.size(total))")
                print("digest    \(draft.contentDigest)")
                for signer in manifest.requiredSigners {
                    print("to sign   \(CommandFailure.printable(signer.name)) (\(signer.role.rawValue))")
                }
                print("next      rogatory sign \(output) --certificate … --key …")
            }
        }
    }
}

/// Writes flat JSON objects.
enum JSONOutput {
    static func write(_ pairs: [(String, String)]) throws {
        print("{" + pairs.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}")
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case let other where other.value < 0x20:
                let hex = String(other.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
