import BundleExchange
import ExchangeModel
import Foundation
import TrustCrypto

extension OfficerInterface {
    /// The gateway's own keys.
    static func keys(_ gateway: ExchangeGateway) -> [String: Handler] {
        let keys = gateway.keys
        return [
            "listKeys": { call in try .page(await keys.list(by: call.person), of: call) { try JSONValue($0) } },
            "newKey": { call in
                let record = try await keys.new(
                    call.body.value("purpose") { KeyPurpose(rawValue: $0) },
                    kind: call.body.optional("kind") { PrivateKey.Kind(rawValue: $0) } ?? .p256,
                    by: call.person
                )
                return .made(try JSONValue(record), at: "/keys/\(record.id)")
            },
            "importKey": { call in
                let record = try await keys.importKey(
                    try SecretBytes(text: call.body.text("key")),
                    passphrase: try call.body.optionalText("passphrase").map { try SecretBytes(text: $0) },
                    chain: Array(call.body.text("chain").utf8),
                    by: call.person
                )
                return .made(try JSONValue(record), at: "/keys/\(record.id)")
            },
            "showKey": { call in
                let id = try call.text("key")
                guard let found = try await keys.list(by: call.person).first(where: { $0.id == id }) else {
                    throw OfficerProblem.nothing
                }
                return .value(try JSONValue(found))
            },
            "requestCertificate": { call in
                let subject = CertificateTemplate.Subject(
                    commonName: try call.body.text("commonName"),
                    organization: call.body.optionalText("organization"),
                    country: call.body.optionalText("country")
                )
                let request = try await keys.request(
                    for: call.text("key"),
                    subject: subject,
                    alternativeNames: try call.body.texts("hosts").map(alternativeName),
                    by: call.person
                )
                return .value(.members(["pem": .text(request.pem)]))
            },
            "installCertificate": { call in
                let chain = Array(try call.body.text("chain").utf8)
                let record = try await keys.install(
                    call.text("key"),
                    chain: chain,
                    from: try call.body.optional("from") { ExchangeTime(rfc3339: $0) },
                    overlap: call.overlap(),
                    by: call.person
                )
                return .value(try JSONValue(record))
            },
            "scheduleKey": { call in
                let record = try await keys.schedule(
                    call.text("key"),
                    from: try call.body.value("from") { ExchangeTime(rfc3339: $0) },
                    overlap: call.overlap(),
                    by: call.person
                )
                return .value(try JSONValue(record))
            },
            "retireKey": { call in
                .value(try JSONValue(try await keys.retire(call.text("key"), by: call.person)))
            },
        ]
    }

    /// A host name, or an address in the usual notation.
    private static func alternativeName(_ text: String) throws(ExchangeError) -> CertificateTemplate.AlternativeName {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return .ip(withUnsafeBytes(of: &v4) { Array($0) }) }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return .ip(withUnsafeBytes(of: &v6) { Array($0) }) }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy { byte in
                    (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == 0x2d
                }
        }
        guard isName else { throw ExchangeError(.apiValue, "“\(text)” is neither a host name nor an address") }
        return .dns(text.lowercased())
    }
}

extension OfficerCall {
    fileprivate func overlap() -> Int64 {
        body["overlapDays"]?.integer.map { $0 * 86_400 } ?? KeyRing.usualOverlap
    }
}

extension SecretBytes {
    fileprivate convenience init(text: String) throws {
        var text = text
        let made = try text.withUTF8 { try SecretBytes(copying: UnsafeRawBufferPointer($0)) }
        try self.init(count: made.count) { target in made.withUnsafeBytes { target.copyMemory(from: $0) } }
    }
}

extension JSONValue {
    fileprivate init(_ key: KeyRecord) throws {
        self = .members([
            "id": .text(key.id), "purpose": .text(key.purpose.rawValue),
            "certificate": try key.certificate.map { certificate in
                .members([
                    "sha256": .digest(certificate.sha256), "subject": .text(certificate.subject),
                    "issuer": .text(certificate.issuer), "notBefore": certificate.notBefore.map(JSONValue.time),
                    "notAfter": certificate.notAfter.map(JSONValue.time), "pem": .text(try certificate.pem()),
                ])
            },
            "made": .time(key.made), "installed": key.installed.map(JSONValue.time),
            "retired": key.retired.map(JSONValue.time), "currentFrom": key.currentFrom.map(JSONValue.time),
            "announcedUntil": key.announcedUntil.map(JSONValue.time),
        ])
    }
}
