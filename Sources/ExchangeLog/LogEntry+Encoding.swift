import ExchangeModel

extension LogEntry {
    /// The longest an encoded entry may be, in bytes.
    public static let largestEncoding = 65_535
    /// The version that stands in every entry.
    public static let currentVersion: Int64 = 1

    /// The canonical bytes, which are what the tree hashes: a JSON object in the form of RFC 8785.
    ///
    /// - Throws: `log.entry_value` when a text is empty, too long or holds control characters, or the random bytes
    ///   are not 32.
    public func encoded() throws -> [UInt8] {
        func line(_ name: String, _ text: String) throws -> String {
            guard Self.isLine(text) else { throw Self.valueFault(name) }
            return text
        }
        guard random.count == 32 else { throw Self.valueFault("random") }
        if let item, !Self.isUUID(item) { throw Self.valueFault("item") }
        if let code, !Self.isCode(code.rawValue) { throw Self.valueFault("code") }
        var members: [CanonicalJSON.Member] = []
        members.reserveCapacity(24)
        func add(_ name: String, _ text: String?) {
            if let text { members.append(CanonicalJSON.Member(name: name, value: .text(text))) }
        }
        add("authority", try authority.map { try line("authority", $0) })
        add("bundle", bundle?.urn)
        add("bundleSender", bundleSender?.text)
        add("code", code?.rawValue)
        add("contentDigest", contentDigest?.hex)
        add("digest", digest?.hex)
        add("item", item)
        add("kind", kind.rawValue)
        add("message", message?.urn)
        add("outcome", outcome.rawValue)
        add("peer", peer?.text)
        add("person", person?.hex)
        add("random", Hexadecimal.text(of: random))
        add("sealedDigest", sealedDigest?.hex)
        add("standsInFor", standsInFor?.hex)
        add("subject", try subject.map { try line("subject", $0) })
        add("thread", thread?.urn)
        add("time", time.description)
        add("tool", try line("tool", tool))
        add("toolVersion", try line("toolVersion", toolVersion))
        members.append(CanonicalJSON.Member(name: "version", value: .number(Self.currentVersion)))
        let bytes = CanonicalJSON.encoded(members)
        guard bytes.count <= Self.largestEncoding else {
            throw ExchangeError(.logEntryTooLarge, "The log entry is longer than \(Self.largestEncoding) bytes")
        }
        return bytes
    }

    /// Reads the canonical bytes; they are accepted only if writing the entry again gives the same bytes.
    ///
    /// - Throws: `log.entry_too_large`, `log.entry_malformed`, `log.entry_not_canonical`, `log.unknown_version`,
    ///   `log.unknown_kind`, `log.entry_value`.
    public init(decoding bytes: [UInt8]) throws {
        guard bytes.count <= Self.largestEncoding else {
            throw ExchangeError(.logEntryTooLarge, "The log entry is longer than \(Self.largestEncoding) bytes")
        }
        let members: [CanonicalJSON.Member]
        do {
            members = try CanonicalJSON.decoded(bytes)
        } catch .malformed {
            throw ExchangeError(.logEntryMalformed, "The log entry is no JSON object of texts and whole numbers")
        } catch .notCanonical {
            throw ExchangeError(.logEntryNotCanonical, "The log entry is not in its canonical form")
        }
        // The version decides what the rest means.
        guard case .number(let version)? = members.first(where: { $0.name == "version" })?.value else {
            throw ExchangeError(.logEntryMalformed, "The log entry has no version")
        }
        guard version == Self.currentVersion else {
            throw ExchangeError(.logUnknownVersion, "The log entry has the unknown version \(version)")
        }
        var reader = try MemberReader(members)
        try self.init(reading: &reader)
        try reader.finish()
        guard try encoded() == bytes else {
            throw ExchangeError(.logEntryNotCanonical, "The log entry is not in its canonical form")
        }
    }

    private init(reading reader: inout MemberReader) throws {
        let kindText = try reader.required("kind") { $0 }
        guard let kind = Kind(rawValue: kindText) else {
            throw ExchangeError(
                .logUnknownKind,
                "The log entry is of an unknown kind",
                hint: "a newer version of the program may know it"
            )
        }
        self.init(
            kind: kind,
            time: try reader.required("time") { ExchangeTime(rfc3339: $0) },
            outcome: try reader.required("outcome") { Outcome(rawValue: $0) },
            tool: try reader.required("tool") { $0 },
            toolVersion: try reader.required("toolVersion") { $0 },
            random: try reader.required("random") { SHA256Digest(hex: $0)?.bytes }
        )
        code = try reader.optional("code") { ErrorCode($0) }
        authority = try reader.optional("authority") { $0 }
        person = try reader.optional("person") { SHA256Digest(hex: $0) }
        standsInFor = try reader.optional("standsInFor") { SHA256Digest(hex: $0) }
        peer = try reader.optional("peer") { PartyID($0) }
        thread = try reader.optional("thread") { ThreadID(urn: $0) }
        message = try reader.optional("message") { MessageID(urn: $0) }
        bundle = try reader.optional("bundle") { BundleID(urn: $0) }
        bundleSender = try reader.optional("bundleSender") { PartyID($0) }
        sealedDigest = try reader.optional("sealedDigest") { SHA256Digest(hex: $0) }
        contentDigest = try reader.optional("contentDigest") { SHA256Digest(hex: $0) }
        item = try reader.optional("item") { $0 }
        digest = try reader.optional("digest") { SHA256Digest(hex: $0) }
        subject = try reader.optional("subject") { $0 }
    }

    private struct MemberReader {
        private var texts: [(name: String, text: String)] = []

        init(_ members: [CanonicalJSON.Member]) throws {
            texts.reserveCapacity(members.count)
            for member in members {
                switch member.value {
                case .text(let text): texts.append((member.name, text))
                case .number where member.name == "version": break
                case .number, .texts: throw LogEntry.valueFault(member.name)
                }
            }
        }

        mutating func optional<T>(_ name: String, _ read: (String) -> T?) throws -> T? {
            // There are two dozen at most of ours; whatever else there is makes the entry malformed anyway.
            guard let place = texts.firstIndex(where: { $0.name == name }) else { return nil }
            guard let value = read(texts.remove(at: place).text) else { throw LogEntry.valueFault(name) }
            return value
        }

        mutating func required<T>(_ name: String, _ read: (String) -> T?) throws -> T {
            guard let value = try optional(name, read) else {
                throw ExchangeError(.logEntryMalformed, "The log entry has no \(name)")
            }
            return value
        }

        func finish() throws {
            guard texts.isEmpty else {
                throw ExchangeError(.logEntryMalformed, "The log entry has a member that no entry has")
            }
        }
    }

    /// The name comes from outside, so it is said only where it is one of ours.
    private static func valueFault(_ name: String) -> ExchangeError {
        let isOurs = !name.isEmpty && name.utf8.count <= 16 && name.utf8.allSatisfy { (0x41...0x7a).contains($0) }
        return ExchangeError(.logEntryValue, "A log entry cannot have this value\(isOurs ? " as its \(name)" : "")")
    }

    /// 1 to 1,024 characters without control characters.
    private static func isLine(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        guard !scalars.isEmpty, text.utf8.count <= 4_096 else { return false }
        var count = 0
        for scalar in scalars {
            count += 1
            guard scalar.value >= 0x20, !(0x7f...0x9f).contains(scalar.value) else { return false }
        }
        return count <= 1_024
    }

    private static func isUUID(_ text: String) -> Bool {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        return groups.map { $0.utf8.count } == [8, 4, 4, 4, 12]
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x2d }
    }

    /// `area.what`, in lower case, 3 to 128 bytes.
    private static func isCode(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, text.utf8.count <= 128 else { return false }
        return parts.allSatisfy { part in
            guard let first = part.utf8.first, (0x61...0x7a).contains(first) else { return false }
            return part.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "_")
            }
        }
    }
}
