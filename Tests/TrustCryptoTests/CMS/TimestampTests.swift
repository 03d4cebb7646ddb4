import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite struct TimestampTests {
    static let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    static let policy = "2.25.1.2.3"

    static func authority(_ holder: String = "tsa-p256") throws -> TimestampAuthority {
        let holder = try ForeignPKI.holder(holder)
        return try TimestampAuthority(certificate: holder.certificate, key: holder.key, policy: policy)
    }

    static func token(over bytes: [UInt8], by holder: String = "tsa-p256", at time: ExchangeTime = now) throws
        -> TimestampToken
    {
        let request = try TimestampRequest(imprintOf: bytes)
        let response = try authority(holder).respond(to: request.der, at: time, serial: 7)
        return try TimestampResponse(der: response).token(answering: request)
    }

    @Test(arguments: ["tsa-p256", "tsa-rsa"])
    func opensslVerifiesOurTokens(holder: String) throws {
        let directory = try ScratchDirectory()
        let bytes = try randomBytes(100)
        let token = try Self.token(over: bytes, by: holder)
        #expect(token.genTime == Self.now)
        #expect(token.policy == Self.policy)
        #expect(token.serialNumber == "07")
        #expect(token.tsaCertificate == (try ForeignPKI.holder(holder).certificate))
        try token.verify(over: bytes, now: Self.now)
        let output = try Tool.openssl(demand: [
            "ts", "-verify", "-token_in", "-in", directory.write(token.der, "token"), "-data",
            directory.write(bytes, "data"), "-CAfile", ForeignPKI.get().root.certificatePath,
        ])
        #expect(output.contains("Verification: OK"))
    }

    @Test(arguments: ["sign-p256", "sign-p384", "sign-rsa"])
    func timestampedSignaturesVerifyWithOpenssl(holder: String) throws {
        let stamped = try CAdESSignatureTests.sign(holder).addingTimestamps { try Self.token(over: $0.signatureValue) }
        let signer = try #require(stamped.signers.first)
        let token = try TimestampToken(der: #require(signer.timestampToken))
        try token.verify(over: signer.signatureValue, now: Self.now)
        #expect(try stamped.verify(content: CAdESSignatureTests.content).count == 1)
        let outcome = try CAdESSignatureTests.opensslVerify(stamped.der)
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
