import BundleExchange
import ExchangeModel

/// What stands in the paths of the protocol.
enum PathValues {
    /// A bundle's id: a lower-case UUID of version 7.
    ///
    /// - Throws: `request.not_found`, as for an id that nobody has used, so that the answer tells nothing more.
    static func bundle(_ text: String?) throws -> BundleID {
        guard let text, let id = BundleID(urn: "urn:uuid:" + text) else { throw unknownBundle }
        return id
    }

    /// A part's number: decimal digits without leading zeros, 1 to 99999.
    ///
    /// - Throws: `request.not_found`.
    static func part(_ text: String?) throws -> Int {
        guard let text, (1...5).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text)
        else {
            throw ExchangeError(.notFound, "There is no such part", hint: "parts count from 1, without zeros before")
        }
        return number
    }

    /// The one answer for bundles that are not there and for those of others.
    static var unknownBundle: ExchangeError { ExchangeError(.notFound, "There is no such bundle") }
}
