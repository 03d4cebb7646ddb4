import ExchangeModel
import Foundation
import Testing
import TrustCrypto

/// A foreign client: the program `curl`.
struct Curl: Sendable {
    let holder: TLSHolder?
    let anchors: String

    struct Answer: Sendable {
        /// 0 when there was no HTTP answer.
        let status: Int
        let contentType: String
        let fields: String
        let body: [UInt8]
        let exit: Int32
        let error: String

        /// The stable code of a problem.
        var code: String? { member("code") }

        func member(_ name: String) -> String? {
            guard contentType.hasPrefix("application/problem+json"),
                let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            else { return nil }
            return object[name] as? String
        }
    }

    init(_ holder: TLSHolder?, world: PartyWorld) {
        self.holder = holder
        anchors = world.directory + "/ca/root.crt"
    }

    func ask(
        _ method: String,
        _ url: String,
        body: [UInt8]? = nil,
        type: String? = nil,
        fields: [String] = [],
        output: String? = nil,
        options: [String] = []
    ) async throws -> Answer {
        let folder = try Tooling.temporaryDirectory()
        var words = [
            "curl", "-sS", "--http1.1", "--max-time", "60", "-X", method, "--cacert", anchors, "-o",
            output ?? folder + "/body",
            "-D", folder + "/head", "-w", "%{http_code} %{content_type}", "-H", "Expect:",
        ]
        if let holder {
            // The chain goes with the certificate, as in our own client.
            let both = try ([holder.certificate] + holder.chain).map { try $0.pem() }.joined()
            try Tooling.write(both.utf8, to: folder + "/chain.crt")
            words += ["--cert", folder + "/chain.crt", "--key", holder.keyFile]
        }
        if let body {
            try Tooling.write(body, to: folder + "/sent")
            words += ["--data-binary", "@" + folder + "/sent", "-H", "Content-Type: " + (type ?? "")]
        }
        for field in fields { words += ["-H", field] }
        let outcome = try await Tooling.run(words + options + [url])
        let told = outcome.output.split(separator: " ", maxSplits: 1)
        return Answer(
            status: told.first.flatMap { Int($0) } ?? 0,
            contentType: told.count > 1 ? String(told[1]) : "",
            fields: String(decoding: (try? Tooling.read(folder + "/head")) ?? [], as: UTF8.self),
            body: (try? Tooling.read(folder + "/body")) ?? [],
            exit: outcome.status,
            error: outcome.error
        )
    }
}
