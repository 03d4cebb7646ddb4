import ExchangeModel
import Persistence

/// The words by which requests are found, folded here because databases fold other alphabets than ours differently.
enum RequestWords {
    /// Letters and digits in a row, without case; each word once, in order.
    static func words(of texts: [String]) -> [String] {
        let words = texts.flatMap { text in
            text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { String($0.prefix(64)) }
        }
        return Set(words).sorted()
    }

    /// A term that holds for requests with a word that begins with this one.
    ///
    /// A rare word is looked up first; for a common one the requests are gone through in their order, because a page is
    /// full soon.
    static func condition(for word: String, in store: any StoreReading) throws -> (String, [SQLValue]) {
        let range: [SQLValue] = [.text(word), .text(word + "\u{10ffff}")]
        let found = try store.row(
            "SELECT COUNT(*) AS found FROM (SELECT 1 AS one FROM request_word WHERE word >= ? AND word < ? LIMIT 5000) AS some",
            range
        )
        if try found?.integer("found") ?? 0 < 5_000 {
            return ("id IN (SELECT request FROM request_word WHERE word >= ? AND word < ?)", range)
        }
        return (
            """
            EXISTS (SELECT 1 FROM request_word WHERE request = assistance_request.id AND word >= ? AND word < ?)
            """,
            range
        )
    }
}

extension RequestRows {
    /// Enters the words of a request anew, if they are others than before.
    static func enterWords(of record: RequestRecord, in store: any StoreWriting) throws {
        let words = RequestWords.words(
            of: [record.reference, record.partnerReference ?? "", record.subject, record.partnerAuthority]
        )
        let line = words.joined(separator: " ")
        let known = try store.row("SELECT search FROM assistance_request WHERE id = ?", [SQLValue(record.id)])
        guard try known?.text("search") != line else { return }
        try store.execute("UPDATE assistance_request SET search = ? WHERE id = ?", [.text(line), SQLValue(record.id)])
        try store.execute("DELETE FROM request_word WHERE request = ?", [SQLValue(record.id)])
        for word in words {
            try store.execute(
                "INSERT INTO request_word (word, request) VALUES (?, ?)",
                [.text(word), SQLValue(record.id)]
            )
        }
    }
}
