import ExchangeModel

/// A place in a file of profiles, which names itself when something is wrong there.
struct ProfileCursor {
    let value: StrictJSON
    let path: String
    /// The profile that it belongs to, once known.
    var profile: String?

    /// The longest text that a profile may hold.
    static let longestText = 4_000
    /// The longest list.
    static let longestList = 500

    func fault(_ what: String) -> ExchangeError {
        ExchangeError(
            .treatyProfileInvalid,
            "The treaty profile \(profile ?? "without a readable id") is wrong at \(path): \(what)",
            hint: "Schemas/treaty-profile.schema.json says what may stand there"
        )
    }

    /// The members of an object that has no others than these.
    func members(_ allowed: [String], required: [String]) throws -> Members {
        guard case .object(let members) = value else { throw fault("an object was expected, not \(value.kindName)") }
        if let unknown = members.first(where: { !allowed.contains($0.name) && !required.contains($0.name) }) {
            throw fault("there is no member \"\(unknown.name.prefix(64))\"")
        }
        if let missing = required.first(where: { name in !members.contains { $0.name == name } }) {
            throw fault("the member \"\(missing)\" is missing")
        }
        var places: [String: ProfileCursor] = [:]
        for member in members {
            places[member.name] = ProfileCursor(value: member.value, path: "\(path).\(member.name)", profile: profile)
        }
        return Members(cursor: self, places: places)
    }

    func elements() throws -> [ProfileCursor] {
        guard case .array(let elements) = value else { throw fault("a list was expected, not \(value.kindName)") }
        guard elements.count <= Self.longestList else { throw fault("there are more than \(Self.longestList) entries") }
        return elements.enumerated().map {
            ProfileCursor(value: $0.element, path: "\(path)[\($0.offset)]", profile: profile)
        }
    }

    /// A text that is neither empty nor blank at its ends.
    func text() throws -> String {
        guard case .string(let text) = value else { throw fault("a text was expected, not \(value.kindName)") }
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last,
            !first.properties.isWhitespace, !last.properties.isWhitespace
        else { throw fault("the text is empty, or blank at an end") }
        guard text.utf8.count <= Self.longestText else {
            throw fault("the text is longer than \(Self.longestText) bytes")
        }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw fault("a control character stands in the text")
        }
        return text
    }

    func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) throws -> Word where Word.RawValue == String {
        let text = try text()
        guard let word = Word(rawValue: text) else {
            let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault("\"\(text.prefix(64))\" is none of: \(known)")
        }
        return word
    }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw fault("true or false was expected, not \(value.kindName)") }
        return bool
    }

    /// True, false, or `nil` for null.
    func perhaps() throws -> Bool? {
        if case .null = value { return nil }
        return try bool()
    }

    func number(_ range: ClosedRange<Int>) throws -> Int {
        guard case .number(let number) = value else {
            throw fault("a whole number was expected, not \(value.kindName)")
        }
        guard range.contains(number) else {
            throw fault("\(number) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    func date() throws -> CivilDate {
        let text = try text()
        guard let date = CivilDate(iso: text) else { throw fault("\"\(text.prefix(64))\" is no day that exists") }
        return date
    }

    func state() throws -> StateCode {
        let text = try text()
        guard let state = StateCode(text) else {
            throw fault("\"\(text.prefix(64))\" is no code of a state (two capital letters)")
        }
        return state
    }

    /// An identifier: small letters, digits and hyphens, a letter first; dots and capitals where articles stand in it.
    func identifier(longest: Int = 64) throws -> String {
        let text = try text()
        let bytes = Array(text.utf8)
        let isLetter = { (byte: UInt8) in (0x61...0x7a).contains(byte | 0x20) }
        guard bytes.count <= longest, let first = bytes.first, isLetter(first) || (0x30...0x39).contains(first),
            bytes.allSatisfy({ isLetter($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") })
        else { throw fault("\"\(text.prefix(64))\" is no id: letters, digits and hyphens, at most \(longest)") }
        return text
    }

    /// The members of an object.
    struct Members {
        let cursor: ProfileCursor
        let places: [String: ProfileCursor]

        subscript(name: String) -> ProfileCursor? { places[name] }

        func required(_ name: String) throws -> ProfileCursor {
            guard let place = places[name] else { throw cursor.fault("the member \"\(name)\" is missing") }
            return place
        }

        func list<Element>(_ name: String, _ read: (ProfileCursor) throws -> Element) throws -> [Element] {
            try places[name]?.elements().map(read) ?? []
        }

        /// A list in which no entry stands twice.
        func set<Element: Hashable>(_ name: String, _ read: (ProfileCursor) throws -> Element) throws -> [Element] {
            var seen: Set<Element> = []
            return try list(name) { place in
                let element = try read(place)
                guard seen.insert(element).inserted else { throw place.fault("it stands in the list twice") }
                return element
            }
        }
    }
}
