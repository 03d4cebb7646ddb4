import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI
import OutboundTransport
import ProgramHarness
import TrustCrypto

/// A person at a gateway that runs as a process, who calls its interface over connections that stay.
struct PersonClient: Sendable {
    private let session: OutboundSession
    private let signature: String
    private let issuing: String

    init(_ site: GatewaySite, _ person: String) throws {
        let path = site.certificate("people/\(person)-sign-in")
        issuing = site.party.issuingAuthority
        signature = site.certificate("people/\(person)-signature")
        let chain = try [path + ".crt", issuing].flatMap { try PartyCertificate.list(pem: SmallFile.read($0)) }
        session = OutboundSession(
            origin: "https://127.0.0.1:\(site.officersPort)",
            identity: try ClientIdentity(chain: chain, key: Self.secret(path + ".key")),
            check: { _, _ in }
        )
    }

    private static func secret(_ path: String) throws -> SecretBytes {
        try SmallFile.read(path).withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    /// Asks for something; gives the answer's body.
    ///
    /// - Throws: `HarnessError` with the answer for any status but 2xx; what the transport throws.
    func bytes(
        _ method: OutboundRequest.Method,
        _ path: String,
        _ body: [UInt8] = [],
        type: String? = nil
    ) async throws -> [UInt8] {
        var request = OutboundRequest(method, url: "/api/v1" + path, body: body, contentType: type)
        request.acceptedStatuses = 200...599
        request.largestResponse = 64 << 20
        let answer = try await session.fetch(request)
        guard (200...299).contains(answer.status) else {
            throw HarnessError(
                "\(method.rawValue) \(path): \(answer.status) \(String(decoding: answer.body, as: UTF8.self))"
            )
        }
        return answer.body
    }

    /// Asks for JSON.
    func ask(_ method: OutboundRequest.Method, _ path: String, _ body: JSONValue? = nil) async throws -> JSONValue {
        let answer = try await bytes(method, path, body?.line ?? [], type: body == nil ? nil : "application/json")
        return answer.isEmpty ? .null : try JSONValue(reading: answer)
    }

    /// A page of a listing.
    func items(_ path: String) async throws -> [JSONValue] { try await ask(.get, path)["items"]?.array ?? [] }

    /// Signs a draft as its officer or its approver.
    func sign(_ draft: String, as place: String) async throws {
        let object = try await bytes(.get, "/drafts/\(draft)/object")
        guard let certificate = try PartyCertificate.list(pem: SmallFile.read(signature + ".crt")).first else {
            throw HarnessError("no certificate in \(signature).crt")
        }
        let der = try CAdESSignature.sign(
            content: object,
            certificate: certificate,
            key: PrivateKey(pem: Self.secret(signature + ".key")),
            chain: PartyCertificate.list(pem: SmallFile.read(issuing)),
            time: ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
        ).der
        _ = try await bytes(.put, "/drafts/\(draft)/\(place)", der, type: "application/pkcs7-signature")
    }
}
