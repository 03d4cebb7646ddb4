public import ExchangeModel

extension ErrorCode {
    /// This gateway has no witness key yet.
    public static let witnessNoKey = ErrorCode("witness.no_key")
    /// A log signed two states of one size, or one that does not begin with what it signed before.
    public static let witnessForked = ErrorCode("witness.forked")
    /// A log shows itself with fewer entries than a witness has cosigned.
    public static let witnessShorter = ErrorCode("witness.shorter")
    /// A log did not prove that it continues what a witness has cosigned.
    public static let witnessNotProven = ErrorCode("witness.not_proven")
}
