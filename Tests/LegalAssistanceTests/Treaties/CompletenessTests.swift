import ExchangeModel
import Foundation
import LegalAssistance
import Testing

struct CompletenessTests {
    static func context(_ from: String, _ to: String) throws -> RequestForm.Context {
        RequestForm.Context(
            requesting: try StateCode(sample: from),
            requested: try StateCode(sample: to),
            date: try CivilDate(sample: "2026-11-22")
        )
    }

    private static func code(_ text: String) throws -> LanguageCode { try #require(LanguageCode(text)) }

    /// A request that lacks nothing under UNTOC and the law of Kazakhstan.
    private static func full() throws -> RequestForm {
        var form = RequestForm(types: [.takingEvidence])
        for field in RequestField.allCases where field != .confidentiality {
            form.fields[field] = field == .requestedDeadline ? "2027-03-01" : "something"
        }
        form.languages = [try code("kk")]
        form.translations = [try code("zh")]
        return form
    }

    private static func missing(
        _ form: RequestForm,
        under instrument: String,
        _ from: String,
        _ to: String
    ) throws -> [MissingItem] {
        try ProfileSamples.shippedBook.get().missing(in: form, under: instrument, context: context(from, to))
    }

    @Test func aFullRequestLacksNothing() throws {
        #expect(try Self.missing(Self.full(), under: "un-untoc-2000", "KZ", "CN") == [])
    }

    /// Each field that UNTOC 18(15) or the law of Kazakhstan demands is named with its article when it is gone.
    @Test(
        arguments: [
            (.requestingAuthority, "un-untoc-2000", "18(15)(a)", .blocks, .fill),
            (.caseNumber, "un-untoc-2000", "18(15)(b)", .blocks, .fill),
            (.investigatingAuthority, "un-untoc-2000", "18(15)(b)", .blocks, .fill),
            (.factsSummary, "un-untoc-2000", "18(15)(c)", .blocks, .fill),
            (.assistanceSought, "un-untoc-2000", "18(15)(d)", .blocks, .fill),
            (.persons, "un-untoc-2000", "18(15)(e)", .warns, .fillOrSayNone),
            (.purpose, "un-untoc-2000", "18(15)(f)", .blocks, .fill),
            (.legalBasis, "kz-cpc-2014", "art. on content of request (number not visible), item 3", .blocks, .fill),
            (.lawText, "kz-cpc-2014", "art. on content of request (number not visible), item 5", .blocks, .attach),
            (
                .suspicion, "kz-cpc-2014", "art. on content of request (number not visible), item 6", .warns,
                .fillOrSayNone
            ),
            (.signature, nil, nil, .warns, .fill),
        ] as [(RequestField, String?, String?, MissingItem.Severity, MissingItem.Remedy)]
    )
    func isNamed(
        _ field: RequestField,
        _ instrument: String?,
        _ article: String?,
        _ severity: MissingItem.Severity,
        _ remedy: MissingItem.Remedy
    ) throws {
        for blank in [nil, "", " \n\t\u{a0}"] {
            var form = try Self.full()
            form.fields[field] = blank
            let items = try Self.missing(form, under: "un-untoc-2000", "KZ", "CN")
            #expect(items.map(\.field) == [field])
            let item = try #require(items.first)
            #expect(item.instrument == instrument)
            #expect(item.article == article)
            #expect(item.severity == severity)
            #expect(item.remedy == remedy)
            #expect(item.problem == .missing)
        }
    }

    @Test func anAttachmentWillDo() throws {
        var form = try Self.full()
        form.fields[.lawText] = nil
        form.attachments = [.lawText]
        #expect(try Self.missing(form, under: "un-untoc-2000", "KZ", "CN") == [])
    }

    /// For every instrument and several types: what is not verified or confirmed never blocks.
    @Test func whatIsRecalledNeverBlocks() throws {
        let book = try ProfileSamples.shippedBook.get()
        for profile in book.profiles {
            for type in RequestType.allCases {
                for flags in [[], [.urgent, .emergency], [.notCriminal]] as [Set<RequestForm.Flag>] {
                    let form = RequestForm(types: [type], flags: flags)
                    for (from, to) in [("KZ", "CN"), ("RU", "KZ"), ("DE", "FR")] {
                        let items = profile.missing(in: form, context: try Self.context(from, to))
                        for item in items where item.severity == .blocks {
                            #expect(item.confidence.isReliable, "\(profile.id) \(item.field)")
                        }
                        // A field is named once.
                        let fields = items.filter { $0.problem == .missing }.map(\.field)
                        #expect(Set(fields).count == fields.count)
                    }
                }
            }
        }
    }

    /// A state's law on its own requests binds its own requests alone; that on foreign ones, foreign ones.
    @Test func domesticLawBindsOnItsSide() throws {
        let form = RequestForm(types: [.serviceOfDocuments])
        func binds(_ law: String, _ from: String, _ to: String) throws -> Bool {
            try !ProfileSamples.shippedBook.get().profile(law).missing(in: form, context: Self.context(from, to))
                .isEmpty
        }
        #expect(try binds("kz-cpc-2014", "KZ", "CN"))
        #expect(try !binds("kz-cpc-2014", "CN", "KZ"))
        #expect(try binds("ru-upk-2001", "RU", "CN"))
        #expect(try !binds("ru-upk-2001", "KZ", "RU"))
        #expect(try binds("cn-imla-2018", "KZ", "CN"))
        #expect(try !binds("cn-imla-2018", "CN", "KZ"))
    }

    @Test func theRequestedStatesLawIsChecked() throws {
        var form = try Self.full()
        form.types = [.serviceOfDocuments]
        form.fields[.serviceDetails] = nil
        let items = try Self.missing(form, under: "un-untoc-2000", "KZ", "CN")
        #expect(items.map(\.field) == [.serviceDetails])
        #expect(items.first?.instrument == "cn-imla-2018")
        #expect(items.first?.article == "23")
        #expect(items.first?.severity == .blocks)
    }

    @Test func conditionsAreRespected() throws {
        // The facts are not demanded for the service of documents.
        var form = RequestForm(types: [.serviceOfDocuments])
        let service = try ProfileSamples.shippedBook.get().profile("un-untoc-2000")
            .missing(in: form, context: Self.context("KZ", "CN"))
        #expect(!service.contains { $0.field == .factsSummary })
        form.types = [.serviceOfDocuments, .takingEvidence]
        let both = try ProfileSamples.shippedBook.get().profile("un-untoc-2000").missing(
            in: form,
            context: Self.context("KZ", "CN")
        )
        #expect(both.contains { $0.field == .factsSummary })
        // Budapest demands its six contents for preservation alone.
        let budapest = try ProfileSamples.shippedBook.get().profile("coe-budapest-2001")
        let context = try Self.context("AM", "AZ")
        #expect(budapest.missing(in: RequestForm(types: [.storedData]), context: context).isEmpty)
        let items = budapest.missing(in: RequestForm(types: [.preservationOfData]), context: context)
        #expect(Set(items.compactMap(\.article)) == ["29(2)(a)", "29(2)(b)", "29(2)(c)", "29(2)(d)", "29(2)(f)"])
        #expect(items.filter { $0.severity == .warns }.map(\.field) == [.provider])
        // An emergency needs its reasons.
        var emergency = try Self.full()
        emergency.fields[.emergencyJustification] = nil
        #expect(try Self.missing(emergency, under: "un-untoc-2000", "KZ", "CN") == [])
        emergency.flags = [.emergency]
        #expect(
            try Self.missing(emergency, under: "un-untoc-2000", "KZ", "CN").map(\.field) == [.emergencyJustification]
        )
    }

    @Test(arguments: ["2026-02-30", "2025-02-29", "30.11.2026", "soon", "2026-11-22T10:00:00Z"])
    func aDateThatDoesNotExistBlocks(_ text: String) throws {
        var form = try Self.full()
        form.fields[.requestedDeadline] = text
        let items = try Self.missing(form, under: "un-untoc-2000", "KZ", "CN")
        #expect(items.map(\.field) == [.requestedDeadline])
        #expect(items.first?.problem == .unreadable)
        #expect(items.first?.severity == .blocks)
        #expect(items.first?.remedy == .correct)
    }

    @Test func aDateNeedsReasons() throws {
        var form = try Self.full()
        form.fields[.requestedDeadline] = "2028-02-29"
        form.fields[.deadlineReasons] = nil
        let items = try Self.missing(form, under: "un-untoc-2000", "KZ", "CN")
        #expect(items.map(\.field) == [.deadlineReasons])
        #expect(items.first?.severity == .warns)
    }

    @Test func internalRulesBlock() throws {
        let book = try ProfileSamples.book(adding: ProfileSamples.rules)
        var form = try Self.full()
        form.fields[.delivery] = nil
        let items = try book.missing(in: form, under: "un-untoc-2000", context: Self.context("KZ", "CN"))
        #expect(items.map(\.field) == [.delivery])
        #expect(items.first?.severity == .blocks)
        #expect(items.first?.instrument == "kz-service")
        #expect(try book.missing(in: form, under: "un-untoc-2000", context: Self.context("RU", "CN")).isEmpty)
    }

    @Test func whatBlocksComesFirst() throws {
        let items = try Self.missing(RequestForm(types: [.storedData]), under: "un-untoc-2000", "KZ", "CN")
        #expect(items.map(\.severity) == items.map(\.severity).sorted())
        #expect(items.contains { $0.severity == .blocks } && items.contains { $0.severity == .warns })
        #expect(
            exchangeError { _ = try Self.missing(RequestForm(types: []), under: "atlantis", "KZ", "CN") }?.code
                == .treatyUnknown
        )
    }

    @Test(
        arguments: [
            // Verified: Russian or Chinese.
            ("sco-customs-2007", "KZ", "CN", ["ru"], [], "fine"),
            ("sco-customs-2007", "KZ", "CN", ["kk"], ["zh"], "fine"),
            ("sco-customs-2007", "KZ", "CN", ["kk"], [], "language blocks"),
            ("sco-customs-2007", "KZ", "CN", [], [], "language blocks"),
            // Recalled: a state language with a Russian translation, or Russian.
            ("cis-chisinau-2002", "KZ", "KG", ["ru"], [], "fine"),
            ("cis-chisinau-2002", "KZ", "KG", ["kk"], ["ru"], "fine"),
            ("cis-chisinau-2002", "KZ", "KG", ["kk"], [], "language warns"),
            ("cis-chisinau-2002", "KZ", "KG", ["en"], [], "language warns"),
            ("cis-minsk-1993", "KZ", "TM", ["kk"], [], "fine"), ("cis-minsk-1993", "KZ", "TM", ["tk"], [], "fine"),
            ("cis-minsk-1993", "KZ", "TM", ["ky"], [], "language warns"),
            // What was notified is not known here.
            ("un-untoc-2000", "KZ", "CN", ["ru"], [], "languageUnknown warns"),
            ("un-untoc-2000", "KZ", "CN", ["ru"], ["zh"], "fine"),
            ("un-untoc-2000", "KZ", "US", ["en"], [], "languageUnknown warns"),
            // No translation needed, and no rule at all.
            ("coe-ecma-1959", "AM", "GE", ["hy"], [], "fine"), ("coe-budapest-2001", "AM", "GE", ["hy"], [], "fine"),
        ] as [(String, String, String, [String], [String], String)]
    )
    func languages(
        _ instrument: String,
        _ from: String,
        _ to: String,
        _ letter: [String],
        _ translations: [String],
        _ expected: String
    ) throws {
        let form = RequestForm(
            types: [.takingEvidence],
            languages: try letter.map(Self.code),
            translations: try translations.map(Self.code)
        )
        let item = try ProfileSamples.shippedBook.get().profile(instrument)
            .missingLanguage(in: form, context: Self.context(from, to))
        #expect(item.map { "\($0.problem.rawValue) \($0.severity.rawValue)" } ?? "fine" == expected)
    }
}
