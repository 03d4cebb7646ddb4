import ExchangeModel
import FoundationEssentials
import GatewayListener
import Glibc
import Synchronization
import TrustCrypto

/// The demonstration's time stamping, OCSP and revocation lists over plain HTTP.
///
/// | request | answer |
/// |---|---|
/// | `POST /tsa`, `POST /tsa-rsa` | RFC 3161 token by an EC or RSA key |
/// | `POST /ocsp/`authority, `GET /ocsp/`authority`/`request | RFC 6960 response |
/// | `GET /crl/`authority`.crl` | RFC 5280 list, issued anew once a day |
/// | `GET /`, `GET /profiles.json` | the certificates' profiles |
public enum DemoTrustService {
    /// The port used when nothing else is said; it belongs to ``DemoPKI/usualServicesURL``.
    public static let usualPort = 8_318

    /// The policy that the demonstration's time stamps name.
    public static let timestampPolicy = "2.25.263198237183420567215386107512482095121.16"

    /// Serves a minted PKI until the task is cancelled or, with `stopsOnSignals`, until SIGINT or SIGTERM.
    ///
    /// - Parameters:
    ///   - directory: The PKI's directory.
    ///   - host: The address to listen on.
    ///   - port: The port to listen on; 0 for any free one.
    ///   - stopsOnSignals: Whether signals end it.
    ///   - started: Gets the port once requests are taken.
    /// - Throws: `demo.directory`, `demo.file`, `listener.address`.
    public static func run(
        directory: String,
        host: String = "127.0.0.1",
        port: Int = usualPort,
        stopsOnSignals: Bool = false,
        started: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws {
        let desk = try TrustDesk(files: DemoFiles(root: directory))
        let service = HTTPService(host: host, port: port, routes: try desk.routes())
        try await service.run(stopsOnSignals: stopsOnSignals, started: started)
    }
}

/// Keys and records behind the routes.
private final class TrustDesk: Sendable {
    private let files: DemoFiles
    private let document: PKIDocument
    private let lists = Mutex<Void>(())
    private let nextSerial: Atomic<UInt64>

    init(files: DemoFiles) throws {
        guard let document = DemoPKI.completePKI(in: files) else {
            throw ExchangeError(
                .demoDirectory,
                "\(files.root) holds no complete demonstration PKI",
                hint: "mint one first"
            )
        }
        self.files = files
        self.document = document
        // A later run starts above an earlier one that answered less than a million requests a second.
        nextSerial = Atomic(UInt64(max(1, Self.now().secondsSince1970)) << 20)
    }

    static func now() -> ExchangeTime { ExchangeTime(secondsSince1970: Int64(time(nil))) }

    func routes() throws -> [ListenerRoute] {
        let page = try files.read("index.html")
        let profiles = try files.read(DemoPKI.profilesFile)
        var routes = [
            ListenerRoute("GET", "/") { _ in
                ListenerResponse(
                    contentType: "text/html; charset=utf-8",
                    body: page,
                    fields: ["Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"]
                )
            },
            ListenerRoute("GET", "/profiles.json") { _ in
                ListenerResponse(contentType: "application/json", body: profiles)
            },
            try timestampRoute("/tsa", files: "tsa/tsa-ec"), try timestampRoute("/tsa-rsa", files: "tsa/tsa-rsa"),
        ]
        for name in DemoPKI.authorityNames {
            routes.append(
                ListenerRoute("GET", "/crl/\(name).crl") { _ in
                    let list = try self.lists.withLock { _ in
                        try DemoPKI.revocationList(of: name, in: self.files, now: Self.now(), olderThan: DemoPKI.day)
                    }
                    return ListenerResponse(contentType: "application/pkix-crl", body: list.der)
                }
            )
        }
        for authority in DemoPKIPlan.issuing { routes += try statusRoutes(authority.name) }
        return routes
    }

    private func timestampRoute(_ path: String, files pair: String) throws -> ListenerRoute {
        let (certificate, key) = try DemoPKI.pair(pair, in: files)
        let issuer = try DemoPKI.authority("tsa-issuing", in: files).certificate
        let authority = try TimestampAuthority(
            certificate: certificate,
            key: key,
            chain: [issuer],
            policy: DemoTrustService.timestampPolicy
        )
        return ListenerRoute("POST", path, mediaTypes: ["application/timestamp-query"]) { request in
            let serial = self.nextSerial.wrappingAdd(1, ordering: .relaxed).newValue
            return ListenerResponse(
                contentType: "application/timestamp-reply",
                body: try authority.respond(to: request.body, at: Self.now(), serial: serial)
            )
        }
    }

    private func statusRoutes(_ name: String) throws -> [ListenerRoute] {
        let (certificate, key) = try DemoPKI.pair("ocsp/\(name)", in: files)
        let responder = try OCSPResponder(
            issuer: DemoPKI.authority(name, in: files).certificate,
            certificate: certificate,
            key: key
        )
        let issued = Set(document.certificates.filter { $0.issuerName == name }.map(\.serialNumber))
        @Sendable func answer(_ request: [UInt8]) throws -> ListenerResponse {
            let revoked = try DemoPKI.revoked(by: name, in: files)
            let response = try responder.respond(to: request, at: Self.now()) { serial in
                if let line = revoked.first(where: { $0.serialNumber == serial }) {
                    return .revoked(since: line.date, reason: line.reason ?? .unspecified)
                }
                return issued.contains(serial) ? .good : .unknown
            }
            return ListenerResponse(contentType: "application/ocsp-response", body: response)
        }
        return [
            ListenerRoute("POST", "/ocsp/\(name)", mediaTypes: ["application/ocsp-request"]) { request in
                try answer(request.body)
            },
            // RFC 6960 appendix A.1: the request in base64, percent-encoded, as the last part of the path.
            ListenerRoute("GET", "/ocsp/\(name)/*") { request in
                try answer(Array(Data(base64Encoded: Self.percentDecoded(request.rest)) ?? Data()))
            },
        ]
    }
    private static func percentDecoded(_ text: String) -> String {
        let parts = text.split(separator: "%", omittingEmptySubsequences: false)
        var bytes = Array((parts.first ?? "").utf8)
        for part in parts.dropFirst() {
            guard let byte = Hexadecimal.bytes(of: part.prefix(2).lowercased()), byte.count == 1 else { return "" }
            bytes += byte + Array(part.dropFirst(2).utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
