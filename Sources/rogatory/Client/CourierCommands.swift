import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI

/// Writes a bundle or a receipt to a disk.
struct BundleExportCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a sealed bundle, or this gateway's receipt for one, to be carried by disk."
    )

    @Argument(help: "SENDER/ID, the id, or its beginning.") var bundle: String
    @Option(help: "The receipt instead: received, opened or rejected.") var receipt: String?
    @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
    @OptionGroup var gateway: GatewayOptions

    func run(_ client: GatewayClient) async throws {
        let direction = receipt == nil ? "outgoing" : "incoming"
        let path = "/courier" + (try await BoxCommands.path(bundle, direction, client))
        let digest = try await client.download(
            receipt.map { path + "/receipts/" + GatewayClient.encoded($0) } ?? path,
            to: file,
            label: "Writing"
        )
        Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
    }
}

/// Takes in a bundle or a receipt from a disk.
struct BundleImportCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a sealed bundle, or a partner's receipt, that came by disk."
    )

    @Argument(help: "The file.", completion: .file()) var file: String
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run(_ client: GatewayClient) async throws {
        let source = try RandomAccessFile(openingForReading: file)
        // A bundle is a ZIP file; a receipt is DER or PEM and small.
        var start = [UInt8](repeating: 0, count: Int(min(2, source.size)))
        try start.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
        let isBundle = start == [0x50, 0x4b]
        let bundle: JSONValue
        if isBundle {
            bundle = try await client.upload(
                .post,
                "/courier/bundles",
                file: file,
                type: "application/vnd.etsi.asic-e+zip",
                label: "Taking in"
            )
        } else {
            bundle = try await client.send(
                .post,
                "/courier/receipts",
                bytes: SmallFile.read(file),
                type: "application/pkcs7-mime"
            )
        }
        BoxCommands.write(bundle, output)
    }
}
