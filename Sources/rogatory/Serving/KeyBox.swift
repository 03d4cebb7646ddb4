import BundleExchange
import Synchronization

/// Hands a key from one task to another.
final class KeyBox: Sendable {
    let key = Mutex<InstalledKey?>(nil)
}
