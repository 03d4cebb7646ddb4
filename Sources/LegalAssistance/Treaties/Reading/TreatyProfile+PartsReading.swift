import ExchangeModel

extension Statement {
    /// The members that every statement may have.
    static let members = ["article", "source", "note"]

    /// Reads a statement that stands alone.
    init(at place: ProfileCursor) throws {
        self = try place.members(Self.members, required: ["text", "confidence"]).statement()
    }
}

extension ProfileCursor.Members {
    /// The statement in an object.
    func statement() throws -> Statement {
        Statement(
            text: try required("text").text(),
            article: try self["article"]?.text(),
            confidence: try confidence(),
            source: try self["source"]?.text(),
            note: try self["note"]?.text()
        )
    }

    /// The confidence in an object; what is verified names its source, and nothing is confirmed by a file.
    func confidence() throws -> Confidence {
        let place = try required("confidence")
        let confidence = try place.word(Confidence.self)
        switch confidence {
        case .verified:
            guard self["source"] != nil else { throw place.fault("what is verified names its source") }
        case .confirmed:
            throw place.fault("a file cannot say \"confirmed\"; two persons of this gateway confirm")
        case .recalled, .unknown: break
        }
        return confidence
    }
}

extension TreatyProfile.Status {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            Statement.members + ["since", "until"],
            required: ["value", "text", "confidence"]
        )
        value = try members.required("value").word(Value.self)
        since = try members["since"]?.date()
        until = try members["until"]?.date()
        statement = try members.statement()
        if let since, let until, until < since { throw place.fault("it ends before it begins") }
    }
}

extension TreatyProfile.Party {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            ["ratified", "since", "until", "source", "note"],
            required: ["state", "confidence"]
        )
        state = try members.required("state").state()
        confidence = try members.confidence()
        ratified = try members["ratified"]?.date()
        since = try members["since"]?.date()
        until = try members["until"]?.date()
        source = try members["source"]?.text()
        note = try members["note"]?.text()
        if let until, let begins = [ratified, since].compactMap({ $0 }).max(), until < begins {
            throw place.fault("it ends before it begins")
        }
    }
}

extension TreatyProfile.Supersession {
    init(at place: ProfileCursor) throws {
        let members = try place.members(Statement.members, required: ["instrument", "text", "confidence"])
        instrument = try members.required("instrument").identifier()
        statement = try members.statement()
    }
}

extension TreatyProfile.Subsidiary {
    init(at place: ProfileCursor) throws {
        let members = try place.members(Statement.members + ["types"], required: ["text", "confidence"])
        statement = try members.statement()
        types = try members.set("types") { try $0.word(RequestType.self) }
    }
}

extension TreatyProfile.CoveredType {
    init(at place: ProfileCursor) throws {
        let members = try place.members(["names", "source"], required: ["type", "confidence"])
        type = try members.required("type").word(RequestType.self)
        names = try members.set("names") { try $0.text() }
        confidence = try members.confidence()
        source = try members["source"]?.text()
    }
}

extension TreatyProfile.AcceptedLanguage {
    init(at place: ProfileCursor) throws {
        let text = try place.text()
        switch text {
        case "stateLanguages": self = .stateLanguages
        case "requestedStateLanguages": self = .requestedStateLanguages
        case "notified": self = .notified
        case "any": self = .any
        default:
            guard let code = LanguageCode(text) else {
                throw place.fault(
                    "\"\(text.prefix(64))\" is neither a language (two small letters) nor one of: stateLanguages, "
                        + "requestedStateLanguages, notified, any"
                )
            }
            self = .language(code)
        }
    }
}

extension TreatyProfile.LanguageRule {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            Statement.members + ["translationInto"],
            required: ["text", "confidence", "accepted"]
        )
        statement = try members.statement()
        accepted = try members.set("accepted", TreatyProfile.AcceptedLanguage.init(at:))
        translationInto = try members.set("translationInto", TreatyProfile.AcceptedLanguage.init(at:))
    }
}

extension TreatyProfile.RequiredContent {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            Statement.members + ["conditions"],
            required: ["id", "fields", "text", "confidence"]
        )
        id = try members.required("id").identifier()
        fields = try members.set("fields") { try $0.word(RequestField.self) }
        conditions = try members.set("conditions") { try $0.word(TreatyProfile.Condition.self) }
        statement = try members.statement()
        guard !fields.isEmpty else { throw try members.required("fields").fault("there is no field in the list") }
    }
}

extension TimeLimit {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            ["obliged", "source", "note"],
            required: ["id", "event", "amount", "unit", "from", "article", "kind", "confidence"]
        )
        let idPlace = try members.required("id")
        let id = try idPlace.text()
        let parts = id.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, id.utf8.count <= 128, parts.allSatisfy({ !$0.isEmpty }) else {
            throw idPlace.fault("\"\(id.prefix(64))\" is no id of a limit: the profile's id, a slash, a name")
        }
        for part in parts {
            _ = try ProfileCursor(value: .string(String(part)), path: idPlace.path, profile: idPlace.profile)
                .identifier()
        }
        self.init(
            id: id,
            event: try members.required("event").word(Event.self),
            amount: try members.required("amount").number(1...36_500),
            unit: try members.required("unit").word(Unit.self),
            anchor: try members.required("from").word(Anchor.self),
            article: try members.required("article").text(),
            kind: try members.required("kind").word(Kind.self),
            obliged: try members["obliged"]?.word(Obliged.self),
            confidence: try members.confidence(),
            source: try members["source"]?.text(),
            note: try members["note"]?.text()
        )
    }
}

extension TreatyProfile.NoFixedTimeLimit {
    init(at place: ProfileCursor) throws {
        let members = try place.members(Statement.members, required: ["value", "text", "confidence"])
        value = try members.required("value").perhaps()
        statement = try members.statement()
        guard value != nil || statement.confidence == .unknown else {
            throw place.fault("a value that is null has the confidence unknown")
        }
    }
}

extension TreatyProfile.RefusalGround {
    init(at place: ProfileCursor) throws {
        let members = try place.members(Statement.members, required: ["id", "kind", "text", "confidence"])
        id = try members.required("id").identifier()
        kind = try members.required("kind").word(Kind.self)
        statement = try members.statement()
    }
}

extension TreatyProfile.UrgentRule {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            Statement.members + ["confirmationLimit"],
            required: ["available", "oral", "text", "confidence"]
        )
        available = try members.required("available").perhaps()
        oral = try members.required("oral").perhaps()
        confirmationLimit = try members["confirmationLimit"]?.text()
        statement = try members.statement()
    }
}

extension TreatyProfile.ComputationRule {
    init(at place: ProfileCursor) throws {
        let members = try place.members(
            Statement.members,
            required: ["startExcluded", "endMovesToWorkingDay", "text", "confidence"]
        )
        startExcluded = try members.required("startExcluded").perhaps()
        endMovesToWorkingDay = try members.required("endMovesToWorkingDay").perhaps()
        statement = try members.statement()
    }
}

extension TreatyProfile.Provision {
    init(at place: ProfileCursor) throws {
        let members = try place.members(Statement.members, required: ["topic", "text", "confidence"])
        topic = try members.required("topic").word(Topic.self)
        statement = try members.statement()
    }
}
