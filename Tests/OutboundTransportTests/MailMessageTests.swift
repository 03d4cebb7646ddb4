import ExchangeModel
import Foundation
import OutboundTransport
import Testing

let mailTime = ExchangeTime(secondsSince1970: 1_772_236_799)

func mail(
    _ subject: String = "Overdue today",
    _ body: String = "Two requests are overdue.\n",
    from: MailAddress? = nil,
    to: [MailAddress]? = nil,
    messageID: String = "3f2.overdue@gateway.kz-gpo.example"
) throws -> MailMessage {
    let own = try MailAddress("gateway@kz-gpo.example", name: "Rogatory")
    let officer = try MailAddress("officer@kz-gpo.example")
    return try MailMessage(
        from: from ?? own,
        to: to ?? [officer],
        subject: subject,
        body: body,
        date: mailTime,
        messageID: messageID
    )
}

@Suite struct MailMessageTests {
    private static let subjects = [
        "Overdue today", "Запрос 15-2-77: срок ответа истёк вчера, просим принять меры до конца рабочего дня",
        "Сұрау салу бойынша мерзім өтті", "请求已逾期：请在今天之前答复请求已逾期：请在今天之前答复请求已逾期：请在今天之前答复",
        "=?utf-8?B?SGVsbG8=?= is no encoded word", " spaces at the ends ", "two  spaces", "👩‍⚖️ é e\u{301} ﷺ",
        "a, b; c: \"d\" <e@f>", String(repeating: "word ", count: 60) + "end", String(repeating: "x", count: 300), "=",
    ]
    private static let bodies = [
        "", "\n", "plain", "plain\n", ".\n..\n.end\n", "one\rtwo\r\nthree\n\n\nfour", "tab\there, space at the end \n",
        String(repeating: "long line ", count: 200), String(repeating: "x", count: 2_000) + "\n",
        "café = 3 € \n=20 stays\n", "Срок ответа истёк.\r\n.\r\nОтветственный: Нурланова\n", "请求已逾期\n",
        "From me\nTo: somebody\nBcc: nobody@example.org\n", "a \u{0} b \u{8}\n", "\u{2028}\n",
        String(repeating: "Запрос просрочен. ", count: 500), String(repeating: "é", count: 30) + " =\t\n",
    ]

    @Test("A foreign parser reads back what was written")
    func foreignReading() async throws {
        let server = try ForeignMailServer()
        func read(_ subject: String, _ body: String) async throws {
            let message = try mail(subject, body)
            #expect(message.bytes == message.bytes)
            try await MailClient.send(message, server: server.server(.none))
            let read = try server.mail()
            #expect(read.defects.isEmpty && read.size == message.bytes.count, "\(subject): \(read.defects)")
            #expect(read.subject == subject)
            let lines = body.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }
            var expected = lines.joined(separator: "\n")
            if !expected.hasSuffix("\n") || body.isEmpty { expected += "\n" }
            #expect(read.body.replacing("\r\n", with: "\n") == expected, "\(body.debugDescription)")
            #expect(read.longestLine <= 78)
            #expect(read.date == "2026-02-27T23:59:59+00:00")
            #expect(read.messageID == "<3f2.overdue@gateway.kz-gpo.example>")
        }
        for subject in Self.subjects { try await read(subject, "plain") }
        for body in Self.bodies { try await read("plain", body) }
    }

    @Test("Names beside addresses come through, whatever stands in them")
    func names() async throws {
        let server = try ForeignMailServer()
        let names = ["Нурланова, Айгерим", "O\"Hara <x@y>", "Plain Name", "请求", "a.b", "=?x", nil]
        let to = try names.enumerated().map { try MailAddress("person\($0.offset)@kz-gpo.example", name: $0.element) }
        try await MailClient.send(mail(to: to), server: server.server(.none))
        let read = try server.mail()
        #expect(read.defects.isEmpty)
        #expect(read.to == names.enumerated().map { [$0.element ?? "", "person\($0.offset)@kz-gpo.example"] })
        #expect(read.from == [["Rogatory", "gateway@kz-gpo.example"]])
        #expect(read.recipients == to.map(\.address) && read.sender == "gateway@kz-gpo.example")
    }

    @Test(
        "No value adds a header field",
        arguments: [
            "a\r\nBcc: x@y", "a\nBcc: x@y", "a\rb", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "a\u{1b}[2J", "", "\n",
        ]
    )
    func injection(_ text: String) {
        let refused = ExchangeError(.mailHeader, "")
        #expect(throws: refused) { try mail(text) }
        #expect(throws: refused) { try mail(messageID: text + "@example.org") }
        #expect(throws: refused) { try mail(messageID: "a@" + text) }
        #expect(throws: refused) { try MailAddress("a@example.org", name: text) }
        #expect(throws: ExchangeError(.mailAddress, "")) { try MailAddress(text + "@example.org") }
        #expect(throws: ExchangeError(.mailAddress, "")) { try MailAddress("a@" + text) }
    }

    @Test(
        "What is no plain address is refused",
        arguments: [
            "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "<a@b>", "a@b>", "a@b c", ".a@b", "a.@b", "a..b@c", "a@.b",
            "a@b..c", "a@-b", "a@b-", "\"a b\"@c", "a@b,c@d", "иван@example.org", "a@пример.kz", "a@[127.0.0.1",
            "a@[]", "a@[127.0.0.1 x]", String(repeating: "a", count: 65) + "@b",
            "a@" + String(repeating: "b", count: 64), "a@" + String(repeating: "b.", count: 130) + "c", "a\t@b",
        ]
    )
    func addresses(_ text: String) {
        #expect(throws: ExchangeError(.mailAddress, "")) { try MailAddress(text) }
    }

    @Test("Plain addresses are taken", arguments: ["a@b", "first.last+tag@mail.example", "x@[192.0.2.1]", "_!@b-c.d"])
    func goodAddresses(_ text: String) throws { #expect(try MailAddress(text).address == text) }

    @Test("A mail has 1 to 100 recipients, and texts have an end")
    func limits() throws {
        let refused = ExchangeError(.mailHeader, "")
        #expect(throws: refused) { try mail(to: []) }
        let many = try (0...100).map { try MailAddress("a\($0)@b") }
        #expect(throws: refused) { try mail(to: many) }
        _ = try mail(to: Array(many.dropLast()))
        #expect(throws: refused) { try mail(String(repeating: "x", count: 501)) }
        #expect(throws: refused) { try mail("x", String(repeating: "x", count: MailMessage.largestBody + 1)) }
        #expect(throws: refused) { try mail(messageID: "no-host") }
    }
}
