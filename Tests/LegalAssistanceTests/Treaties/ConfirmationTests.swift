import ExchangeModel
import Foundation
import LegalAssistance
import Testing

struct ConfirmationTests {
    static func confirmation(of subject: TreatyConfirmation.Subject, in book: TreatyBook) throws -> TreatyConfirmation {
        try TreatyConfirmation(
            id: "c1",
            subject: subject,
            statement: book.statement(of: subject),
            document: document(),
            first: "a prosecutor",
            second: "another prosecutor",
            time: ExchangeTime(secondsSince1970: 1_795_000_000)
        )
    }

    static func document() throws -> SHA256Digest {
        guard let digest = SHA256Digest(hex: String(repeating: "ab", count: 32)) else {
            throw ExchangeError(ErrorCode("test.digest"), "no digest")
        }
        return digest
    }

    private static func standing(_ limit: String, _ one: String, _ other: String, in book: TreatyBook) throws
        -> DeadlineStanding
    {
        let limit = try #require(book.limit(limit))
        return book.standing(of: limit, between: try StateCode(sample: one), and: try StateCode(sample: other))
    }

    /// As shipped, nothing recalled drives a treaty deadline.
    @Test(
        arguments: [
            ("cis-cyber-2001/execution", "KZ", "BY", DeadlineStanding.unconfirmed),
            ("cis-it-crime-2018/execution", "KZ", "AM", .unconfirmed),
            ("eu-eio-2014/decision", "DE", "FR", .unconfirmed),
            ("coe-budapest-2001/preservationMinimum", "AM", "AZ", .unconfirmed),
            ("un-untoc-2000/safeConductExpiry", "KZ", "US", .unconfirmed),
            ("coe-sap2-2022/returnTrafficData", "JP", "HU", .unconfirmed),
            ("kz-cpc-2014/execution", "US", "KZ", .unconfirmed),
            ("cn-imla-2018/summonsRequestLeadTime", "KZ", "CN", .treaty),
            ("cn-imla-2018/summonsRequestLeadTime", "KZ", "RU", .unconfirmed),
        ] as [(String, String, String, DeadlineStanding)]
    )
    func standingAsShipped(_ limit: String, _ one: String, _ other: String, _ standing: DeadlineStanding) throws {
        #expect(try Self.standing(limit, one, other, in: ProfileSamples.shippedBook.get()) == standing)
        #expect(try Self.standing(limit, other, one, in: ProfileSamples.shippedBook.get()) == standing)
    }

    /// A treaty deadline needs the limit and both states; one after the other, only the last makes it one.
    @Test func aTreatyDeadlineNeedsLimitAndBothStates() throws {
        var book = try ProfileSamples.shippedBook.get()
        let limit = "cis-cyber-2001/execution"
        let subjects: [TreatyConfirmation.Subject] = try [
            .limit(limit), .party(instrument: "cis-cyber-2001", state: StateCode(sample: "KZ")),
            .party(instrument: "cis-cyber-2001", state: StateCode(sample: "KG")),
        ]
        for subject in subjects {
            #expect(try Self.standing(limit, "KZ", "KG", in: book) == .unconfirmed)
            book = try book.applying([Self.confirmation(of: subject, in: book)])
        }
        #expect(try Self.standing(limit, "KZ", "KG", in: book) == .treaty)
        // Exactly that: not another state, and not another limit.
        #expect(try Self.standing(limit, "KZ", "RU", in: book) == .unconfirmed)
        #expect(
            try Self.standing("cis-cyber-2001/writtenConfirmationOfOralRequest", "KZ", "KG", in: book) == .unconfirmed
        )
        #expect(book.limit(limit)?.confidence == .confirmed)
        #expect(book.unmatched.isEmpty)
        let confirmed = book.profiles.flatMap(\.limits).filter { $0.confidence == .confirmed }
        #expect(confirmed.map(\.id) == [limit])
    }

    @Test func aStateThatWasNotListedIsAPartyOnceConfirmed() throws {
        let book = try ProfileSamples.shippedBook.get()
        let state = try StateCode(sample: "US")
        let sure = try book.applying([
            Self.confirmation(of: .party(instrument: "un-untoc-2000", state: state), in: book)
        ])
        #expect(sure["un-untoc-2000"]?.partiesConfidence(of: state) == .confirmed)
        #expect(sure["un-uncac-2003"]?.partiesConfidence(of: state) == .unknown)
        let candidates = sure.candidates(
            between: try StateCode(sample: "KZ"),
            and: state,
            on: try CivilDate(sample: "2026-11-22"),
            types: [.takingEvidence]
        )
        #expect(candidates.first?.profile.id == "un-untoc-2000")
        #expect(candidates.first { $0.profile.id == "un-uncac-2003" }?.verdict == .excluded)
    }

    @Test func contentsOnceConfirmedBlock() throws {
        let book = try ProfileSamples.shippedBook.get()
        let form = RequestForm(types: [.takingEvidence])
        let context = try CompletenessTests.context("KZ", "RU")
        func items(_ book: TreatyBook) throws -> [MissingItem] {
            try book.profile("cis-minsk-1993").missing(in: form, context: context)
        }
        #expect(try items(book).allSatisfy { $0.severity == .warns })
        let sure = try book.applying([
            Self.confirmation(of: .contents(instrument: "cis-minsk-1993", item: "7-1-c"), in: book)
        ])
        #expect(try items(sure).filter { $0.severity == .blocks }.map(\.field) == [.caseNumber])
    }

    /// A confirmation speaks for the words that were confirmed, not for whatever the profile says later.
    @Test func aConfirmationDoesNotOutliveItsWords() throws {
        let book = try ProfileSamples.book(adding: ProfileSamples.bilateral)
        let confirmation = try Self.confirmation(of: .limit("kz-xx-2001/execution"), in: book)
        #expect(try book.applying([confirmation]).limit("kz-xx-2001/execution")?.confidence == .confirmed)
        let changed = try #require(ProfileSamples.bilateral(replacing: "\"amount\": 30", with: "\"amount\": 10"))
        let later = try ProfileSamples.book(adding: changed).applying([confirmation])
        #expect(later.limit("kz-xx-2001/execution")?.confidence == .recalled)
        #expect(later.unmatched == [confirmation])
        // Nor is it lost when the profile is gone.
        let gone = try ProfileSamples.shippedBook.get().applying([confirmation])
        #expect(gone.unmatched == [confirmation])
        #expect(try gone == TreatyBook(profiles: ProfileSamples.shippedBook.get().profiles).applying([confirmation]))
    }

    @Test func aChangeThatDoesNotTouchTheWordsKeepsTheConfirmation() throws {
        let book = try ProfileSamples.book(adding: ProfileSamples.bilateral)
        let confirmation = try Self.confirmation(of: .limit("kz-xx-2001/execution"), in: book)
        let changed = try #require(ProfileSamples.bilateral(replacing: "Prosecutors General", with: "Ministries"))
        #expect(
            try ProfileSamples.book(adding: changed).applying([confirmation]).limit("kz-xx-2001/execution")?.confidence
                == .confirmed
        )
    }

    @Test func onePersonIsNotEnough() throws {
        let book = try ProfileSamples.shippedBook.get()
        func confirm(_ first: String, _ second: String) -> ErrorCode? {
            exchangeError {
                _ = try TreatyConfirmation(
                    id: "c1",
                    subject: .limit("cis-cyber-2001/execution"),
                    statement: book.statement(of: .limit("cis-cyber-2001/execution")),
                    document: Self.document(),
                    first: first,
                    second: second,
                    time: ExchangeTime(secondsSince1970: 0)
                )
            }?.code
        }
        #expect(confirm("a", "a") == .treatyConfirmationPersons)
        #expect(confirm("a", "") == .treatyConfirmationPersons)
        #expect(confirm("", "b") == .treatyConfirmationPersons)
        #expect(confirm("a", "b") == nil)
    }

    @Test func whatIsNotThereCannotBeConfirmed() throws {
        let book = try ProfileSamples.shippedBook.get()
        let state = try StateCode(sample: "KG")
        for (subject, code) in [
            (.limit("cis-minsk-1993/execution"), .treatyConfirmationSubject),
            (.limit("execution"), .treatyConfirmationSubject),
            (.limit("atlantis-1066/execution"), .treatyConfirmationSubject),
            (.party(instrument: "atlantis-1066", state: state), .treatyUnknown),
            (.party(instrument: "kz-cpc-2014", state: state), .treatyConfirmationSubject),
            (.contents(instrument: "cis-minsk-1993", item: "99"), .treatyConfirmationSubject),
        ] as [(TreatyConfirmation.Subject, ErrorCode)] {
            #expect(exchangeError { _ = try book.statement(of: subject) }?.code == code, "\(subject)")
        }
    }

    @Test func aSubjectIsReadAsItIsWritten() throws {
        let state = try StateCode(sample: "KG")
        for subject in [
            .limit("cis-cyber-2001/execution"), .party(instrument: "cis-cyber-2001", state: state),
            .contents(instrument: "cis-minsk-1993", item: "7-1-a"),
        ] as [TreatyConfirmation.Subject] {
            #expect(TreatyConfirmation.Subject(subject.description) == subject)
        }
        for text in [
            "", "limit", "limit:", "limit:a:b", "party:a", "party:a:kg", "party::KG", "contents:a", "text:a:b",
        ] {
            #expect(TreatyConfirmation.Subject(text) == nil, "\(text)")
        }
    }

    @Test func standingEndsWithMembership() throws {
        let text = try #require(
            ProfileSamples.bilateral(
                replacing: "\"since\": \"2002-01-01\"},",
                with: "\"since\": \"2002-01-01\", \"until\": \"2020-12-31\"},"
            )
        )
        var book = try ProfileSamples.book(adding: text)
        let (one, other) = (try StateCode(sample: "KZ"), try StateCode(sample: "XX"))
        book = try book.applying([Self.confirmation(of: .party(instrument: "kz-xx-2001", state: other), in: book)])
        let limit = try #require(book.limit("kz-xx-2001/writtenConfirmationOfOralRequest"))
        func on(_ day: String) throws -> DeadlineStanding {
            book.standing(of: limit, between: one, and: other, on: try CivilDate(sample: day))
        }
        #expect(try on("2001-12-31") == .unconfirmed)
        #expect(try on("2002-01-01") == .treaty)
        #expect(try on("2020-12-31") == .treaty)
        #expect(try on("2021-01-01") == .unconfirmed)
    }

    /// The book's statement counts: a limit made up by the caller gains nothing.
    @Test func aForgedLimitIsUnconfirmed() throws {
        let book = try ProfileSamples.shippedBook.get()
        let (one, other) = (try StateCode(sample: "KZ"), try StateCode(sample: "CN"))
        var limit = try #require(book.limit("cn-imla-2018/summonsRequestLeadTime"))
        limit.id = "cn-imla-2018/execution"
        #expect(book.standing(of: limit, between: one, and: other) == .unconfirmed)
        limit = try #require(book.limit("cis-cyber-2001/execution"))
        limit.confidence = .verified
        #expect(book.standing(of: limit, between: one, and: other) == .unconfirmed)
    }

    @Test func limitsOfARequestIncludeInternalOnes() throws {
        let book = try ProfileSamples.book(adding: ProfileSamples.rules)
        func limits(_ instrument: String, _ from: String, _ to: String) throws -> [String] {
            try book.limits(
                under: instrument,
                requesting: StateCode(sample: from),
                requested: StateCode(sample: to)
            ).map { "\($0.0.id) \($0.1.rawValue)" }
        }
        #expect(try limits("cis-chisinau-2002", "KG", "KZ") == ["kz-service/acknowledgement internalRule"])
        #expect(try limits("eu-eevidence-2023", "DE", "FR").count == 6)
        #expect(try !limits("eu-eevidence-2023", "DE", "FR").contains { $0.contains("kz-service") })
        // Without a treaty, the requested state's law has the limits.
        #expect(
            try limits("kz-cpc-2014", "KZ", "CN")
                == ["cn-imla-2018/summonsRequestLeadTime treaty", "kz-service/acknowledgement internalRule"]
        )
        #expect(
            try limits("kz-cpc-2014", "US", "KZ")
                == ["kz-cpc-2014/execution unconfirmed", "kz-service/acknowledgement internalRule"]
        )
        #expect(try limits("kz-cpc-2014", "KZ", "US") == ["kz-service/acknowledgement internalRule"])
        #expect(exchangeError { _ = try limits("atlantis", "KZ", "US") }?.code == .treatyUnknown)
    }
}

struct TreatyBookTests {
    @Test func anIdThatIsTakenNeedsTheMark() throws {
        let profile = ProfileSamples.bilateral.replacingOccurrences(of: "kz-xx-2001", with: "cis-minsk-1993")
        let error = exchangeError { _ = try ProfileSamples.book(adding: profile) }
        #expect(error?.code == .treatyProfileDuplicate)
        #expect(error?.reason.contains("cis-minsk-1993") == true)
        let marked = profile.replacingOccurrences(of: "\"purpose\"", with: "\"replaces\": true, \"purpose\"")
        let book = try ProfileSamples.book(adding: marked)
        #expect(book.profiles.count == 20)
        #expect(book["cis-minsk-1993"]?.kind == .bilateralTreaty)
    }

    @Test func aReplacementOfNothingIsATypingError() throws {
        let profile = try #require(
            ProfileSamples.bilateral(replacing: "\"purpose\"", with: "\"replaces\": true, \"purpose\"")
        )
        #expect(exchangeError { _ = try ProfileSamples.book(adding: profile) }?.code == .treatyProfileDuplicate)
    }

    @Test func twoFilesWithOneIdAreRefused() throws {
        #expect(
            exchangeError {
                _ = try ProfileSamples.book(adding: ProfileSamples.bilateral, ProfileSamples.bilateral)
            }?.code == .treatyProfileDuplicate
        )
    }

    @Test func oneProfileOrAList() throws {
        #expect(
            try ProfileSamples.read("[\(ProfileSamples.bilateral)]") == ProfileSamples.read(ProfileSamples.bilateral)
        )
        #expect(try ProfileSamples.read("[\(ProfileSamples.bilateral),\(ProfileSamples.rules)]").count == 2)
    }

    @Test func everyFieldKnowsWhoDemandsIt() throws {
        let book = try ProfileSamples.shippedBook.get()
        let lawText = book.demands(for: .lawText)
        #expect(Set(lawText.map(\.instrument)).isSuperset(of: ["kz-cpc-2014", "ru-upk-2001"]))
        #expect(lawText.first { $0.instrument == "ru-upk-2001" }?.article == "454(6)")
        #expect(lawText.first { $0.instrument == "ru-upk-2001" }?.confidence == .verified)
        #expect(
            book.demands(for: .intentionToRequest).contains { $0.article == "29(2)(f)" && $0.confidence == .verified }
        )
        #expect(RequestField.allCases.count == 35)
    }
}
