import BundleExchange
import CaseWork
import EvidencePackaging
public import ExchangeModel
public import GatewayListener
import LegalAssistance
import Persistence
import TrustCrypto

/// Refusals as RFC 9457 problem details.
public enum OfficerProblem {
    /// What does not exist and what is not for this person are told alike, whatever was asked for.
    static let nothing = ExchangeError(
        .notFound,
        "There is nothing here for you under this name",
        hint: "check the id; what belongs to another authority is not shown"
    )

    /// The status for an error; `nil` for a fault on our side, of which the caller is told nothing.
    public static func status(of error: ExchangeError) -> Int? {
        if silent.contains(error.code) { return nil }
        if let exact = exact[error.code] { return exact }
        let area = error.code.rawValue.prefix { $0 != "." }
        return areas[String(area)]
    }

    /// The answer to a request that failed.
    public static func response(to error: ExchangeError) -> ListenerResponse {
        let problem = value(of: error)
        return ListenerResponse(
            status: status(of: error) ?? 500,
            contentType: "application/problem+json",
            body: problem.line,
            fields: ["cache-control": "no-store"]
        )
    }

    /// The answer to somebody who could not be recognised: 401, or 503 where that could not be checked now.
    static func response(toUnknown error: ExchangeError) -> ListenerResponse {
        let status =
            PathValidator.notCheckedCodes.contains(error.code) ? 503 : self.status(of: error) == nil ? 500 : 401
        let problem = status == 500 ? value(of: error) : value(status, error)
        return ListenerResponse(
            status: status,
            contentType: "application/problem+json",
            body: problem.line,
            fields: ["cache-control": "no-store"]
        )
    }

    /// The problem details for an error.
    static func value(of error: any Error) -> JSONValue {
        guard let error = error as? ExchangeError, let status = status(of: error) else {
            return value(
                500,
                ExchangeError(.listenerInternal, "The request could not be answered because of a fault here")
            )
        }
        // One sentence for all, so that the answer does not tell which of both it is.
        return value(status, error.code == .notFound ? nothing : error)
    }

    private static func value(_ status: Int, _ error: ExchangeError) -> JSONValue {
        .members([
            "type": .text("about:blank"), "title": .text(titles[status] ?? "Refused"),
            "status": .integer(Int64(status)), "detail": .text(error.sentence), "code": .text(error.code.rawValue),
            "hint": error.hint.map(JSONValue.text),
        ])
    }

    private static let titles: [Int: String] = [
        400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
        413: "Content Too Large", 422: "Unprocessable Content", 500: "Internal Server Error", 501: "Not Implemented",
        502: "Bad Gateway", 503: "Service Unavailable", 507: "Insufficient Storage",
    ]

    private static let exact: [ErrorCode: Int] = [
        .apiJSON: 400, .apiUnknownMember: 400, .apiValue: 400, .apiSignIn: 401, .accessUnknown: 401,
        .accessDenied: 403, .notFound: 404, .wrongState: 409, .requestValue: 422, .peerUnknown: 404,
        .actInvalid: 422, .actUnknown: 422, .caseWrongStep: 409, .caseWrongChannel: 409, .deadlineUnknown: 404,
        .treatyUnknown: 404,
        .announcementTooLarge: 413, .gatewayNotInitialised: 503, .keyNoneUsable: 503, .revocationNotAvailable: 503,
        .revocationStale: 503, .revocationFetchFailed: 503, .storeFull: 507, .storeBusy: 503,
    ]

    // Faults on our side within areas that callers are told of.
    private static let silent: Set<ErrorCode> = [
        .keyDamaged, .draftDamaged, .calendarShipped, .treatyProfileInvalid, .treatyProfileMalformed,
        .treatyProfileTooLarge, .treatyProfileDuplicate, .treatyProfilesInconsistent,
    ]

    /// What a request can cause without any fault of the gateway, by the code's area.
    static let areas: [String: Int] = [
        "act": 409, "agency": 422, "announcement": 422, "archive": 422, "asic": 422, "bundle": 422, "calendar": 422,
        "card": 422,
        "case": 422, "certificate": 422,
        "chain": 422, "change": 409, "deadline": 422, "delivery": 409, "draft": 422, "envelope": 422, "evidence": 422,
        "ewf": 422, "foreign": 422,
        "gateway": 409,
        "header": 422, "import": 422,
        "key": 422, "log": 422, "mail": 502, "manifest": 422, "ocsp": 422, "peer": 422, "pull": 422, "quota": 503,
        "receipt": 422, "release": 422,
        "revocation": 422,
        "scan": 422, "sealing": 422, "sheet": 422, "signature": 422, "statement": 422, "thread": 422, "timestamp": 422,
        "transport": 502, "treaty": 422, "trust": 422, "verification": 422, "witness": 422, "xml": 422, "zip": 422,
    ]

    /// Areas of faults on our side, of which the caller is told nothing; those of the listener it tells itself.
    static let ours: Set<String> = [
        "access", "api", "assembly", "backup", "blob", "client", "configuration", "crypto", "data", "demo", "exchange",
        "file", "issuing", "letter", "listener", "notification", "output", "part", "profile", "register", "report",
        "request", "store", "work",
    ]
}
