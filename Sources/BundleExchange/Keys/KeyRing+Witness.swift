public import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension KeyRing {
    /// The key that cosigns partners' checkpoints; `nil` at a gateway that was set up before there was one.
    ///
    /// - Throws: `key.damaged`, `store.*`.
    public func witnessKey() async throws -> WitnessSigningKey? {
        if let known = opened.witness { return known }
        let found = try await core.store.read { reader -> (String, [UInt8])? in
            guard let record = try KeyRows.keys(.witness, reader).first else { return nil }
            return (record.id, try KeyRows.wrapped(record.id, reader))
        }
        guard let (id, wrapped) = found else { return nil }
        let pem = try WrappedPrivateKey.unwrap(wrapped, id: id, under: core.storeKey)
        let key = try WitnessSigningKey(name: Self.witnessName(of: core.party), key: Ed25519PrivateKey(pem: pem))
        opened.keep(key)
        return key
    }

    /// The name of a party's witness.
    static func witnessName(of party: PartyID) -> String { party.text.lowercased() + "/witness" }

    /// Makes the witness's key where there is none.
    func newWitnessKey(by person: ActingPerson) async throws -> KeyRecord {
        try await core.store.write { [core] writer in
            guard try KeyRows.keys(.witness, writer).isEmpty else {
                throw ExchangeError(
                    .wrongState,
                    "The gateway has a witness key already",
                    hint: "partners know cosignatures by it, so it stays as it is"
                )
            }
            let id = try KeyRows.insertLogKey(.witness, core: core, writer)
            try Self.note(.keyMade, id, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }
}
