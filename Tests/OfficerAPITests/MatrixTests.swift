import BundleExchange
import ExchangeModel
import Foundation
import GatewayListener
import Testing

@testable import OfficerAPI

/// Who may call what: every operation of the document as everybody.
@Suite struct MatrixTests {
    /// What a call came to, as far as being allowed goes.
    private enum Outcome: String {
        case allowed
        case forbidden = "403"
        case notSignedIn = "401"
        case broken
    }

    @Test("Every operation of the document lets in exactly the roles that may do what it names")
    func matrix() async throws {
        try await OfficerHouse.run { house in
            let operations = house.interface.document.operations
            #expect(operations.count >= 95)
            var calls = 0
            for operation in operations {
                for caller in Role.allCases.map(\.rawValue) + OfficerHouse.strangers {
                    let outcome = try await Self.outcome(of: operation, as: caller, in: house)
                    let expected = Self.expected(of: operation, for: caller)
                    #expect(outcome == expected, "\(operation.method) \(operation.path) as \(caller)")
                    calls += 1
                }
            }
            #expect(calls == operations.count * 9)
        }
    }

    @Test("Routes and document name the same methods and paths, each once")
    func routes() async throws {
        try await OfficerHouse.run { house in
            let served = house.interface.routes.map { "\($0.method) \($0.path)" }.sorted()
            let described = house.interface.document.operations.map { "\($0.method) \($0.path)" }.sorted()
            #expect(served == described)
            #expect(Set(served).count == served.count)
        }
    }

    @Test("An operation without a handler, and a handler without an operation, are refused at the start")
    func binding() throws {
        let document = try InterfaceDocument()
        var handlers: [String: OfficerInterface.Handler] = [:]
        for operation in document.operations { handlers[operation.id] = { _ in .done } }
        func bind() throws {
            _ = try OfficerInterface(
                document: document,
                handlers: handlers,
                identify: { _ in throw ExchangeError(.apiSignIn, "nobody") },
                onFault: { _, _ in }
            )
        }
        try bind()
        handlers["unheardOf"] = { _ in .done }
        #expect(throws: ExchangeError(.apiDocument, "")) { try bind() }
        handlers["unheardOf"] = nil
        handlers["showSelf"] = nil
        #expect(throws: ExchangeError(.apiDocument, "")) { try bind() }
    }

    @Test("Nothing answers without a known caller")
    func nobody() { #expect(OfficerInterface.anonymousOperations.isEmpty) }

    @Test("A certificate for signatures does not sign in")
    func wrongPurpose() async throws {
        try await OfficerHouse.run { house in
            let answer = try await house.call("GET", "/me", as: "wrong purpose")
            #expect(answer.status == 401)
        }
    }

    @Test("A suspension bites on a connection that stands")
    func suspension() async throws {
        try await OfficerHouse.run { house in
            #expect(try await house.call("GET", "/me", as: "officer").status == 200)
            let id = try await house.person("The officer")
            try await house.change(["kind": .text("suspendPerson"), "person": .text(id)])
            #expect(try await house.call("GET", "/me", as: "officer").status == 401)
        }
    }

    private static func expected(of operation: InterfaceDocument.Operation, for caller: String) -> Outcome {
        switch caller {
        case "suspended", "unknown", "anonymous": .notSignedIn
        case "socket": Role.administrator.acts.contains(operation.act) ? .allowed : .forbidden
        default: Role(rawValue: caller)?.acts.contains(operation.act) == true ? .allowed : .forbidden
        }
    }

    private static func outcome(
        of operation: InterfaceDocument.Operation,
        as caller: String,
        in house: OfficerHouse
    ) async throws -> Outcome {
        var path = operation.path
        for parameter in operation.pathParameters {
            path = path.replacingOccurrences(of: "{\(parameter.name)}", with: try #require(parameter.example))
        }
        let query = try operation.queryParameters.filter(\.isRequired).map { "\($0.name)=\(try #require($0.example))" }
        if !query.isEmpty { path += "?" + query.joined(separator: "&") }
        var bytes: [UInt8]?
        if let body = operation.body {
            bytes = body.schema == nil ? [1, 2, 3] : try #require(body.example, "\(operation.id) has no example").line
        }
        let answer = try await house.call(
            operation.method,
            path,
            as: caller,
            bytes: bytes,
            type: operation.body?.mediaType
        )
        switch answer.status {
        case 401: return .notSignedIn
        case 403: return .forbidden
        case 200...299, 404, 409, 422: return .allowed
        default:
            Issue.record("\(operation.id) as \(caller): \(String(decoding: answer.body, as: UTF8.self))")
            return .broken
        }
    }
}
