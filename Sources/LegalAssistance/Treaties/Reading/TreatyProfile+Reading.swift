import ExchangeModel

extension TreatyProfile {
    /// Reads a profile from its place in a file.
    init(at place: ProfileCursor) throws {
        var place = place
        // The id first, so that every fault names the profile.
        if case .object(let members) = place.value, let id = members.first(where: { $0.name == "id" })?.value,
            case .string(let text) = id
        {
            place.profile = String(text.prefix(64))
        }
        let members = try place.members(
            [
                "replaces", "adopted", "partiesComplete", "partiesNote", "signatories", "supersedes", "subsidiary",
                "subjects", "contentsBind", "noFixedTimeLimit", "computation", "provisions",
            ],
            required: [
                "id", "name", "shortName", "kind", "purpose", "status", "parties", "requestTypes", "languages",
                "channel", "contents", "limits", "grounds", "urgent",
            ]
        )
        id = try members.required("id").identifier()
        name = try members.required("name").text()
        shortName = try members.required("shortName").text()
        kind = try members.required("kind").word(Kind.self)
        purpose = try members.required("purpose").word(Purpose.self)
        replaces = try members["replaces"]?.bool() ?? false
        adopted = try members["adopted"]?.date()
        status = try Status(at: members.required("status"))
        parties = try members.list("parties", Party.init(at:))
        partiesComplete = try members["partiesComplete"]?.bool() ?? true
        partiesNote = try members["partiesNote"]?.text()
        signatories = try members.set("signatories") { try $0.state() }
        supersedes = try members.list("supersedes", Supersession.init(at:))
        subsidiary = try members["subsidiary"].map(Subsidiary.init(at:))
        subjects = try members.set("subjects") { try $0.word(OffenceSubject.self) }
        requestTypes = try members.list("requestTypes", CoveredType.init(at:))
        languages = try LanguageRule(at: members.required("languages"))
        channel = try Statement(at: members.required("channel"))
        contents = try members.list("contents", RequiredContent.init(at:))
        contentsBind = try members["contentsBind"]?.word(Side.self)
        limits = try members.list("limits", TimeLimit.init(at:))
        noFixedTimeLimit = try members["noFixedTimeLimit"].map(NoFixedTimeLimit.init(at:))
        grounds = try members.list("grounds", RefusalGround.init(at:))
        urgent = try UrgentRule(at: members.required("urgent"))
        computation = try members["computation"].map(ComputationRule.init(at:))
        provisions = try members.list("provisions", Provision.init(at:))
        try checkWhole(members)
    }

    /// What must fit together within one profile.
    private func checkWhole(_ members: ProfileCursor.Members) throws {
        func unique<Key: Hashable>(_ name: String, _ keys: [Key], _ member: String) throws {
            var seen: Set<Key> = []
            for (index, key) in keys.enumerated() where !seen.insert(key).inserted {
                throw try members.required(name).elements()[index].fault("the \(member) \(key) stands twice")
            }
        }
        try unique("parties", parties.map(\.state), "state")
        try unique("requestTypes", requestTypes.map(\.type.rawValue), "request type")
        try unique("contents", contents.map(\.id), "id")
        try unique("limits", limits.map(\.id), "id")
        try unique("grounds", grounds.map(\.id), "id")
        try unique("supersedes", supersedes.map(\.instrument), "instrument")
        for (index, limit) in limits.enumerated() where !limit.id.hasPrefix(id + "/") {
            throw try members.required("limits").elements()[index]
                .fault("the id \"\(limit.id)\" does not begin with \"\(id)/\"")
        }
        if let limit = urgent.confirmationLimit, self.limit(limit) == nil {
            throw try members.required("urgent").fault("there is no limit with the id \"\(limit)\"")
        }
        let count = parties.count
        let wanted: ClosedRange<Int> =
            switch kind {
            case .bilateralTreaty: 2...2
            case .domesticLaw: 1...1
            case .internalRules: 1...ProfileCursor.longestList
            case .multilateralTreaty, .unionAct: 0...ProfileCursor.longestList
            }
        guard wanted.contains(count) else {
            throw try members.required("parties").fault("\(count) parties do not fit the kind \(kind.rawValue)")
        }
        guard (kind == .domesticLaw) == (contentsBind != nil) else {
            throw members.cursor.fault("\"contentsBind\" stands in domestic law, and there alone")
        }
        // Only a list that may have gaps can leave a state's status open.
        if kind == .bilateralTreaty || kind == .domesticLaw, !partiesComplete {
            throw try members.required("partiesComplete").fault("the parties of such an instrument are complete")
        }
    }
}
