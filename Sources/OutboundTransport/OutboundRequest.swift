import ExchangeModel
public import TrustCrypto

/// One HTTP request to a service outside, with every limit it is held to.
public struct OutboundRequest: Sendable {
    /// What can be asked for.
    public enum Method: String, CaseIterable, Sendable {
        /// Asks for a document, such as a revocation list.
        case get = "GET"
        /// Asks for the header alone.
        case head = "HEAD"
        /// Sends a body, such as a timestamp request.
        case post = "POST"
        /// Sends a body to be kept under this address.
        case put = "PUT"
        /// Changes a part of what stands under an address.
        case patch = "PATCH"
        /// Takes away what is kept under this address.
        case delete = "DELETE"

        var sendsBody: Bool { self == .post || self == .put || self == .patch }
    }

    /// Where the body's bytes come from; only `POST`, `PUT` and `PATCH` send one.
    public enum BodySource: Sendable {
        /// Bytes in memory.
        case bytes([UInt8])
        /// Exactly so many bytes, each call giving as many as it likes, at least one. Called on another thread.
        case stream(length: Int64, read: @Sendable (UnsafeMutableRawBufferPointer) throws -> Int)
    }

    /// The oldest version of TLS that is used.
    public enum OldestTLS: Hashable, Sendable {
        /// Version 1.2, for public services.
        case version12
        /// Version 1.3, the only one between gateways.
        case version13
    }

    /// Throws when the server's chain (DER, as sent, leaf first) is not one to speak with under this host name. That
    /// the leaf is for the host is checked before. Called on another thread, for every connection and every request.
    public typealias ServerCheck = @Sendable (_ chain: [[UInt8]], _ host: String) throws -> Void

    /// What is done.
    public var method: Method
    /// The absolute address, ASCII only, without user name or fragment.
    public var url: String
    /// The body.
    public var bodySource: BodySource
    /// The media type of the body, such as `application/timestamp-query`.
    public var contentType: String?
    /// Further header fields by name.
    public var fields: [String: String] = [:]
    /// Whether plain `http` may be used. Right only where the answer is signed itself, such as timestamps, OCSP and
    /// CRLs, or on a Unix socket.
    public var allowsPlainHTTP: Bool
    /// The socket file to connect to; the host of the address then only names the service.
    public var unixSocket: String?
    /// PEM file of the only TLS anchors to accept, instead of the system's. Not used with `check`.
    public var anchorsFile: String?
    /// The certificate and key shown to the server.
    public var identity: ClientIdentity?
    /// Decides about the server's certificate, in place of libcurl's anchors.
    public var check: ServerCheck?
    /// The oldest version of TLS; without a value 1.3 where there is an identity or a check, else 1.2.
    public var oldestTLS: OldestTLS?
    /// The longest answer taken, in bytes.
    public var largestResponse: Int
    /// Takes an accepted answer's bytes as they arrive; the response then has an empty body. Called on another thread.
    public var sink: (@Sendable (UnsafeRawBufferPointer) throws -> Void)?
    /// Sees an accepted answer's header before the first byte goes to `sink`, and may refuse it by throwing.
    public var headSeen: (@Sendable (OutboundResponse) throws -> Void)?
    /// The time until the connection must stand.
    public var connectTimeout: Duration
    /// The time until the answer must be complete; `nil` leaves it to the lowest rate.
    public var totalTimeout: Duration?
    /// The transfer is given up when it moves fewer bytes a second than this…
    public var lowestRate = 64
    /// …for this long, in whole seconds.
    public var lowestRateTime = Duration.seconds(20)
    /// The statuses that are an answer; any other is an error.
    public var acceptedStatuses: ClosedRange<Int>

    /// The bytes sent; empty for a streamed body.
    public var body: [UInt8] {
        get { if case .bytes(let bytes) = bodySource { bytes } else { [] } }
        set { bodySource = .bytes(newValue) }
    }

    /// Makes a request; the limits suit small signed answers.
    public init(
        _ method: Method,
        url: String,
        body: [UInt8] = [],
        contentType: String? = nil,
        allowsPlainHTTP: Bool = false,
        anchorsFile: String? = nil,
        largestResponse: Int = 1_048_576,
        connectTimeout: Duration = .seconds(10),
        totalTimeout: Duration? = .seconds(30),
        acceptedStatuses: ClosedRange<Int> = 200...299
    ) {
        self.method = method
        self.url = url
        self.bodySource = .bytes(body)
        self.contentType = contentType
        self.allowsPlainHTTP = allowsPlainHTTP
        self.anchorsFile = anchorsFile
        self.largestResponse = largestResponse
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.acceptedStatuses = acceptedStatuses
    }

    var requiresTLS13: Bool {
        switch oldestTLS {
        case .version12: false
        case .version13: true
        case nil: identity != nil || check != nil
        }
    }
}

/// Who we are on a TLS connection: a certificate chain and its key, held in memory only.
public struct ClientIdentity: Sendable {
    /// The chain, leaf first.
    public let chain: [PartyCertificate]
    let chainPEM: [UInt8]
    let key: SecretBytes

    /// Takes the chain, leaf first, and the leaf's key as unencrypted PEM.
    ///
    /// Throws `transport.identity` or `key.unreadable`.
    public init(chain: [PartyCertificate], key: SecretBytes) throws {
        guard let leaf = chain.first, leaf.matches(try PrivateKey(pem: key)) else {
            throw ExchangeError(.transportIdentity, "Our certificate and private key do not belong together")
        }
        self.chain = chain
        self.key = key
        chainPEM = try chain.flatMap { Array(try $0.pem().utf8) }
    }
}
