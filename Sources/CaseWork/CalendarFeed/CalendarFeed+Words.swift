public import GatewayText

extension CalendarFeed {
    /// The name of the calendar in a language.
    public static func name(in language: Language) -> String { Texts(language)("feed.name") }
}

extension CalendarFeed.Entry {
    /// What a calendar says of a deadline: the line that it shows, and what it shows when the entry is opened.
    public static func words(
        _ matter: NotificationText.Matter,
        language: Language
    ) -> (summary: String, description: String) {
        NotificationWords(texts: Texts(language)).entry(matter)
    }
}
