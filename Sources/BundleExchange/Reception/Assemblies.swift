import EvidencePackaging
import ExchangeModel
import Synchronization

/// The files that are being received, open while parts arrive, and which of them are being begun or completed now.
final class Assemblies: Sendable {
    private struct State {
        var open: [BundleKey: BundleAssembly] = [:]
        var busy: Set<BundleKey> = []
    }

    private let state = Mutex(State())

    /// The open file of a bundle, opened if need be.
    func assembly(of key: BundleKey, opening: () async throws -> BundleAssembly) async throws -> BundleAssembly {
        if let known = state.withLock({ $0.open[key] }) { return known }
        let opened = try await opening()
        return state.withLock { state in
            // Two requests may have opened it at one moment; both use the first.
            if let known = state.open[key] { return known }
            state.open[key] = opened
            return opened
        }
    }

    /// Makes sure that nobody else begins or completes the bundle at the same time.
    ///
    /// - Throws: `assembly.in_use`.
    func reserve(_ key: BundleKey) throws {
        guard state.withLock({ $0.busy.insert(key).inserted }) else {
            throw ExchangeError(
                .assemblyInUse,
                "The bundle is being announced or completed on another connection",
                hint: "ask for its state and try again"
            )
        }
    }

    /// Lets others begin or complete it again.
    func release(_ key: BundleKey) { state.withLock { _ = $0.busy.remove(key) } }

    /// Closes the file of a bundle.
    func forget(_ key: BundleKey) { state.withLock { _ = $0.open.removeValue(forKey: key) } }

    /// Closes this file of a bundle, unless another one was opened since.
    func forget(_ key: BundleKey, _ assembly: BundleAssembly) {
        state.withLock { state in
            if state.open[key] === assembly { state.open[key] = nil }
        }
    }
}
