import ExchangeModel
import TrustCrypto

/// What is said of the machine's libcrypto before keys are used with it.
public enum LibcryptoCheck {
    /// Warns when libcrypto is older than the release that mends known faults in CMS; refuses to go on when it really
    /// accepts a message forged with a one-byte tag.
    ///
    /// Distributions mend faults without changing the number, so the number alone refuses nothing. Our own check of
    /// every envelope applies in any case.
    ///
    /// - Throws: `crypto.forged_tag_accepted`.
    public static func run(_ program: String) throws {
        guard let warning = LibcryptoHealth.warning else { return }
        StandardError.warn(program, warning)
        guard try LibcryptoProbe.acceptsForgedTag() else { return }
        throw ExchangeError(
            .cryptoForgedTagAccepted,
            "This machine's libcrypto accepts forged messages",
            hint: "bring the packages libssl3 and openssl up to date"
        )
    }
}
