import ExchangeModel
import Foundation
import Testing

/// Expects an error of ours with that code.
func refused(_ code: ErrorCode, _ place: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    do {
        try body()
        Issue.record("expected \(code), nothing was thrown", sourceLocation: place)
    } catch let error as ExchangeError {
        #expect(error.code == code, "\(error)", sourceLocation: place)
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: place)
    }
}

extension [UInt8] {
    /// The document with one text replaced; the text must stand in it.
    func replacing(_ old: String, _ new: String) throws -> [UInt8] {
        let text = String(decoding: self, as: UTF8.self)
        try #require(text.contains(old), "\(old) does not stand in the document")
        return Array(text.replacingOccurrences(of: old, with: new).utf8)
    }
}
