import ExchangeModel

extension CAdESSignature {
    /// One object with every SignerInfo, every certificate and all revocation information of the given ones, for signatures over the same content.
    ///
    /// Nothing is signed anew: each SignerInfo keeps its bytes.
    ///
    /// - Throws: `signature.duplicate_signer` when a signer stands in two of them, `signature.signer_count`,
    ///   `signature.certificates`.
    public static func merging(_ signatures: [CAdESSignature]) throws -> CAdESSignature {
        let signers = signatures.flatMap { $0.signers.map { $0.reader } }
        var data = ValidationData()
        for signature in signatures { data.add(signature.validationData) }
        return try assembled(
            signers: signers,
            data: data,
            content: nil
        ) { $0.der }
    }

    /// The same object with a signature timestamp (EN 319 122-1 §5.3) for every signer that has none yet: baseline T.
    ///
    /// - Parameter stamp: Gets a timestamp token over a signer's `signatureValue`.
    /// - Returns: The object with the tokens as unsigned attributes.
    /// - Throws: `timestamp.imprint_mismatch` when a token is for other bytes; what the closure throws.
    public func addingTimestamps(_ stamp: (SignerInformation) throws -> TimestampToken) throws -> CAdESSignature {
        var tokens: [IssuerAndSerialNumber: [UInt8]] = [:]
        for signer in signers where signer.timestampToken == nil {
            let token = try stamp(signer)
            try token.checkImprint(of: signer.signatureValue)
            tokens[signer.reader.name] = token.der
        }
        return try Self.assembled(
            signers: signers.map { $0.reader },
            data: validationData,
            content: content
        ) { signer in
            guard let token = tokens[signer.name] else { return signer.der }
            let attribute = DERWriter.sequence(
                DERWriter.objectID(.signatureTimestamp),
                DERWriter.setOf([token])
            )
            return DERWriter.sequence(
                signer.signedFields,
                DERWriter.setOf([attribute], tag: DERTag.context(1))
            )
        }
    }

    /// The same object that carries more certificates and revocation information: baseline LT (EN 319 122-1 §6), when
    /// every signature has a timestamp.
    ///
    /// - Throws: `signature.certificates`, `signature.revocation_values`, `signature.malformed` when the object would be
    ///   larger than 1 MiB.
    public func adding(_ data: ValidationData) throws -> CAdESSignature {
        var all = validationData
        all.add(data)
        return try Self.assembled(signers: signers.map { $0.reader }, data: all, content: content) { $0.der }
    }

    /// Writes SignedData (RFC 5652 §5.1) around SignerInfos and reads it again with every rule.
    private static func assembled(
        signers: [SignerInfoReader],
        data: ValidationData,
        content: [UInt8]?,
        _ encode: (SignerInfoReader) throws -> [UInt8]
    ) throws -> CAdESSignature {
        guard Set(signers.map { $0.name }).count == signers.count else {
            throw ExchangeError(.signatureDuplicateSigner, "The same signer signs twice")
        }
        let digests = Set(signers.map { $0.digest }).map { DERWriter.algorithm($0.id) }
        let body = DERWriter.sequence(
            DERWriter.integer(UInt8(data.signedDataVersion(otherwise: 1))),
            DERWriter.setOf(digests),
            DERWriter.sequence(
                DERWriter.objectID(.data),
                content.map { DERWriter.element(DERTag.context(0), DERWriter.octets($0)) } ?? []
            ),
            DERWriter.setOf(Set(data.certificates).map { $0.der }, tag: DERTag.context(0)),
            data.revocationChoicesDER,
            DERWriter.setOf(try signers.map { try encode($0) })
        )
        return try CAdESSignature(
            der: DERWriter.sequence(DERWriter.objectID(.signedData), DERWriter.element(DERTag.context(0), body)),
            isDetached: content == nil
        )
    }
}
