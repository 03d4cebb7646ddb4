import CCurl
import ExchangeModel
import TrustCrypto

/// What a connection's TLS handshake tells: the server's chain, our verdict on it, and alerts of the other side.
///
/// It lives as long as the connections that were made with it, and is used by one thread at a time.
final class TLSWatch {
    /// The C side of it, at a fixed address.
    let pointer: UnsafeMutablePointer<shim_watch>
    /// The last chain that was sent, accepted or not.
    private(set) var chain: [[UInt8]] = []
    /// Why the chain was not accepted.
    private(set) var refusal: ExchangeError?
    /// The last alert that was not an ordinary close.
    private(set) var alert: Int32?
    private var host = ""
    private var check: OutboundRequest.ServerCheck?

    init() {
        pointer = .allocate(capacity: 1)
        pointer.initialize(to: shim_watch())
        pointer.pointee.context = Unmanaged.passUnretained(self).toOpaque()
        pointer.pointee.alert = { context, description in
            guard let context, description != 0 else { return }
            Unmanaged<TLSWatch>.fromOpaque(context).takeUnretainedValue().alert = description
        }
    }

    deinit { pointer.deallocate() }

    /// Prepares for a request. A chain that was accepted before is judged again, because the connection may be used
    /// again and our verdict may have changed.
    func prepare(for request: OutboundRequest, host: String) throws(ExchangeError) {
        refusal = nil
        alert = nil
        check = request.check
        pointer.pointee.check = request.check == nil ? nil : judgeChain
        if host != self.host { chain = [] }
        self.host = host
        if !chain.isEmpty, request.check != nil, !accepts(chain) {
            throw refusal ?? ExchangeError(.transportCertificate, "The server's certificate is not accepted any more")
        }
    }

    fileprivate func accepts(_ sent: [[UInt8]]) -> Bool {
        chain = sent
        do {
            guard let leaf = sent.first else {
                throw ExchangeError(.transportCertificate, "The server sent no readable chain of certificates")
            }
            guard try PartyCertificate(der: leaf).matchesHost(host) else {
                throw ExchangeError(.transportHost, "The server's certificate is not for the host \(host)")
            }
            try check?(sent, host)
            return true
        } catch let error as ExchangeError {
            refusal = error
        } catch {
            refusal = ExchangeError(
                .transportCertificate,
                "The server's certificate was not accepted",
                details: [String(describing: error)]
            )
        }
        return false
    }
}

private func judgeChain(
    _ context: UnsafeMutableRawPointer?,
    _ der: UnsafePointer<UnsafePointer<UInt8>?>?,
    _ lengths: UnsafePointer<Int>?,
    _ count: Int
) -> Int32 {
    guard let context else { return 0 }
    var chain: [[UInt8]] = []
    if let der, let lengths {
        for index in 0..<count { chain.append(Array(UnsafeBufferPointer(start: der[index], count: lengths[index]))) }
    }
    return Unmanaged<TLSWatch>.fromOpaque(context).takeUnretainedValue().accepts(chain) ? 1 : 0
}
