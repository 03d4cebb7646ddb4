import BundleExchange
import CaseWork
import ExchangeModel
import Foundation
import GatewayTesting
import GatewayText
import LegalAssistance
import OutboundTransport
import Persistence
import Synchronization
import Testing

@Suite("Sending notifications", .serialized)
struct SendingTests {
    /// An executable script in the house's folder, and the file that it writes to.
    private struct Hook {
        let path: String
        let out: String

        init(_ house: ReminderHouse, _ script: String) throws {
            path = house.house.two.folder + "/hook-\(UUID().uuidString)"
            out = path + ".out"
            let text = "#!/bin/sh\nOUT='\(out)'\n" + script + "\n"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
        }

        var lines: [String] {
            let text = (try? String(contentsOfFile: out, encoding: .utf8)) ?? ""
            return text.split(separator: "\n").map(String.init)
        }

        var settings: NotificationSettings { NotificationSettings(command: path) }
    }

    private struct Taken: Decodable {
        let id: String
        let kind: String
        let person: String
        let language: String
        let subject: String
        let body: String
        let attempt: Int
    }

    private func due(_ house: ReminderHouse) async throws {
        _ = try await house.request(by: "2031-03-03")
        try house.set("2031-02-24T04:00:00Z")
        // The digest of that day, which would be a second notification, has been made.
        for person in [house.officer, house.approver] {
            try await house.execute("DELETE FROM person_digest WHERE person = ?", [.text(person.person.text)])
            try await house.execute(
                "INSERT INTO person_digest (person, day) VALUES (?, '2031-02-24')",
                [.text(person.person.text)]
            )
        }
    }

    private func deliveries(_ house: ReminderHouse) async throws -> [String] {
        try await house.office.notifications.list(by: house.officer).flatMap(\.deliveries)
            .map { "\($0.way.rawValue) \($0.state.rawValue) \($0.attempts) \($0.lastError?.rawValue ?? "-")" }
    }

    @Test("The command gets one JSON object with the id, once, over restarts")
    func command() async throws {
        try await withReminders { house in
            let hook = try Hook(house, #"cat >>"$OUT"; echo >>"$OUT"; env >"$OUT.env"; ls /proc/self/fd >"$OUT.fds""#)
            try await due(house)
            for _ in 1...3 { try await house.service(hook.settings).runDue() }
            try #require(hook.lines.count == 1)
            let taken = try JSONDecoder().decode(Taken.self, from: Data(hook.lines[0].utf8))
            let listed = try await house.office.notifications.list(by: house.officer)
            #expect(listed.map(\.id) == [taken.id] && listed.map(\.subject) == [taken.subject])
            #expect(listed.map(\.body) == [taken.body] && taken.attempt == 1 && taken.language == "en")
            #expect(taken.kind == "deadline.due" && taken.person == house.officer.person.text)
            #expect(try await deliveries(house) == ["command sent 1 -"])
            let environment = try String(contentsOfFile: hook.out + ".env", encoding: .utf8)
            #expect(!environment.contains("ROGATORY") && !environment.contains("HOME="), "\(environment)")
            let files = try String(contentsOfFile: hook.out + ".fds", encoding: .utf8).split(separator: "\n").count
            #expect(files <= 4, "no file of the gateway is open in the command: standard ones and the listing")
        }
    }

    @Test("A command that fails is tried again later, and keeps no other notification waiting")
    func retry() async throws {
        try await withReminders { house in
            // Fails for the first notification that it sees, until told otherwise.
            let hook = try Hook(
                house,
                #"""
                text=$(cat)
                id=${text#*'"id":"'}; id=${id%%'"'*}
                [ -f "$OUT.first" ] || echo "$id" >"$OUT.first"
                if [ "$(cat "$OUT.first")" = "$id" ] && [ ! -f "$OUT.good" ]; then exit 3; fi
                echo "$id" >>"$OUT"
                """#
            )
            let other = try await house.person("Other", .officer)
            try await due(house)
            let id = try unwrapped(try await house.office.requests.list(by: house.officer).first).id
            _ = try await house.office.requests.assign(id, to: nil, by: house.officer)
            try await house.execute(
                "INSERT INTO person_digest (person, day) VALUES (?, '2031-02-24')",
                [.text(other.text)]
            )
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 1, "the other one went")
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 1, "not before it is due again")
            try house.set("2031-02-24T04:01:00Z")
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 1)
            _ = FileManager.default.createFile(atPath: hook.out + ".good", contents: nil)
            try house.set("2031-02-24T04:05:00Z")
            try await house.service(hook.settings).runDue()
            #expect(Set(hook.lines).count == 2 && hook.lines.count == 2)
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 2)
        }
    }

    @Test("After ten attempts a notification is given up, with an alarm in the log of the house")
    func givenUp() async throws {
        try await withReminders { house in
            let hook = try Hook(house, #"echo x >>"$OUT"; exit 1"#)
            try await due(house)
            try await house.service(hook.settings).runDue()
            for _ in 1...13 {
                let now = house.house.two.clock.withLock { $0 }
                try house.set(now.adding(seconds: 57_600).description)
                // Only what was made already: later days would bring more.
                try await NotificationSender(core: house.gateway.core, settings: hook.settings).runDue(.command)
            }
            #expect(hook.lines.count == 10)
            #expect(try await deliveries(house) == ["command failed 10 notification.command_failed"])
            let alarms = try await house.gateway.core.store.read { store in
                try store.rows("SELECT entry_index FROM log_entry WHERE tree = 'house' AND kind = 'alarm.raised'").count
            }
            #expect(alarms == 1)
        }
    }

    @Test("A command that hangs is killed with what it started; one that is not there or dies is a failure")
    func hostileCommands() async throws {
        try await withReminders { house in
            try await due(house)
            // The child would write after its parent was killed, if it lived.
            let hanging = try Hook(house, #"(sleep 2; echo late >>"$OUT") & sleep 600"#)
            var settings = hanging.settings
            settings.commandLimit = .milliseconds(200)
            try await house.service(settings).runDue()
            #expect(try await deliveries(house) == ["command waiting 1 notification.command_timeout"])
            try house.set("2031-02-24T04:01:00Z")
            try await house.service(NotificationSettings(command: "/nonexistent/hook")).runDue()
            #expect(try await deliveries(house) == ["command waiting 2 notification.command_unusable"])
            try house.set("2031-02-24T05:00:00Z")
            let dying = try Hook(house, "kill -9 $$")
            try await house.service(dying.settings).runDue()
            #expect(try await deliveries(house) == ["command waiting 3 notification.command_failed"])
            try house.set("2031-02-25T05:00:00Z")
            try await house.execute("UPDATE person_digest SET day = '2031-02-25'")
            // Reads nothing of what it is given.
            try await house.service(Hook(house, "exit 0").settings).runDue()
            #expect(try await deliveries(house) == ["command sent 4 -"])
            #expect(hanging.lines.isEmpty)
        }
    }

    @Test("Settings that cannot be used are refused at the start")
    func settings() async throws {
        try await withReminders { house in
            let good = try Hook(house, "exit 0")
            #expect(throws: Never.self) { try good.settings.check() }
            for path in ["hook", "", "/nonexistent", house.house.two.folder] {
                #expect(throws: ExchangeError(.notificationSettings, ""), "\(path)") {
                    try NotificationSettings(command: path).check()
                }
            }
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: good.path)
            #expect(throws: ExchangeError(.notificationSettings, "")) { try good.settings.check() }
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: good.path)
            #expect(throws: ExchangeError(.notificationSettings, "")) { try good.settings.check() }
            let from = try MailAddress("gateway@kz.example")
            let server = MailServer(host: "mail.example", security: .none, username: "a")
            #expect(throws: ExchangeError(.mailSettings, "")) {
                try NotificationSettings(mail: .init(server: server, from: from)).check()
            }
        }
    }

    @Test("Mail goes to the address that the person chose, with the id as its Message-ID; no address, no mail")
    func mail() async throws {
        try await withReminders { house in
            let server = try NotificationMailServer()
            let settings = NotificationSettings(
                mail: .init(
                    server: MailServer(host: "localhost", port: server.port, security: .none, ownName: "kz.example"),
                    from: try MailAddress("gateway@kz.example")
                )
            )
            _ = try await house.person("Other", .officer)
            try await house.office.wishes.change(
                PersonWishes(language: .russian, email: "officer@kz.example", digestHour: 23),
                by: house.officer
            )
            try await due(house)
            for _ in 1...2 { try await house.service(settings).runDue() }
            let mail = try server.mail()
            let listed = try unwrapped(try await house.office.notifications.list(by: house.officer).first)
            #expect(mail.recipients == ["officer@kz.example"] && mail.sender == "gateway@kz.example")
            #expect(mail.messageID == "<\(listed.id)@kz.example>")
            #expect(mail.subject == listed.subject)
            // Lines end otherwise in mail, and the last one always does.
            let lines = [mail.body, listed.body].map {
                $0.trimmingCharacters(in: .newlines).split(
                    omittingEmptySubsequences: false,
                    whereSeparator: \.isNewline
                )
            }
            #expect(lines[0] == lines[1])
            #expect(mail.subject.contains("Кыргызстан") || mail.subject.contains("Киргизия"), "\(mail.subject)")
            #expect(try await deliveries(house) == ["email sent 1 -"])
            #expect(server.count == 1)
        }
    }

    @Test("A server that defers is asked again; one that refuses for good is not")
    func mailFaults() async throws {
        for (word, expected) in [("defer", "email waiting 1 mail.deferred"), ("refuse", "email failed 1 mail.refused")]
        {
            try await withReminders { house in
                let server = try NotificationMailServer(word)
                let settings = NotificationSettings(
                    mail: .init(
                        server: MailServer(
                            host: "localhost",
                            port: server.port,
                            security: .none,
                            ownName: "kz.example"
                        ),
                        from: try MailAddress("gateway@kz.example")
                    )
                )
                try await house.office.wishes.change(PersonWishes(email: "officer@kz.example"), by: house.officer)
                try await due(house)
                try await house.service(settings).runDue()
                #expect(try await deliveries(house) == [expected])
            }
        }
    }

    @Test("Who is suspended meanwhile, or wants no mail any more, gets none; a list is one's own")
    func changedMind() async throws {
        try await withReminders { house in
            let hook = try Hook(house, #"echo x >>"$OUT"; exit 1"#)
            try await due(house)
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 1)
            let person = house.officer.person.text
            try await house.execute("UPDATE person SET suspended = 1 WHERE id = ?", [.text(person)])
            try house.set("2031-02-24T06:00:00Z")
            try await house.service(hook.settings).runDue()
            #expect(hook.lines.count == 1)
            #expect(try await deliveries(house).isEmpty)
            #expect(try await house.office.notifications.list(by: house.approver).isEmpty)
            await #expect(throws: ExchangeError(.accessDenied, "")) {
                try await house.office.notifications.list(by: house.auditor)
            }
        }
    }

    @Test("Attempts lie further and further apart, and ten of them outlast a weekend")
    func delays() async throws {
        try await withReminders { house in
            let hook = try Hook(house, "exit 1")
            try await due(house)
            let sender = NotificationSender(core: house.gateway.core, settings: hook.settings)
            try await house.work().runDue()
            try await sender.route()
            var waits: [Int64] = []
            for _ in 1...9 {
                let now = house.house.two.clock.withLock { $0 }
                // Only what was made already: later days would bring more.
                try await sender.runDue(.command)
                let next = try unwrapped(try await sender.next(.command))
                waits.append(next.secondsSince1970 - now.secondsSince1970)
                try house.set(next.description)
            }
            #expect(waits == [60, 240, 960, 3_840, 15_360, 57_600, 57_600, 57_600, 57_600])
            #expect(waits.reduce(0, +) > 63 * 3_600)
        }
    }

    @Test("The service does it by itself, woken by the step that makes something due")
    func service() async throws {
        try await withReminders { house in
            let hook = try Hook(house, #"echo x >>"$OUT""#)
            try await due(house)
            let service = house.service(hook.settings)
            async let running: Void = service.run()
            while hook.lines.isEmpty { await Task.yield() }
            service.stop()
            await running
            #expect(try await house.reminded().count == 1)
        }
    }
}
