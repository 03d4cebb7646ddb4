/// The kind of offence that an instrument is confined to.
public enum OffenceSubject: String, CaseIterable, Hashable, Sendable {
    /// Transnational organised crime.
    case organisedCrime
    /// Corruption.
    case corruption
    /// Offences by or against computer systems and data.
    case cybercrime
    /// Terrorism.
    case terrorism
    /// Extremism and separatism.
    case extremism
    /// Customs offences.
    case customs
    /// Threats to international information security.
    case informationSecurity
}
