/// Takes the entries of a signed container while it is opened, in their order, so that a gateway can encrypt them at
/// rest; nothing of them is written in the clear.
///
/// What it was given is unproven until there is a ``VerifiedBundle``; when there will be none it has to be thrown away.
/// The calls come from several threads, but one at a time and each after the one before.
public protocol ContentSink: Sendable {
    /// An entry begins, such as `manifest.xml` or `evidence/0001`; `size` is in bytes.
    func begin(_ name: String, size: Int64) throws
    /// The next bytes of the entry, valid during the call only.
    func write(_ bytes: UnsafeRawBufferPointer) throws
    /// The entry is complete.
    func end() throws
    /// The bytes of a complete entry, so that images among the evidence can be read; `nil` where they cannot be had.
    func source(of name: String) throws -> (any ByteSource)?
}

extension ContentSink {
    /// Gives nothing back.
    public func source(of name: String) throws -> (any ByteSource)? { nil }
}
