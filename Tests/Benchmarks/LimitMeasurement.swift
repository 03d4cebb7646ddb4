import ArgumentParser
import CDeflate
import COpenSSL
import Dispatch
import Glibc

/// What two cores could do at best: the primitives of sealing, called on the libraries themselves, with the work split
/// evenly over two threads that never wait for each other. A process of its own, so that its cost is taken like the others'.
struct LimitMeasurement: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limit",
        abstract: "Runs the primitives of sealing over a file on two threads, and writes the ciphertext.",
        shouldDisplay: false
    )

    @Argument(help: "The file to read.") var input: String
    @Argument(help: "The file to write.") var output: String

    private static let partSize = 32 << 20
    private static let chunkSize = 256 << 10

    func run() throws {
        let source = open(input, O_RDONLY)
        let target = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard source >= 0, target >= 0 else { throw BenchmarkFailure("\(input) or \(output) cannot be opened") }
        let size = Int(lseek(source, 0, SEEK_END))
        let parts = (size + Self.partSize - 1) / Self.partSize
        let threads = 2
        var succeeded = [Bool](repeating: false, count: threads)
        succeeded.withUnsafeMutableBufferPointer { flags in
            // Each thread writes its own flag, and all have ended when the call returns.
            nonisolated(unsafe) let flags = flags
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                flags[thread] = stride(from: thread, to: parts, by: threads).allSatisfy { part in
                    let start = part * Self.partSize
                    return Self.process(source, target, start..<min(size, start + Self.partSize))
                }
            }
        }
        guard succeeded.allSatisfy(\.self) else { throw BenchmarkFailure("a primitive failed") }
    }

    /// Read, SHA-256 and CRC-32 of the plain bytes, AES-256-GCM, SHA-256 and CRC-32 of the cipher bytes, write.
    private static func process(_ source: Int32, _ target: Int32, _ range: Range<Int>) -> Bool {
        guard let plainDigest = EVP_MD_CTX_new(), let cipherDigest = EVP_MD_CTX_new(), let cipher = EVP_CIPHER_CTX_new()
        else { return false }
        defer {
            EVP_MD_CTX_free(plainDigest)
            EVP_MD_CTX_free(cipherDigest)
            EVP_CIPHER_CTX_free(cipher)
        }
        let key = [UInt8](repeating: 1, count: 32)
        let nonce = [UInt8](repeating: 2, count: 12)
        guard EVP_DigestInit_ex(plainDigest, EVP_sha256(), nil) == 1,
            EVP_DigestInit_ex(cipherDigest, EVP_sha256(), nil) == 1,
            EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce) == 1
        else { return false }
        var plainCheck: UInt32 = 0
        var cipherCheck: UInt32 = 0
        var buffer = [UInt8](repeating: 0, count: chunkSize)
        var digest = [UInt8](repeating: 0, count: 32)
        var length: Int32 = 0
        for offset in stride(from: range.lowerBound, to: range.upperBound, by: chunkSize) {
            let count = min(chunkSize, range.upperBound - offset)
            guard pread(source, &buffer, count, off_t(offset)) == count else { return false }
            EVP_DigestUpdate(plainDigest, buffer, count)
            plainCheck = libdeflate_crc32(plainCheck, buffer, count)
            EVP_EncryptUpdate(cipher, &buffer, &length, buffer, Int32(count))
            EVP_DigestUpdate(cipherDigest, buffer, count)
            cipherCheck = libdeflate_crc32(cipherCheck, buffer, count)
            guard pwrite(target, buffer, count, off_t(offset)) == count else { return false }
        }
        return EVP_DigestFinal_ex(plainDigest, &digest, nil) == 1 && EVP_DigestFinal_ex(cipherDigest, &digest, nil) == 1
            && EVP_EncryptFinal_ex(cipher, &digest, &length) == 1 && plainCheck != cipherCheck
    }
}
