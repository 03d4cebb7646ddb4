public import BundleExchange
import ExchangeModel
public import GatewayListener
import TrustCrypto

/// The people's interface `/api/v1`: what the document describes, bound to the desks of a gateway.
///
/// It recognises the caller, checks a request against the document, calls one service and writes its answer. Who may do
/// what is decided by the service.
public struct OfficerInterface: Sendable {
    /// What every path begins with.
    public static let root = "/api/v1"

    /// Operations that answer without a known caller. None does.
    static let anonymousOperations: Set<String> = []

    typealias Handler = @Sendable (OfficerCall) async throws -> OfficerAnswer

    /// The document.
    public let document: InterfaceDocument
    private let identify: @Sendable (Caller) async throws -> ActingPerson
    private let onFault: @Sendable (_ operation: String, _ error: any Error) -> Void
    private let handlers: [String: Handler]

    /// Binds the document's operations to their handlers.
    ///
    /// - Throws: `api.document` when an operation has no handler, or a handler no operation.
    init(
        document: InterfaceDocument,
        handlers: [String: Handler],
        identify: @escaping @Sendable (Caller) async throws -> ActingPerson,
        onFault: @escaping @Sendable (_ operation: String, _ error: any Error) -> Void
    ) throws(ExchangeError) {
        let described = Set(document.operations.map(\.id))
        let bound = Set(handlers.keys)
        guard described == bound else {
            let odd = described.symmetricDifference(bound).sorted().joined(separator: ", ")
            throw ExchangeError(.apiDocument, "Document and program differ in the operations \(odd)")
        }
        self.document = document
        self.handlers = handlers
        self.identify = identify
        self.onFault = onFault
    }

    /// The routes for a listener, the same for the local socket and for the TLS port.
    public var routes: [ListenerRoute] {
        document.operations.compactMap { operation in
            handlers[operation.id].map { route(operation, $0) }
        }
    }

    /// Who asks.
    ///
    /// - Throws: `api.sign_in` for nobody known, `access.unknown`, or what is wrong with the certificate.
    public func person(_ caller: Caller) async throws -> ActingPerson { try await identify(caller) }

    private func route(_ operation: InterfaceDocument.Operation, _ handler: @escaping Handler) -> ListenerRoute {
        ListenerRoute(
            operation.method,
            operation.path,
            mediaTypes: operation.body.map { [$0.mediaType] } ?? [],
            largestBody: operation.body?.largest ?? 0,
            streaming: operation.body?.isStreamed ?? false
        ) { [identify, onFault] request in
            do {
                let person: ActingPerson
                do {
                    person = try await identify(request.caller)
                } catch let error as ExchangeError {
                    return OfficerProblem.response(toUnknown: error)
                }
                let call = try OfficerCall(operation, request, by: person)
                return try await handler(call).response(of: operation)
            } catch let error as ExchangeError {
                // A body that broke off or grew too long is the listener's to answer.
                if error.code.rawValue.hasPrefix("listener.") { throw error }
                if OfficerProblem.status(of: error) == nil { onFault(operation.id, error) }
                return OfficerProblem.response(to: error)
            } catch {
                onFault(operation.id, error)
                throw error
            }
        }
    }
}
