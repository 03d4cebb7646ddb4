public import BundleExchange

/// Case work as the interfaces see it: one desk for each thing that people do with requests.
public struct CaseOffice: Sendable {
    /// What requests are judged by.
    public let book: CaseBook
    /// Requests and their steps.
    public let requests: RequestDesk
    /// What is due.
    public let deadlines: DeadlineDesk
    /// Treaties in use.
    public let treaties: TreatyDesk
    /// Work calendars in use.
    public let calendars: CalendarDesk
    /// Counts and durations.
    public let statistics: StatisticsDesk
    /// What people want to be told, and their calendar feeds.
    public let wishes: WishDesk
    /// What people were told.
    public let notifications: NotificationDesk
    /// People's deadlines as calendars.
    public let feeds: CalendarFeedDesk

    /// Takes a gateway whose messages the book follows.
    public init(_ gateway: ExchangeGateway, book: CaseBook) {
        let core = gateway.core
        self.book = book
        requests = RequestDesk(gateway: gateway, book: book)
        deadlines = DeadlineDesk(core: core, book: book)
        treaties = TreatyDesk(core: core, book: book)
        calendars = CalendarDesk(core: core, book: book)
        statistics = StatisticsDesk(core: core)
        wishes = WishDesk(core: core, book: book)
        notifications = NotificationDesk(core: core)
        feeds = CalendarFeedDesk(core: core, book: book)
    }
}
