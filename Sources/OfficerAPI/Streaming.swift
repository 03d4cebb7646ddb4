import EvidencePackaging
import ExchangeModel
import GatewayListener

extension ListenerResponse.Body {
    /// Bytes at rest, read while they are sent.
    static func source(_ source: any ByteSource) -> ListenerResponse.Body {
        .stream(length: source.size) { stream in
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            var place: Int64 = 0
            while place < source.size {
                let count = Int(min(Int64(buffer.count), source.size - place))
                try buffer.withUnsafeMutableBytes { memory in
                    try source.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<count]), at: place)
                }
                if count < buffer.count { buffer.removeLast(buffer.count - count) }
                try await stream.write(buffer)
                place += Int64(count)
            }
        }
    }
}

/// Header fields that tell of a file in the body.
enum FileFields {
    /// The name it had (RFC 6266, RFC 8187) and its digest (RFC 9530).
    static func of(_ name: String, sha256: SHA256Digest?) -> [String: String] {
        var fields = ["content-disposition": "attachment; filename*=UTF-8''" + encoded(name)]
        if let sha256 { fields["repr-digest"] = "sha-256=:\(Base64.text(of: sha256.bytes)):" }
        return fields
    }

    private static func encoded(_ name: String) -> String {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        let digits = Array("0123456789ABCDEF")
        return name.utf8.map { byte in
            kept.contains(byte)
                ? String(Character(Unicode.Scalar(byte))) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }
}

/// Base64 (RFC 4648 §4).
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of bytes: [UInt8]) -> String {
        var result: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let three = bytes[start..<min(start + 3, bytes.count)]
            let word = three.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - three.count))
            for index in 0..<4 {
                let place = Int(word >> (18 - 6 * UInt32(index)) & 63)
                result.append(index <= three.count ? alphabet[place] : UInt8(ascii: "="))
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension OfficerAnswer {
    private enum Event: Sendable {
        case progress(Int64, Int64)
        case ended([JSONValue])
        case failed(any Error)
    }

    /// Long work that tells of its progress: JSON texts (RFC 7464), the last with `items` or with `problem`.
    ///
    /// What fails before anything was done is an ordinary refusal. When the client goes away, the work is cancelled.
    static func progress(
        _ work: @escaping @Sendable (_ told: @escaping ProgressHandler) async throws -> [JSONValue]
    ) async throws -> OfficerAnswer {
        // Of the progress only the latest matters, and the end is always the latest.
        let (events, source) = AsyncStream<Event>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let task = Task {
            do {
                source.yield(.ended(try await work { source.yield(.progress($0, $1)) }))
            } catch {
                source.yield(.failed(error))
            }
            source.finish()
        }
        let first = await withTaskCancellationHandler {
            await events.first { _ in true }
        } onCancel: {
            task.cancel()
        }
        if case .failed(let error) = first { throw error }
        return .content(
            .stream(length: nil) { stream in
                try await withTaskCancellationHandler {
                    do {
                        if let first { try await stream.write(Self.text(of: first)) }
                        for await event in events { try await stream.write(Self.text(of: event)) }
                    } catch {
                        task.cancel()
                        throw error
                    }
                } onCancel: {
                    task.cancel()
                }
            }
        )
    }

    private static func text(of event: Event) -> [UInt8] {
        let value: JSONValue =
            switch event {
            case .progress(let done, let total): .members(["done": .integer(done), "total": .integer(total)])
            case .ended(let items): .members(["items": .array(items)])
            case .failed(let error): .members(["problem": OfficerProblem.value(of: error)])
            }
        return [0x1e] + value.line
    }
}
