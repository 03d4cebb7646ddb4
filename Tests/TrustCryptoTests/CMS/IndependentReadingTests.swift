import ExchangeModel
import Testing

@testable import TrustCrypto

/// What we write, read by implementations that share no code with libcrypto's CMS: asn1crypto and python-cryptography.
@Suite struct IndependentReadingTests {
    @Test func strictParserReadsAndWritesTheSameBytes() throws {
        let directory = try ScratchDirectory()
        let key = try SecretBytes(randomCount: 32)
        let merged = try CAdESSignature.merging(
            try ["sign-p256", "sign-p384", "sign-rsa"].map { try CAdESSignatureTests.sign($0) }
        )
        let stamped = try merged.addingTimestamps { try TimestampTests.token(over: $0.signatureValue) }
        let token = try TimestampTests.token(over: [1])
        let request = try TimestampRequest(imprintOf: [1])
        let samples: [(String, [UInt8])] = [
            ("part", try PartEnvelopeTests.seal(randomBytes(300), key)), ("key", try KeyEnvelopeTests.sealed(key)),
            ("merged", merged.der), ("stamped", stamped.der), ("token", token.der),
        ]
        let program = """
            import hashlib, sys
            from asn1crypto import cms, tsp
            for path in sys.argv[2:]:
                der = open(path, 'rb').read()
                info = cms.ContentInfo.load(der, strict=True)
                print(info['content_type'].native)
                if not path.endswith('stamped'):
                    # Its cost doubles with each level, so not for a token inside a signature.
                    assert info.dump(force=True) == der, path
                    continue
                for signer in info['content']['signer_infos']:
                    [stamp] = signer['unsigned_attrs']
                    assert stamp['type'].native == 'signature_time_stamp_token', path
                    token = stamp['values'][0]['content']['encap_content_info']['content'].parsed
                    digest = hashlib.sha256(signer['signature'].native).digest()
                    assert token['message_imprint']['hashed_message'].native == digest, path
            der = open(sys.argv[1], 'rb').read()
            request = tsp.TimeStampReq.load(der, strict=True)
            assert request.native['cert_req'] and request.dump(force=True) == der
            """
        let paths = try samples.map { try directory.write($0.1, $0.0) }
        let outcome = try Tool.python(program, [try directory.write(request.der, "request")] + paths)
        #expect(outcome.status == 0, "\(outcome.output)")
        let expected =
            [
                "authenticated_enveloped_data", "authenticated_enveloped_data", "signed_data", "signed_data",
                "signed_data",
            ]
        #expect(outcome.output.split(separator: "\n").map(String.init) == expected)
        for path in paths {
            let printed = try Tool.openssl(demand: ["cms", "-cmsout", "-print", "-inform", "DER", "-in", path])
            #expect(printed.contains("CMS_ContentInfo"))
        }
    }

    @Test func pythonOpensKeyAndPart() throws {
        let directory = try ScratchDirectory()
        let key = try SecretBytes(randomCount: 32)
        let content = try randomBytes(100_000)
        let keyPath = try directory.write(KeyEnvelopeTests.sealed(key), "key.p7m")
        let partPath = try directory.write(PartEnvelopeTests.seal(content, key), "part.p7m")
        // OAEP; ECDH with the X9.63 KDF over ECC-CMS-SharedInfo (RFC 5753 §7.2); key wrap; GCM.
        let program = """
            import sys
            from asn1crypto import cms, core
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec, padding
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
            from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
            from cryptography.hazmat.primitives.keywrap import aes_key_unwrap

            class Parameters(core.Sequence):
                _fields = [('nonce', core.OctetString), ('size', core.Integer, {'default': 12})]

            def content(envelope, key):
                info = envelope['auth_encrypted_content_info']
                parameters = Parameters.load(info['content_encryption_algorithm']['parameters'].dump())
                assert parameters['size'].native == 16 and len(parameters['nonce'].native) == 12
                sealed = info['encrypted_content'].native + envelope['mac'].native
                return AESGCM(key).decrypt(parameters['nonce'].native, sealed, None)

            def load(path):
                return cms.ContentInfo.load(open(path, 'rb').read(), strict=True)['content']

            key_path, part_path, output, rsa, p256, p384 = sys.argv[1:]
            private = {n: serialization.load_pem_private_key(open(p, 'rb').read(), None)
                       for n, p in (('rsa', rsa), (65, p256), (97, p384))}
            envelope = load(key_path)
            found = []
            for recipient in envelope['recipient_infos']:
                entry = recipient.chosen
                if recipient.name == 'ktri':
                    pad = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
                    found.append(private['rsa'].decrypt(entry['encrypted_key'].native, pad))
                    continue
                point = bytes(entry['originator'].chosen['public_key'])
                own = private[len(point)]
                shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(own.curve, point))
                body = entry['key_encryption_algorithm']['parameters'].dump() + bytes.fromhex('a206040400000100')
                digest = hashes.SHA256() if len(point) == 65 else hashes.SHA384()
                wrap = X963KDF(digest, 32, bytes([0x30, len(body)]) + body).derive(shared)
                found.append(aes_key_unwrap(wrap, entry['recipient_encrypted_keys'][0]['encrypted_key'].native))
            keys = {content(envelope, k) for k in found}
            assert len(found) == 3 and len(keys) == 1
            part = load(part_path)
            entry = part['recipient_infos'][0].chosen
            assert entry['kekid']['key_identifier'].native == bytes(range(16))
            inner = aes_key_unwrap(keys.pop(), entry['encrypted_key'].native)
            open(output, 'wb').write(content(part, inner))
            """
        let outcome = try Tool.python(
            program,
            [keyPath, partPath, directory.file("plain")]
                + ["encrypt-rsa", "encrypt-p256", "encrypt-p384"].map { try ForeignPKI.holder($0).keyPath }
        )
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(try directory.read("plain") == content)
    }
}
