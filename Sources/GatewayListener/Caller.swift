public import TrustCrypto

/// Who stands at the other end of a connection, as far as the connection itself proves it.
public enum Caller: Hashable, Sendable {
    /// Nobody known.
    case anonymous
    /// The holder of the first certificate's key; the chain is as presented, leaf first, and was accepted.
    case certificate([PartyCertificate])
    /// A process of this machine's user with that number, as the kernel says.
    case localUser(UInt32)
}
