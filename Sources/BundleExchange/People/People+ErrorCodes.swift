public import ExchangeModel

extension ErrorCode {
    /// The gateway has its party and first administrators already.
    public static let gatewayInitialised = ErrorCode("gateway.initialised")
    /// The gateway has not been given its party and first administrators yet.
    public static let gatewayNotInitialised = ErrorCode("gateway.not_initialised")
    /// A row of the register of persons, keys or peers cannot be read.
    public static let registerDamaged = ErrorCode("register.damaged")
    /// A change was to be confirmed by the person who proposed it.
    public static let changeOwn = ErrorCode("change.own")
    /// A change can be confirmed only by a person who signed in with a certificate.
    public static let changeNeedsCertificate = ErrorCode("change.needs_certificate")
    /// A change was decided before.
    public static let changeDecided = ErrorCode("change.decided")
    /// Whoever proposed the change is no administrator any more, so it must be proposed anew.
    public static let changeProposerGone = ErrorCode("change.proposer_gone")
    /// After the change fewer than two administrators could act.
    public static let changeTooFewAdministrators = ErrorCode("change.too_few_administrators")
    /// The roles exclude each other: administrators hold no officer's, approver's or agency's role, auditors no other.
    public static let changeRolesClash = ErrorCode("change.roles_clash")
    /// What the change would make is there already, or was never there.
    public static let changeConflict = ErrorCode("change.conflict")
    /// A change of this kind waits for a second administrator and cannot take effect at once.
    public static let changeNotAtOnce = ErrorCode("change.not_at_once")
}
