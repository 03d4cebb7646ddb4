import FuzzTargets
import Glibc

// libFuzzer brings its own entry point; this one takes the target's name first and hands the rest on.

/// The target of this run, set once before the fuzzer starts its threads.
nonisolated(unsafe) private var target = FuzzTarget.der

/// What libFuzzer calls with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzerTestOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target.run(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("\(target.rawValue): \(error)")
    }
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
func fuzzerRunDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Where the program begins.
@_cdecl("Fuzzing_main")
public func fuzzingMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: " ")
    guard count > 1, let name = arguments[1], let chosen = FuzzTarget(rawValue: String(cString: name)) else {
        print("usage: Fuzzing TARGET [libFuzzer's options] CORPUS…\ntargets: \(names)")
        return 64
    }
    target = chosen
    arguments[1] = arguments[0]
    var rest = count - 1
    var shifted: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = arguments + 1
    return fuzzerRunDriver(&rest, &shifted, fuzzerTestOneInput)
}
