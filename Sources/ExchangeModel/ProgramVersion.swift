/// The version of the programs of this tree; all have the same.
public enum ProgramVersion {
    /// As `--version` says it.
    public static let current = "0.2.0"
    /// With the name, as reports say it.
    public static let named = "Rogatory " + current
}
