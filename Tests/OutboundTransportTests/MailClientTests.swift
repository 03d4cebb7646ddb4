import ExchangeModel
import Foundation
import OutboundTransport
import Testing
import TrustCrypto

@Suite struct MailClientTests {
    private func fault(
        of server: MailServer,
        _ message: MailMessage? = nil,
        within time: Duration = .seconds(30)
    ) async throws -> ExchangeError? {
        let message = try message ?? mail()
        do throws(ExchangeError) {
            try await MailClient.send(message, server: server, connectTimeout: time, totalTimeout: time)
            return nil
        } catch {
            return error
        }
    }

    @Test("STARTTLS with a login, and TLS from the first byte")
    func protected() async throws {
        for (word, security) in [("starttls", MailServer.Security.startTLS), ("implicit", .implicitTLS)] {
            let server = try ForeignMailServer(word)
            try await MailClient.send(mail(), server: server.server(security))
            let read = try server.mail()
            #expect(read.isSecret && read.login == ForeignMailServer.user, "\(word)")
            #expect(read.subject == "Overdue today" && read.recipients == ["officer@kz-gpo.example"])
        }
    }

    @Test("Replies of 4xx and 5xx say whether to try again, with the codes and no text")
    func replies() async throws {
        let later = try ForeignMailServer("defer")
        let deferred = try await fault(of: later.server(.none))
        #expect(deferred?.code == .mailDeferred && deferred?.details == ["reply 450 4.2.1"])
        let busy = try ForeignMailServer("busy")
        #expect(try await fault(of: busy.server(.none))?.code == .mailDeferred)
        let spam = try ForeignMailServer("spam")
        let refused = try await fault(of: spam.server(.none))
        #expect(refused?.code == .mailRefused && refused?.details == ["reply 554 5.7.1"])
        // One recipient that does not exist keeps the mail from all.
        let unknown = try ForeignMailServer("unknown")
        let two = try [MailAddress("officer@kz-gpo.example"), MailAddress("nobody@kz-gpo.example")]
        let nobody = try await fault(of: unknown.server(.none), mail(to: two))
        #expect(nobody?.code == .mailRefused && nobody?.details == ["reply 550 5.1.1"])
        try await MailClient.send(mail("after"), server: unknown.server(.none))
        #expect(try unknown.mail().subject == "after")
    }

    @Test("A wrong password is told as such, and stands in no error even if the server repeats it")
    func login() async throws {
        for word in ["echo", "quiet"] {
            let server = try ForeignMailServer("starttls", word)
            let secret = "wrong battery staple"
            let error = try #require(try await fault(of: server.server(.startTLS, password: secret)))
            #expect(error.code == .mailLogin, "\(error)")
            let encoded = Data("\u{0}\(ForeignMailServer.user)\u{0}\(secret)".utf8).base64EncodedString()
            for text in [secret, Data(secret.utf8).base64EncodedString(), encoded] {
                #expect(!"\(error) \(error.hint ?? "") \(error.details)".contains(text))
            }
        }
        // Without any login a server that demands one refuses.
        let server = try ForeignMailServer("starttls")
        #expect(try await fault(of: server.server(.startTLS, password: nil))?.code == .mailRefused)
    }

    @Test("Without the TLS that was asked for nothing is sent")
    func tls() async throws {
        let pki = try ServerPKI.shared.get()
        let plain = try ForeignMailServer()
        #expect(try await fault(of: plain.server(.startTLS))?.code == .mailTLS)
        #expect(try await fault(of: plain.server(.implicitTLS))?.code == .mailTLS)
        for holder in [pki.stranger, pki.otherHost, pki.expired] {
            for (word, security) in [("starttls", MailServer.Security.startTLS), ("implicit", .implicitTLS)] {
                let server = try ForeignMailServer(word, as: holder)
                #expect(try await fault(of: server.server(security))?.code == .mailTLS, "\(holder.chainFile) \(word)")
            }
        }
        // The system's anchors do not know our authority.
        let good = try ForeignMailServer("starttls")
        var settings = try good.server(.startTLS)
        settings.caFile = nil
        #expect(try await fault(of: settings)?.code == .mailTLS)
    }

    @Test("A server that is not there, says nothing, hangs, breaks off or speaks something else")
    func silence() async throws {
        func plain(_ port: Int, host: String = "127.0.0.1") -> MailServer {
            MailServer(host: host, port: port, security: .none, ownName: "gateway.example")
        }
        #expect(try await fault(of: plain(refusedPort()))?.code == .mailUnreachable)
        #expect(try await fault(of: plain(25, host: "nobody.invalid"))?.code == .mailUnreachable)
        let mute = try CannedServer(answer: nil)
        #expect(try await fault(of: plain(mute.port), within: .milliseconds(300))?.code == .mailTimeout)
        let hanging = try ForeignMailServer("hang")
        #expect(try await fault(of: hanging.server(.none), within: .milliseconds(900))?.code == .mailTimeout)
        let dropping = try ForeignMailServer("drop")
        #expect(try await fault(of: dropping.server(.none))?.code == .mailAnswer)
        // One that waits for a TLS greeting.
        let web = try ForeignServer(ServerPKI.shared.get(), "echo")
        let error = try await fault(of: plain(web.port), within: .milliseconds(500))
        #expect(error?.code == .mailTimeout || error?.code == .mailAnswer)
    }

    @Test("A sending that is given up ends at once")
    func cancelling() async throws {
        let mute = try CannedServer(answer: nil)
        let message = try mail()
        let server = MailServer(host: "127.0.0.1", port: mute.port, security: .none)
        let task = Task { () -> ErrorCode? in
            do throws(ExchangeError) {
                try await MailClient.send(message, server: server)
                return nil
            } catch {
                return error.code
            }
        }
        task.cancel()
        #expect(await task.value == .transportCancelled)
    }

    @Test("Settings that do not fit together are refused before anything is sent")
    func settings() throws {
        let secret = try ForeignMailServer.secret("s")
        func server(_ change: (inout MailServer) -> Void) -> MailServer {
            var server = MailServer(host: "mail.example", security: .startTLS, username: "u", password: secret)
            change(&server)
            return server
        }
        try server { _ in }.check()
        try server { $0.host = "2001:db8::1" }.check()
        let refused: [(String, (inout MailServer) -> Void)] = [
            ("password without TLS", { $0.security = .none }), ("no password", { $0.password = nil }),
            ("no user name", { $0.username = nil }), ("empty user name", { $0.username = "" }),
            ("line break in the user name", { $0.username = "a\r\nb" }), ("no host", { $0.host = "" }),
            ("host with a path", { $0.host = "mail.example/x" }), ("host with a line break", { $0.host = "a\r\nb" }),
            ("host with a user", { $0.host = "a@b" }), ("port", { $0.port = 0 }), ("large port", { $0.port = 65_536 }),
            ("own name", { $0.ownName = "a\r\nMAIL FROM:<x>" }), ("own name with a path", { $0.ownName = "a/b" }),
        ]
        for (name, change) in refused {
            #expect(throws: ExchangeError(.mailSettings, ""), "\(name)") { try server(change).check() }
        }
        #expect(MailServer(host: "a", security: .startTLS).port == 587)
        #expect(MailServer(host: "a", security: .implicitTLS).port == 465)
        #expect(MailServer(host: "a", security: .none).port == 25)
    }
}
