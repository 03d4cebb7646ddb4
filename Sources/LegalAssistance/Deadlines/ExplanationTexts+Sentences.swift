extension ExplanationTexts {
    static let sentences: [String: String] = [
        "explanation.anchor_back": "It is counted back from {day}, a day that is not counted itself.",
        "explanation.anchor_day": "It runs from {day}.",
        "explanation.anchor_end": "It runs from the end of {deadline}.",
        "explanation.anchor_proven": "It runs from {event}, {time}, proven by message {digest}.",
        "explanation.anchor_proven_authority": """
        It runs from {event} by {authority}, {time}, proven by message {digest}.
        """,
        "explanation.anchor_stated": "It runs from {event}, {time}, as recorded here by reference {reference}.",
        "explanation.anchor_stated_authority": """
        It runs from {event} by {authority}, {time}, as recorded here by reference {reference}.
        """,
        "explanation.awaits": "It has not begun: it runs from {anchor}.",
        "explanation.calendar": "Calendar of {state} for {year}: {source} ({confidence}).",
        "explanation.calendar_missing": "Calendar missing for {year} ({state}).",
        "explanation.end": "The last day to act is {day}, until 24:00 ({zone}).",
        "explanation.end_hours": "The time to act ends at {time}.",
        "explanation.extended": "Extended at {time} until {day}: {reason}.",
        "explanation.extended_limited": """
        Extended at {time}, but only until {day}, which is all that article {article} allows: {reason}.
        """,
        "explanation.extension_not_foreseen": """
        The extension announced at {time} is not foreseen by the instrument, and the end stays: {reason}.
        """,
        "explanation.extension_not_later": """
        The extension announced at {time} would not end later, and the end stays: {reason}.
        """,
        "explanation.extension_too_late": """
        The extension announced at {time} came after the end and extends nothing: {reason}.
        """,
        "explanation.extension_unconfirmed": """
        The extension announced at {time} rests on article {article}, which is not confirmed; the \
        confirmed end stays: {reason}.
        """,
        "explanation.extension_without_reasons": """
        The extension announced at {time} gives no reasons and extends nothing.
        """,
        "explanation.first_day": "The first day that counts is {day}; the day of the event is not counted.",
        "explanation.first_day_back": "Counting back, the first day that counts is {day}.",
        "explanation.never_moved": "Such a period is never moved to a working day.",
        "explanation.no_duty": "Nothing is breached when it passes.",
        "explanation.open_end": "an open end",
        "explanation.pause_moved": "The pause from {from} to {until} ({reason}; {person}) moves the end by {amount}.",
        "explanation.pause_shown": """
        The pause from {from} to {until} ({reason}; {person}) is shown only: no instrument says that its \
        clock stops, and the end stays.
        """,
        "explanation.pause_without_effect": """
        The pause from {from} to {until} ({reason}; {person}) does not move the end.
        """,
        "explanation.postponed": """
        Postponed at {time}: while that lasts it is not counted as overdue; the end stays, because the \
        instrument names no other.
        """,
        "explanation.preservation": """
        The data are kept at least until then. Before it, the requesting side has to send the request for \
        assistance or to ask for an extension.
        """,
        "explanation.raw_end": "By the words of the instrument it ends on {day} at 24:00 ({zone}).",
        "explanation.raw_end_hours": "By the words of the instrument it ends at {time}.",
        "explanation.requested_reasons": """
        The requesting side asks for an answer by {day} and gives reasons: {reasons}.
        """,
        "explanation.requested_wish": """
        The requesting side wishes an answer by {day}. It gives no reasons, so this is a wish and not a \
        deadline.
        """,
        "explanation.roll_no_calendar": """
        No calendar of {state} is there: whether the last day is a day off is not known, and the end \
        stays.
        """,
        "explanation.roll_no_rule": "No rule of {state} about an end on a day off is known: the end stays.",
        "explanation.roll_not_counted": """
        That rule or that calendar is not verified or confirmed, so overdue counts from the earlier end.
        """,
        "explanation.roll_working_day": "That is a working day in {state}.",
        "explanation.roll_year_missing": """
        The calendar of {state} does not reach into {year}: whether it would end later is not known, and \
        the end stays.
        """,
        "explanation.rolled": "Days off in {state}: {days}. Under {clause} ({confidence}) it ends on {day}.",
        "explanation.rolled_hour": "Under {clause} ({confidence}) the hours run from the next full hour: until {time}.",
        "explanation.rule": "{event}: {amount}, {kind}, under article {article} of {instrument} ({confidence}).",
        "explanation.rule_internal": "{event}: {amount}, {kind}, by our own rule {instrument}, {article}.",
        "explanation.skipped": "Days off, not counted: {days}.",
        "explanation.source": "Read at: {source}.",
        "explanation.status_elapsed": "Its time is over.",
        "explanation.status_late": "It was met late, {time}.",
        "explanation.status_met": "It was met in time, {time}.",
        "explanation.status_overdue": "It is overdue.",
        "explanation.status_paused": "It rests.",
        "explanation.status_running": "It runs.",
        "explanation.status_void": "Nothing is owed any more since {event}, {time}.",
        "explanation.status_waiting": "It waits.",
        "explanation.unconfirmed": """
        The limit, or that it binds both states, is not confirmed: a legal check is needed.
        """,
    ]
}
