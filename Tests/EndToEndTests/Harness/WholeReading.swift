public import Foundation
import Glibc

extension FileHandle {
    /// Everything up to the end.
    ///
    /// Foundation's `readDataToEndOfFile` ends the process when a signal interrupts it.
    public func readWhole() throws -> Data {
        var whole = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(fileDescriptor, &buffer, buffer.count)
            if count > 0 {
                whole.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return whole
            } else if errno != EINTR {
                throw HarnessError("a program's output cannot be read: \(errno)")
            }
        }
    }
}
