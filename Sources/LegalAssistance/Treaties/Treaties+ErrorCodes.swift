public import ExchangeModel

extension ErrorCode {
    /// A treaty profile breaks the schema; the details name the profile and the place in it.
    public static let treatyProfileInvalid = ErrorCode("treaty.profile_invalid")
    /// A file of treaty profiles is no JSON, is nested too deeply, or names a member twice.
    public static let treatyProfileMalformed = ErrorCode("treaty.profile_malformed")
    /// A file of treaty profiles is larger than 4 MiB.
    public static let treatyProfileTooLarge = ErrorCode("treaty.profile_too_large")
    /// A profile has an id that is taken, and is not marked as its replacement.
    public static let treatyProfileDuplicate = ErrorCode("treaty.profile_duplicate")
    /// Profiles do not fit together: one refers to an instrument that is not there, or they supersede in a circle.
    public static let treatyProfilesInconsistent = ErrorCode("treaty.profiles_inconsistent")
    /// There is no instrument with this id.
    public static let treatyUnknown = ErrorCode("treaty.unknown")
    /// A confirmation names nothing that is in the profiles, or says something else than they do.
    public static let treatyConfirmationSubject = ErrorCode("treaty.confirmation_subject")
    /// A confirmation is not by two different persons.
    public static let treatyConfirmationPersons = ErrorCode("treaty.confirmation_persons")
}
