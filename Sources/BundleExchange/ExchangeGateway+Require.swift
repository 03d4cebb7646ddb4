extension ExchangeGateway {
    /// Lets an act pass that an interface carries out itself, or enters the refusal in the log and throws.
    ///
    /// - Throws: `access.denied`.
    public func require(_ act: Act, of person: ActingPerson) async throws {
        try await core.authorise(person, to: act)
    }
}
