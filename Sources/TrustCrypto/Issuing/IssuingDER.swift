import COpenSSL
import ExchangeModel

/// The DER forms (ITU-T X.690) that only extensions are written with.
enum IssuingDER {
    static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { DERWriter.element(tag, content) }

    static func sequence(_ parts: [[UInt8]]) -> [UInt8] { DERWriter.element(0x30, joining: parts) }

    static func integer(_ value: UInt64) -> [UInt8] {
        DERWriter.unsigned((0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64($0))) })
    }

    static func generalizedTime(_ time: ExchangeTime) -> [UInt8] {
        let digits = time.description.utf8.filter { (0x30...0x39).contains($0) }
        return element(0x18, digits + Array("Z".utf8))
    }

    static func identifier(_ dotted: String) throws -> [UInt8] {
        guard let object = OBJ_txt2obj(dotted, 1) else {
            throw OpenSSLFailure.error(.issuingFailed, "\(dotted) is not an object identifier")
        }
        defer { ASN1_OBJECT_free(object) }
        return try DERBytes.of(object) { i2d_ASN1_OBJECT($0, $1) }
    }

    /// The nine bits of a key usage as a named bit list: trailing zero bits are left out (X.690 §11.2.2).
    static func keyUsage(_ usage: KeyUsage) -> [UInt8] {
        var bytes = [UInt8(usage.rawValue & 0xff), UInt8(usage.rawValue >> 8 & 0xff)]
        while let last = bytes.last, last == 0 { bytes.removeLast() }
        let unused = bytes.last.map { UInt8($0.trailingZeroBitCount) } ?? 0
        return element(0x03, [unused] + bytes)
    }
}

/// One certificate or list extension: identifier, criticality, DER of its value.
struct IssuedExtension {
    let identifier: String
    let isCritical: Bool
    let value: [UInt8]

    /// Gives libcrypto's form to the closure, which copies it.
    func add(_ attach: (OpaquePointer) -> Int32) throws {
        let object = OBJ_txt2obj(identifier, 1)
        let octets = ASN1_OCTET_STRING_new()
        defer {
            ASN1_OBJECT_free(object)
            ASN1_OCTET_STRING_free(octets)
        }
        guard let object, let octets, value.count <= 1 << 20,
            ASN1_OCTET_STRING_set(octets, value, Int32(value.count)) == 1,
            let made = X509_EXTENSION_create_by_OBJ(nil, object, isCritical ? 1 : 0, octets)
        else { throw OpenSSLFailure.error(.issuingFailed, "Extension \(identifier) cannot be made") }
        defer { X509_EXTENSION_free(made) }
        guard attach(made) == 1 else {
            throw OpenSSLFailure.error(.issuingFailed, "Extension \(identifier) cannot be added")
        }
    }
}
