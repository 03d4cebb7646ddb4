import COpenSSL
import ExchangeModel

/// Turns the calling thread's whole OpenSSL error queue into details of one error, and empties it.
///
/// The queue belongs to the thread, so this is called in the function whose call failed, never after an `await`.
enum OpenSSLFailure {
    /// Empties the queue, before a call whose failure will be read.
    static func clear() { ERR_clear_error() }

    /// Every entry of the queue, oldest first, as `library: reason (data)`.
    static func drain() -> [String] {
        var entries: [String] = []
        while true {
            var file: UnsafePointer<CChar>?
            var function: UnsafePointer<CChar>?
            var data: UnsafePointer<CChar>?
            var line: Int32 = 0
            var flags: Int32 = 0
            let code = ERR_get_error_all(&file, &line, &function, &data, &flags)
            guard code != 0 else { return entries }
            var text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "error \(code)"
            if let library = ERR_lib_error_string(code) { text = String(cString: library) + ": " + text }
            if let data, flags & ERR_TXT_STRING != 0, data.pointee != 0 { text += " (" + String(cString: data) + ")" }
            if entries.count < 16 { entries.append(text) }
        }
    }

    /// An error with the queue's content as details.
    static func error(
        _ code: ErrorCode,
        _ reason: String,
        hint: String? = nil,
        file: StaticString = #fileID,
        line: UInt = #line
    ) -> ExchangeError {
        ExchangeError(code, reason, hint: hint, details: drain(), file: file, line: line)
    }
}
