import COpenSSL

/// What is known about the libcrypto that the program runs with, which need not be the one it was built with.
public enum LibcryptoHealth {
    /// The library's own text, such as `OpenSSL 3.0.22 …`.
    public static var version: String {
        OpenSSL_version(OPENSSL_VERSION).map { String(cString: $0) } ?? "unknown"
    }

    /// The library's number, such as `0x30000160` for 3.0.22.
    public static var versionNumber: UInt { UInt(OpenSSL_version_num()) }

    /// The first version without the known faults in CMS processing: 3.0.22.
    public static let fixedVersionNumber: UInt = 0x3000_0160

    /// A sentence for people when the library is older than ``fixedVersionNumber``; `nil` when it is not.
    ///
    /// A warning only: distributions correct faults without changing the number.
    public static var warning: String? { warning(number: versionNumber, text: version) }

    static func warning(number: UInt, text: String) -> String? {
        guard number < fixedVersionNumber else { return nil }
        return "\(text) is older than 3.0.22; install the distribution's security version of libssl3"
    }

    /// Keeps libcrypto as it is until the process has ended; the first call of a program, before anything else uses it.
    ///
    /// Otherwise libcrypto clears itself away while `exit` runs, and a thread that is just ending then walks into what
    /// was freed (`init_thread_deregister`): a program that had done its work died of signal 11 once in hundreds of runs.
    public static func keepUntilProcessEnds() { OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_ATEXIT), nil) }
}
