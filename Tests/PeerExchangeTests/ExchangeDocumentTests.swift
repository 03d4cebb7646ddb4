import BundleExchange
import ExchangeModel
import Foundation
import GatewayListener
import Testing

@testable import PeerExchange

/// `Schemas/exchange-api.openapi.json`, as far as tests look into it.
struct ExchangeDocument {
    private let root: [String: Any]

    init() throws {
        let place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Schemas/exchange-api.openapi.json")
        root = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: place)) as? [String: Any])
    }

    var components: [String: Any] { root["components"] as? [String: Any] ?? [:] }

    /// Every operation by method and path.
    var operations: [String: [String: Any]] {
        var found: [String: [String: Any]] = [:]
        for (path, item) in root["paths"] as? [String: [String: Any]] ?? [:] {
            for (method, operation) in item {
                if let operation = operation as? [String: Any] { found["\(method.uppercased()) \(path)"] = operation }
            }
        }
        return found
    }

    /// The answers of an operation, references followed.
    func responses(_ operation: String) -> [String: [String: Any]] {
        let listed = operations[operation]?["responses"] as? [String: [String: Any]] ?? [:]
        return listed.mapValues(followed)
    }

    private func followed(_ object: [String: Any]) -> [String: Any] {
        guard let reference = object["$ref"] as? String else { return object }
        let names = reference.split(separator: "/").dropFirst().map(String.init)
        return names.reduce(root as Any) { ($0 as? [String: Any])?[$1] as Any } as? [String: Any] ?? [:]
    }

    // What HTTP has anyway.
    private static let usual: Set<String> = [
        "date", "content-length", "content-type", "cache-control", "x-content-type-options", "connection", "allow",
    ]

    /// What an answer has that the document does not speak of.
    func unspoken(_ operation: String, _ answer: Curl.Answer) -> [String] {
        guard let response = responses(operation)[String(answer.status)] else { return ["status \(answer.status)"] }
        let spoken = Set((response["headers"] as? [String: Any] ?? [:]).keys.map { $0.lowercased() })
        let names = answer.fields.split(whereSeparator: \.isNewline).dropFirst()
            .compactMap { $0.split(separator: ":", maxSplits: 1).first?.lowercased() }
        var faults = names.filter { !spoken.contains($0) && !Self.usual.contains($0) }
        let types = (response["content"] as? [String: Any] ?? [:]).keys
        if !answer.contentType.isEmpty, !types.contains(answer.contentType) { faults.append(answer.contentType) }
        if let code = answer.code, answer.status != 422 {
            let described = response["description"] as? String ?? ""
            if !described.contains(code) { faults.append(code) }
        }
        return faults
    }
}

/// The document and the program say the same.
@Suite struct ExchangeDocumentTests {
    @Test func everyRouteIsInTheDocumentAndNothingElse() async throws {
        try await LiveWorld.with { _, kz, _ in
            let routes = PeerRoutes(
                reception: StandInDesk(),
                pulling: kz.gateway.pulling,
                witness: { _, _, _ in .cosigned(lines: "") },
                identify: { _ in kz.party },
                sheet: { [] }
            ).routes
            let served = Set(
                routes.filter { $0.path != "/exchange/*" }
                    .map { "\($0.method) " + $0.path.dropFirst("/exchange/v1".count) }
            )
            let described = try Set(ExchangeDocument().operations.keys)
            #expect(described == served)
        }
    }

    @Test func everyOperationSaysWhatCanGoWrong() throws {
        let document = try ExchangeDocument()
        for operation in document.operations.keys {
            let responses = document.responses(operation)
            for status in ["400", "403", "404", "429", "500", "503"] {
                #expect(responses[status] != nil, "\(operation) \(status)")
            }
            for (status, response) in responses {
                #expect(!(response["description"] as? String ?? "").isEmpty, "\(operation) \(status)")
                guard let number = Int(status), number >= 400 else { continue }
                let content = response["content"] as? [String: Any] ?? [:]
                // What a witness answers is laid down by its protocol.
                guard content["text/x.tlog.size"] == nil else { continue }
                #expect(content["application/problem+json"] != nil, "\(operation) \(status)")
            }
            if operation.hasPrefix("PUT") || operation.hasPrefix("POST") { #expect(responses["507"] != nil) }
        }
    }

    @Test func everyCodeStandsWithItsStatus() throws {
        let document = try ExchangeDocument()
        var described: [Int: String] = [:]
        for operation in document.operations.keys {
            for (status, response) in document.responses(operation) {
                guard let number = Int(status) else { continue }
                described[number, default: ""] += " " + (response["description"] as? String ?? "")
            }
        }
        for (code, status) in ProblemStatus.listed {
            #expect(described[status]?.contains(code) == true, "\(code) is \(status)")
        }
        for (status, text) in described where status >= 400 {
            for match in text.matches(of: /[a-z]+\.[a-z_]+/) {
                let code = String(match.0)
                // The listener and the witness answer with these by themselves.
                guard !code.hasPrefix("listener."), !code.hasPrefix("witness.") else { continue }
                #expect(ProblemStatus.of(ExchangeError(ErrorCode(code), "")) == status, "\(code) in \(status)")
            }
        }
    }
}
