import BundleExchange
import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import GatewayListener
import TrustCrypto

/// Which HTTP status an error becomes on the partners' listener (RFC 9457 problem details).
///
/// What stands in no row becomes 500 and is told to nobody. 503 means that nothing was decided and the same request may
/// be repeated; 422 means that it never will be taken.
public enum ProblemStatus {
    private static let byCode: [ErrorCode: Int] = [
        .exchangeContentDigest: 400, .exchangeLength: 400, .requestValue: 400, .pullCursor: 400, .witnessRequest: 400,
        .witnessOldSize: 400,
        .trustUnknownParty: 403, .witnessNotSigned: 403,
        .witnessUnknownLog: 404, .exchangeVersion: 404, .notFound: 404, .assemblyNoSuchPart: 404,
        .listenerNotFound: 404,
        .announcementConflict: 409, .wrongState: 409, .partMissing: 409, .assemblyInUse: 409, .assemblyPartBusy: 409,
        .assemblyPartClosed: 409, .assemblyPartPresent: 409, .assemblyIncomplete: 409, .assemblyClosed: 409,
        .exchangeLengthRequired: 411,
        .announcementTooLarge: 413,
        .pullTooMany: 429,
        .exchangeDigestMismatch: 422, .exchangeReceiptProof: 422, .assemblyPartSize: 422, .assemblyPartDigest: 422,
        .quotaBundles: 429, .quotaBytes: 429, .exchangeRate: 429,
        .quotaDisk: 507, .outputFull: 507, .outputReadOnly: 503,
        // Could not be checked now: the trust services, or one of the two clocks.
        .certificateNotYetValid: 503, .revocationNotAvailable: 503, .revocationStale: 503, .revocationNotYetValid: 503,
        .revocationFetchFailed: 503, .ocspRefused: 503, .ocspUnavailable: 503, .ocspStale: 503, .ocspNotYetValid: 503,
        .timestampFuture: 503,
        .announcementTime: 503, .verificationNotReached: 503, .witnessNoKey: 503,
    ]

    // Codes of modules that this one does not see.
    private static let byName = ["store.full": 507, "store.busy": 503, "store.read_only": 503]

    private static let byArea: [Substring: Int] = [
        "peer": 403, "agency": 403,
        "announcement": 422, "receipt": 422, "bundle": 422, "header": 422, "asic": 422, "xml": 422, "zip": 422,
        "envelope": 422, "signature": 422, "timestamp": 422, "certificate": 422, "revocation": 422, "ocsp": 422,
        "statement": 422, "delivery": 409,
        "transport": 503,
    ]

    /// Every code that has a status of its own.
    static var listed: [String: Int] {
        byName.merging(byCode.map { ($0.key.rawValue, $0.value) }) { $1 }
    }

    /// The status of an error; `nil` for a fault on this side that the caller is told nothing of.
    public static func of(_ error: ExchangeError) -> Int? {
        byCode[error.code] ?? byName[error.code.rawValue]
            ?? error.code.rawValue.split(separator: ".").first.flatMap { byArea[$0] }
    }
}
