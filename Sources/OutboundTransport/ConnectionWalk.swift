public import ExchangeModel
import Glibc
public import TrustCrypto

/// The way to another gateway, gone step by step, so that what does not work can be named.
public struct ConnectionWalk: Sendable {
    /// The steps, in order.
    public enum Step: String, CaseIterable, Sendable {
        /// The host name has addresses.
        case name
        /// A TCP connection stands.
        case connection
        /// The server showed a certificate chain, and we accept it.
        case certificate
        /// TLS is agreed on, and the server accepts our certificate.
        case handshake
        /// There is an HTTP answer.
        case answer
        /// The clocks agree.
        case clock
    }

    /// How a step ended.
    public enum Outcome: Sendable {
        /// It worked; with what there is to tell.
        case passed(String)
        /// It did not.
        case failed(ExchangeError)
        /// An earlier step failed, or the step has no meaning here.
        case notReached
    }

    /// Every step with its outcome, in order.
    public private(set) var steps: [(step: Step, outcome: Outcome)] = []
    /// The server's chain as sent, leaf first, if it came so far.
    public private(set) var chain: [PartyCertificate] = []
    /// By how many seconds the server's clock is ahead of ours.
    public private(set) var clockSkew: Int64?
    /// The answer, if there is one.
    public private(set) var response: OutboundResponse?

    /// The first step that failed.
    public var failure: (step: Step, error: ExchangeError)? {
        for (step, outcome) in steps {
            if case .failed(let error) = outcome { return (step, error) }
        }
        return nil
    }

    /// Clocks that differ by more are a fault: what is signed in the one house would lie in the future of the other.
    public static let largestSkew: Int64 = 60

    /// Goes the way of this request. `now` is asked when the answer is there.
    ///
    /// Any HTTP status the request accepts is an answer; a walk itself never throws.
    public static func go(
        _ request: OutboundRequest,
        now: @escaping @Sendable () -> ExchangeTime
    ) async -> ConnectionWalk {
        var walk = ConnectionWalk()
        guard await walk.resolve(request) else { return walk.finished() }
        let seen = SeenTrace()
        let exchange: Exchange
        do {
            exchange = try Exchange()
        } catch {
            walk.steps.append((.connection, .failed(error)))
            return walk.finished()
        }
        let result = await withTaskCancellationHandler {
            await OwnThread.run { () throws(ExchangeError) in
                try exchange.perform(request) { trace in seen.trace = trace }
            }
        } onCancel: {
            exchange.cancel()
        }
        walk.judge(result, seen.trace, usesTLS: request.url.lowercased().hasPrefix("https"), now())
        return walk.finished()
    }

    private mutating func resolve(_ request: OutboundRequest) async -> Bool {
        if request.unixSocket != nil {
            steps.append((.name, .notReached))
            return true
        }
        let found = await OwnThread.run { () throws(ExchangeError) in
            let address = try CheckedAddress(request)
            return try NameLookup.addresses(of: address.host, port: address.port)
        }
        switch found {
        case .success(let addresses): steps.append((.name, .passed(addresses.joined(separator: ", "))))
        case .failure(let error): steps.append((.name, .failed(error)))
        }
        if case .failure = found { return false }
        return true
    }

    private mutating func judge(
        _ result: Result<OutboundResponse, ExchangeError>,
        _ trace: TransferTrace?,
        usesTLS: Bool,
        _ now: ExchangeTime
    ) {
        var error: ExchangeError?
        if case .failure(let failure) = result { error = failure }
        guard let trace, trace.connected else {
            steps.append((.connection, error.map { .failed($0) } ?? .notReached))
            return
        }
        steps.append((.connection, .passed(trace.address ?? "connected")))
        chain = trace.chain.compactMap { try? PartyCertificate(der: $0) }
        if usesTLS {
            if let refusal = trace.refusal {
                steps.append((.certificate, .failed(refusal)))
                return
            }
            let isTLSFault =
                error.map { [.transportTLS, .transportRefused, .transportIdentity].contains($0.code) } ?? false
            if let leaf = chain.first { steps.append((.certificate, .passed(leaf.displayName))) }
            if let error, isTLSFault || !trace.handshakeDone {
                if chain.isEmpty { steps.append((.certificate, .notReached)) }
                steps.append((.handshake, .failed(error)))
                return
            }
            if chain.isEmpty { steps.append((.certificate, .passed("accepted by the system's anchors"))) }
            steps.append((.handshake, .passed("TLS agreed on")))
        } else {
            steps.append((.certificate, .notReached))
            steps.append((.handshake, .notReached))
        }
        judgeAnswer(result, now)
    }

    private mutating func judgeAnswer(_ result: Result<OutboundResponse, ExchangeError>, _ now: ExchangeTime) {
        switch result {
        case .failure(let error): steps.append((.answer, .failed(error)))
        case .success(let response):
            self.response = response
            steps.append((.answer, .passed("HTTP status \(response.status)")))
            guard let there = response.fields["date"].flatMap(HTTPDateReader.time) else { return }
            let skew = there.secondsSince1970 - now.secondsSince1970
            clockSkew = skew
            guard abs(skew) > Self.largestSkew else {
                steps.append((.clock, .passed("\(skew) s")))
                return
            }
            let reason = "The server's clock is \(abs(skew)) seconds \(skew > 0 ? "ahead of" : "behind") ours"
            steps.append((.clock, .failed(ExchangeError(.transportClock, reason, hint: "check both clocks"))))
        }
    }

    // Every step is there, also those that were never come to.
    private func finished() -> ConnectionWalk {
        var walk = self
        for step in Step.allCases where !steps.contains(where: { $0.step == step }) {
            walk.steps.append((step, .notReached))
        }
        return walk
    }
}

// Written on the transfer's thread before its result is handed over, read afterwards.
private final class SeenTrace: @unchecked Sendable {
    var trace: TransferTrace?
}

/// Names to addresses.
enum NameLookup {
    /// The numeric addresses of a host, in the system's order.
    static func addresses(of host: String, port: String) throws(ExchangeError) -> [String] {
        var name = host[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(String(name), port, &hints, &list)
        guard status == 0, let list else {
            let said = gai_strerror(status).map { String(cString: $0) } ?? "error \(status)"
            throw ExchangeError(.transportName, "The host \(host) is not known", details: [said])
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        for entry in sequence(first: list, next: { $0.pointee.ai_next }).prefix(32) {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let (address, length) = (entry.pointee.ai_addr, entry.pointee.ai_addrlen)
            guard getnameinfo(address, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
        }
        return addresses
    }
}

/// Reads the `Date` field in its one form that is still sent (RFC 9110 §5.6.7).
enum HTTPDateReader {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func time(_ text: String) -> ExchangeTime? {
        guard text.utf8.count == 29, text.hasSuffix(" GMT") else { return nil }
        let words = text.split(whereSeparator: { " ,:".contains($0) })
        guard words.count == 8, let month = months.firstIndex(of: String(words[2])) else { return nil }
        let numbers = [words[1], words[3], words[4], words[5], words[6]].compactMap { Int32($0) }
        guard numbers.count == 5, (1...31).contains(numbers[0]), (1970...9999).contains(numbers[1]),
            (0...23).contains(numbers[2]), (0...59).contains(numbers[3]), (0...60).contains(numbers[4])
        else { return nil }
        var parts = tm()
        (parts.tm_mday, parts.tm_mon, parts.tm_year) = (numbers[0], Int32(month), numbers[1] - 1_900)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[2], numbers[3], numbers[4])
        return ExchangeTime(secondsSince1970: Int64(timegm(&parts)))
    }
}
