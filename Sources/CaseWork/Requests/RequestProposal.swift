import BundleExchange
public import ExchangeModel
public import LegalAssistance

/// What an officer says of a request that is to be opened here.
public struct RequestProposal: Sendable {
    /// On which side we stand: we ask, or we were asked outside the gateways.
    public var side = Side.requesting
    /// How the sides reach each other.
    public var channel = RequestRecord.Channel.gateway
    /// The partner's gateway, on the channels that have one.
    public var peer: PartyID?
    /// The partner's state; known from the gateway's party where there is one.
    public var partnerState: StateCode?
    /// The partner's authority in words; the gateway's name where there is one.
    public var partnerAuthority: String?
    /// Our reference number; the next one of the authority when `nil`.
    public var reference: String?
    /// The partner's reference number.
    public var partnerReference: String?
    /// What it is about, in one line.
    public var subject: String
    /// The treaty's profile.
    public var instrument: String?
    /// What is asked for, as the profiles call it.
    public var requestTypes: [String] = []
    /// Facts that deadlines depend on.
    public var facts = RequestFacts()
    /// Fields of the form.
    public var form: [String: String] = [:]

    /// Takes what every request has; the rest is assigned.
    public init(subject: String) { self.subject = subject }

    /// Checks every value by itself.
    ///
    /// - Throws: `request.value`.
    func check() throws {
        try StatementText.requireLine(subject, "subject", most: ThreadRegister.longestSubject)
        if let reference {
            try StatementText.requireLine(reference, "reference", most: ThreadRegister.longestReference)
        }
        if let partnerReference {
            try StatementText.requireLine(
                partnerReference,
                "partner's reference",
                most: ThreadRegister.longestReference
            )
        }
        if let partnerAuthority { try StatementText.requireLine(partnerAuthority, "partner's authority", most: 256) }
        if let instrument { try StatementText.requireTreaty(instrument) }
        try Self.check(form: form)
        if let reasons = facts.requestedReasons { try StatementText.requireText(reasons, "reasons", most: 4_096) }
        try Self.check(types: requestTypes)
        if channel.isProven {
            guard peer != nil else { throw ExchangeError(.requestValue, "The partner's gateway is not named") }
            guard side == .requesting else {
                throw ExchangeError(
                    .requestValue,
                    "What a partner's gateway asks comes from there, it is not entered here"
                )
            }
        } else {
            guard partnerState != nil, partnerAuthority != nil else {
                throw ExchangeError(
                    .requestValue,
                    "Outside the gateways the partner's state and authority must be named",
                    hint: "name both with --state and --partner-authority"
                )
            }
        }
    }

    static func check(types: [String]) throws {
        guard types.count <= 16 else {
            throw ExchangeError(.requestValue, "A request has at most 16 types of assistance")
        }
        for type in types where RequestType(rawValue: type) == nil {
            throw ExchangeError(
                .requestValue,
                "“\(type.prefix(64))” is no type of assistance",
                hint: "such are " + RequestType.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
    }

    static func check(form: [String: String]) throws {
        guard form.count <= 200 else { throw ExchangeError(.requestValue, "A form has at most 200 fields") }
        for (name, value) in form {
            try StatementText.requireLine(name, "name of a field", most: 64)
            try StatementText.requireText(value, "field \(name)")
        }
    }
}
