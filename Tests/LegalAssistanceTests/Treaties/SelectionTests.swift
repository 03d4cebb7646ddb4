import ExchangeModel
import Foundation
import LegalAssistance
import Testing

/// One pair of states with what must come out.
struct SelectionCase: Sendable, CustomStringConvertible {
    let description: String
    let from: String
    let to: String
    var date = "2026-11-22"
    var types: [RequestType] = [.takingEvidence]
    var subjects: [OffenceSubject] = []
    /// The instruments that can be taken, the chosen one first.
    let eligible: [String]
    /// Remarks that must stand with an instrument, as `code name name`.
    var remarks: [String: String] = [:]

    static let all: [SelectionCase] = [
        SelectionCase(
            description: "KZ to KG: Chisinau, not Minsk; the conventions give way, domestic law is not needed",
            from: "KZ",
            to: "KG",
            eligible: [
                "cis-chisinau-2002", "cis-it-crime-2018", "sco-extremism-2017", "sco-ct-2009", "cis-cyber-2001",
            ],
            remarks: [
                "cis-chisinau-2002": "supersedes cis-minsk-1993",
                "cis-minsk-1993": "superseded cis-chisinau-2002",
                "un-untoc-2000": "givesWay cis-chisinau-2002",
                "un-uncac-2003": "givesWay cis-chisinau-2002",
                "kz-cpc-2014": "fallbackNotNeeded cis-chisinau-2002",
                "cis-cyber-2001": "perhapsSuperseded cis-it-crime-2018",
                "cis-it-crime-2018": "serviceToService",
                "sco-iis-2009": "framework",
                "sco-shanghai-2001": "doesNotCover takingEvidence",
                "un-cybercrime-2024": "notInForce",
            ]
        ),
        SelectionCase(
            description: "KG to KZ: the same",
            from: "KG",
            to: "KZ",
            eligible: [
                "cis-chisinau-2002", "cis-it-crime-2018", "sco-extremism-2017", "sco-ct-2009", "cis-cyber-2001",
            ],
            remarks: ["cis-minsk-1993": "superseded cis-chisinau-2002"]
        ),
        SelectionCase(
            description: "KZ to KG in 2000: Minsk, for there was no Chisinau",
            from: "KZ",
            to: "KG",
            date: "2000-06-01",
            eligible: ["cis-minsk-1993"],
            remarks: [
                "cis-chisinau-2002": "notPartyOnDay KZ", "kz-cpc-2014": "notPartyOnDay KZ",
                "un-untoc-2000": "notPartyOnDay KG",
            ]
        ),
        SelectionCase(
            description: "KZ to KG the day before Kazakhstan's law on Chisinau: still Minsk",
            from: "KZ",
            to: "KG",
            date: "2004-03-09",
            eligible: ["cis-minsk-1993", "un-uncac-2003", "un-untoc-2000", "cis-cyber-2001"],
            remarks: ["cis-minsk-1993": "partyStatusRecalled KZ", "un-untoc-2000": "perhapsGivesWay cis-minsk-1993"]
        ),
        SelectionCase(
            description: "KZ to RU: Chisinau if what is recalled is right, so that Minsk stays open",
            from: "KZ",
            to: "RU",
            eligible: [
                "cis-chisinau-2002", "cis-minsk-1993", "un-uncac-2003", "un-untoc-2000", "cis-it-crime-2018",
                "sco-extremism-2017", "sco-ct-2009", "cis-cyber-2001", "ru-upk-2001", "kz-cpc-2014",
            ],
            remarks: [
                "cis-chisinau-2002": "partyStatusRecalled RU",
                "cis-minsk-1993": "perhapsSuperseded cis-chisinau-2002",
                "un-untoc-2000": "perhapsGivesWay cis-chisinau-2002",
                "ru-upk-2001": "fallbackByReciprocity",
            ]
        ),
        SelectionCase(
            description: "KZ to TM: Minsk, for Turkmenistan is not in Chisinau",
            from: "KZ",
            to: "TM",
            eligible: ["cis-minsk-1993", "un-uncac-2003", "un-untoc-2000", "kz-cpc-2014"],
            remarks: ["cis-chisinau-2002": "notParty TM"]
        ),
        SelectionCase(
            description: "KZ to CN without a bilateral treaty: the UN conventions, services, domestic law",
            from: "KZ",
            to: "CN",
            eligible: [
                "un-uncac-2003", "un-untoc-2000", "sco-extremism-2017", "sco-ct-2009", "cn-imla-2018", "kz-cpc-2014",
            ],
            remarks: [
                "un-uncac-2003": "noOtherTreaty",
                "un-untoc-2000": "onlyForOffences organisedCrime",
                "cn-imla-2018": "fallbackByReciprocity",
                "cis-minsk-1993": "notParty CN",
            ]
        ),
        SelectionCase(
            description: "KZ to CN, corruption: UNCAC, not UNTOC",
            from: "KZ",
            to: "CN",
            subjects: [.corruption],
            eligible: ["un-uncac-2003", "cn-imla-2018", "kz-cpc-2014"],
            remarks: ["un-untoc-2000": "onlyForOffences organisedCrime", "sco-ct-2009": "onlyForOffences terrorism"]
        ),
        SelectionCase(
            description:
                "KZ to CN, preservation: only the general clauses, and not the convention that is not in force",
            from: "KZ",
            to: "CN",
            types: [.preservationOfData],
            eligible: ["un-uncac-2003", "un-untoc-2000"],
            remarks: [
                "un-uncac-2003": "coversByGeneralClause preservationOfData", "un-cybercrime-2024": "notInForce",
                "cn-imla-2018": "doesNotCover preservationOfData",
            ]
        ),
        SelectionCase(
            description: "KZ to CN, customs information",
            from: "KZ",
            to: "CN",
            types: [.customsInformation],
            subjects: [.customs],
            eligible: ["sco-customs-2007"],
            remarks: ["un-untoc-2000": "doesNotCover customsInformation"]
        ),
        SelectionCase(
            description: "KZ to CN, threats: a framework is no basis",
            from: "KZ",
            to: "CN",
            types: [.threatInformation],
            eligible: [],
            remarks: ["sco-iis-2009": "framework"]
        ),
        SelectionCase(
            description: "KZ to KG, subscriber data of a cybercrime: assistance before services",
            from: "KZ",
            to: "KG",
            types: [.subscriberInformation],
            subjects: [.cybercrime],
            eligible: ["cis-chisinau-2002", "cis-it-crime-2018", "cis-cyber-2001"],
            remarks: [
                "cis-chisinau-2002": "coversByWiderType subscriberInformation",
                "sco-ct-2009": "onlyForOffences terrorism",
            ]
        ),
        SelectionCase(
            description: "KZ to KG, preservation: the agreement that names it before the general clauses",
            from: "KZ",
            to: "KG",
            types: [.preservationOfData],
            eligible: ["cis-it-crime-2018", "un-uncac-2003", "un-untoc-2000"],
            remarks: ["cis-chisinau-2002": "doesNotCover preservationOfData", "un-uncac-2003": "noOtherTreaty"]
        ),
        SelectionCase(
            description: "DE to FR: the European Investigation Order and nothing else",
            from: "DE",
            to: "FR",
            eligible: ["eu-eio-2014"],
            remarks: [
                "eu-eio-2014": "partyStatusRecalled FR", "un-untoc-2000": "partyStatusUnknown DE",
                "eu-eevidence-2023": "doesNotCover takingEvidence",
            ]
        ),
        SelectionCase(
            description: "DE to FR, order to a provider, once the Regulation applies",
            from: "DE",
            to: "FR",
            types: [.productionOrderToProvider],
            eligible: ["eu-eevidence-2023"]
        ),
        SelectionCase(
            description: "DE to FR, order to a provider, a day too early",
            from: "DE",
            to: "FR",
            date: "2026-08-17",
            types: [.productionOrderToProvider],
            eligible: [],
            remarks: ["eu-eevidence-2023": "notInForce"]
        ),
        SelectionCase(
            description: "KZ to US: party status unknown, so that only reciprocity is left",
            from: "KZ",
            to: "US",
            eligible: ["kz-cpc-2014"],
            remarks: [
                "un-untoc-2000": "partyStatusUnknown US", "coe-budapest-2001": "partyStatusUnknown KZ",
                "kz-cpc-2014": "fallbackByReciprocity", "cis-minsk-1993": "notParty US",
            ]
        ),
        SelectionCase(
            description: "AM to AZ, preservation: Budapest by its own article, not by its default procedure",
            from: "AM",
            to: "AZ",
            types: [.preservationOfData],
            eligible: ["coe-budapest-2001", "un-uncac-2003", "un-untoc-2000"]
        ),
        SelectionCase(
            description: "AM to AZ, evidence: Budapest's default procedure comes after Chisinau",
            from: "AM",
            to: "AZ",
            eligible: [
                "cis-chisinau-2002", "coe-ecma-1959", "cis-minsk-1993", "un-uncac-2003", "un-untoc-2000",
                "coe-budapest-2001", "cis-cyber-2001",
            ],
            remarks: ["coe-budapest-2001": "perhapsGivesWay cis-chisinau-2002"]
        ),
        SelectionCase(
            description: "JP to HU, subscriber data: the Protocol is not in force",
            from: "JP",
            to: "HU",
            types: [.subscriberInformation],
            eligible: [],
            remarks: ["coe-sap2-2022": "notInForce"]
        ),
        SelectionCase(
            description: "two types: what covers both comes before what covers one",
            from: "KZ",
            to: "KG",
            types: [.takingEvidence, .preservationOfData],
            eligible: [
                "un-uncac-2003", "un-untoc-2000", "cis-it-crime-2018", "cis-chisinau-2002", "sco-extremism-2017",
                "sco-ct-2009", "cis-cyber-2001",
            ],
            remarks: ["cis-chisinau-2002": "doesNotCover preservationOfData"]
        ),
        SelectionCase(description: "a state with itself", from: "KZ", to: "KZ", eligible: []),
        SelectionCase(description: "states that nothing is known of", from: "QQ", to: "ZZ", eligible: []),
    ]
}

struct SelectionTests {
    static func line(_ remark: Candidate.Remark) -> String { ([remark.code] + remark.names).joined(separator: " ") }

    static func candidates(_ sample: SelectionCase, in book: TreatyBook) throws -> [Candidate] {
        book.candidates(
            between: try StateCode(sample: sample.from),
            and: try StateCode(sample: sample.to),
            on: try CivilDate(sample: sample.date),
            types: sample.types,
            subjects: sample.subjects
        )
    }

    @Test(arguments: SelectionCase.all) func selects(_ sample: SelectionCase) throws {
        let candidates = try Self.candidates(sample, in: ProfileSamples.shippedBook.get())
        #expect(candidates.filter { $0.verdict != .excluded }.map(\.profile.id) == sample.eligible)
        #expect(candidates.filter { $0.verdict == .chosen }.map(\.profile.id) == Array(sample.eligible.prefix(1)))
        for (id, remark) in sample.remarks {
            let lines = candidates.first { $0.profile.id == id }?.remarks.map(Self.line) ?? []
            #expect(lines.contains(remark), "\(id): \(lines)")
        }
        // Excluded ones come last, and each says why.
        #expect(
            candidates.map { $0.verdict == .excluded }
                == candidates.map { $0.verdict == .excluded }.sorted { !$0 && $1 }
        )
        #expect(candidates.allSatisfy { !$0.remarks.isEmpty })
    }

    static let typesToTry: [[RequestType]] = [
        [], [.takingEvidence], [.storedData], [.preservationOfData], [.serviceOfDocuments], [.extradition],
        [.customsInformation], [.policeInformation], [.productionOrderToProvider], [.threatInformation],
        [.takingEvidence, .extradition],
    ]

    /// For pairs of the states that occur, days and types: nothing is selected that cannot be.
    @Test func nothingIsSelectedThatCannotBe() throws {
        let book = try ProfileSamples.shippedBook.get()
        let states = try ["KZ", "KG", "RU", "CN", "TM", "AM", "AZ", "DE", "US", "IR"].map(StateCode.init(sample:))
        let days = try ["1990-01-01", "2003-01-01", "2015-01-01", "2026-11-22"].map(CivilDate.init(sample:))
        for (one, other) in states.flatMap({ one in states.map { (one, $0) } }) where one < other {
            for day in days {
                for types in Self.typesToTry {
                    let candidates = book.candidates(between: one, and: other, on: day, types: types)
                    #expect(candidates.filter { $0.verdict == .chosen }.count <= 1)
                    #expect(candidates.first.map { $0.verdict != .possible } ?? true)
                    for candidate in candidates where candidate.verdict != .excluded {
                        let profile = candidate.profile
                        #expect(profile.isInForce(on: day) && profile.purpose != .framework, "\(profile.id)")
                        let bound = [one, other].filter { profile.membership(of: $0, on: day).isBound }
                        #expect(bound.count == (profile.kind == .domesticLaw ? 1 : 2), "\(profile.id) \(one) \(other)")
                    }
                    // Which side asks does not matter to which instruments there are.
                    let turned = book.candidates(between: other, and: one, on: day, types: types)
                    #expect(Set(turned.map(\.profile.id)) == Set(candidates.map(\.profile.id)))
                    #expect(turned.first?.profile.id == candidates.first?.profile.id)
                }
            }
        }
    }

    @Test func aBilateralTreatyGoesFirst() throws {
        let text = ProfileSamples.bilateral.replacingOccurrences(of: "\"XX\"", with: "\"KG\"")
            .replacingOccurrences(of: "kz-xx-2001", with: "kz-kg-1997").replacingOccurrences(
                of: "2001-05-17",
                with: "1997-05-17"
            )
        let book = try ProfileSamples.book(adding: text)
        let sample = SelectionCase(description: "", from: "KZ", to: "KG", eligible: [])
        let candidates = try Self.candidates(sample, in: book)
        #expect(candidates.first?.profile.id == "kz-kg-1997")
        #expect(candidates.first?.remarks.contains(.bilateral) == true)
        // It concerns nobody else.
        let others = try Self.candidates(SelectionCase(description: "", from: "KZ", to: "RU", eligible: []), in: book)
        #expect(!others.contains { $0.profile.id == "kz-kg-1997" })
        // Before it is in force, the multilateral treaty is chosen.
        let before = SelectionCase(description: "", from: "KZ", to: "KG", date: "2001-12-31", eligible: [])
        #expect(try Self.candidates(before, in: book).first?.profile.id == "cis-minsk-1993")
    }

    @Test func theConventionsGiveWayToABilateralTreatyThatIsCertain() throws {
        let text = ProfileSamples.bilateral.replacingOccurrences(of: "\"XX\"", with: "\"CN\"")
        let sample = SelectionCase(description: "", from: "KZ", to: "CN", eligible: [])
        let doubtful = try Self.candidates(sample, in: ProfileSamples.book(adding: text))
        #expect(doubtful.first?.profile.id == "kz-xx-2001")
        let convention = doubtful.first { $0.profile.id == "un-untoc-2000" }
        #expect(convention?.verdict == .possible)
        #expect(convention?.remarks.first == .perhapsGivesWay(to: "kz-xx-2001"))
        let book = try ProfileSamples.book(adding: text)
        let sure = try book.applying([
            ConfirmationTests.confirmation(
                of: .party(instrument: "kz-xx-2001", state: StateCode(sample: "CN")),
                in: book
            )
        ])
        let certain = try Self.candidates(sample, in: sure)
        #expect(certain.first { $0.profile.id == "un-untoc-2000" }?.verdict == .excluded)
        #expect(certain.first { $0.profile.id == "un-untoc-2000" }?.remarks.first == .givesWay(to: "kz-xx-2001"))
        #expect(certain.first { $0.profile.id == "cn-imla-2018" }?.verdict == .excluded)
    }

    @Test func internalRulesAreNeverABasis() throws {
        let book = try ProfileSamples.book(adding: ProfileSamples.rules)
        let sample = SelectionCase(description: "", from: "KZ", to: "US", eligible: [])
        let rules = try Self.candidates(sample, in: book).first { $0.profile.id == "kz-service" }
        #expect(rules?.verdict == .excluded)
        #expect(rules?.remarks == [.internalRules])
        let foreign = SelectionCase(description: "", from: "CN", to: "RU", eligible: [])
        #expect(try !Self.candidates(foreign, in: book).contains { $0.profile.id == "kz-service" })
    }

    /// Of three that supersede one another in a row, the newest is left; where the newest does not bind both, the next.
    @Test func supersessionGoesThroughChains() throws {
        func treaty(_ id: String, _ day: String, _ parties: [String], over older: String?) -> String {
            let states = parties.map { #"{"state": "\#($0)", "confidence": "verified", "source": "x"}"# }
            let supersedes = older.map {
                #""supersedes": [{"instrument": "\#($0)", "text": "x", "confidence": "verified", "source": "x"}],"#
            }
            return #"""
                {"id": "\#(id)", "name": "x", "shortName": "x", "kind": "multilateralTreaty", "purpose": "legalAssistance",
                 "adopted": "\#(day)", "status": {"value": "inForce", "text": "x", "confidence": "recalled"},
                 "parties": [\#(states.joined(separator: ","))], \#(supersedes ?? "")
                 "requestTypes": [{"type": "takingEvidence", "confidence": "recalled"}],
                 "languages": {"text": "x", "confidence": "recalled", "accepted": []},
                 "channel": {"text": "x", "confidence": "recalled"}, "contents": [], "limits": [], "grounds": [],
                 "urgent": {"available": null, "oral": null, "text": "x", "confidence": "unknown"}}
                """#
        }
        let profiles = try ProfileSamples.read(
            treaty("a", "1960-01-01", ["QA", "QB", "QC"], over: nil),
            treaty("b", "1980-01-01", ["QA", "QB", "QC"], over: "a"),
            treaty("c", "2000-01-01", ["QA", "QB"], over: "b")
        )
        let book = try TreatyBook(profiles: profiles)
        func eligible(_ one: String, _ other: String, _ day: String) throws -> [String] {
            try Self.candidates(
                SelectionCase(description: "", from: one, to: other, date: day, eligible: []),
                in: book
            ).filter { $0.verdict != .excluded }.map(\.profile.id)
        }
        #expect(try eligible("QA", "QB", "2020-01-01") == ["c"])
        #expect(try eligible("QA", "QC", "2020-01-01") == ["b"])
        #expect(try eligible("QA", "QB", "1999-12-31") == ["b"])
        #expect(try eligible("QA", "QB", "1970-01-01") == ["a"])
        #expect(try eligible("QA", "QB", "1950-01-01") == [])
    }

    @Test func aCircleOfSupersessionIsRefused() throws {
        let first = ProfileSamples.rules.replacingOccurrences(of: "kz-service", with: "one").replacingOccurrences(
            of: "\"requestTypes\"",
            with: #""supersedes": [{"instrument": "two", "text": "x", "confidence": "recalled"}], "requestTypes""#
        )
        let second = ProfileSamples.rules.replacingOccurrences(of: "kz-service", with: "two").replacingOccurrences(
            of: "\"requestTypes\"",
            with: #""supersedes": [{"instrument": "one", "text": "x", "confidence": "recalled"}], "requestTypes""#
        )
        let error = exchangeError { _ = try TreatyBook(profiles: ProfileSamples.read(first, second)) }
        #expect(error?.code == .treatyProfilesInconsistent)
        let dangling = exchangeError { _ = try TreatyBook(profiles: ProfileSamples.read(first)) }
        #expect(dangling?.code == .treatyProfilesInconsistent)
        #expect(dangling?.reason.contains("two") == true)
    }
}
