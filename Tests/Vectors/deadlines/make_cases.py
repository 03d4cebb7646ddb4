#!/usr/bin/python3
"""Works out the cases of cases.json with python-dateutil and zoneinfo from the shipped calendars; with --check only compares.

It shares nothing with the gateway's counting but Schemas/work-calendars.json.
"""

import datetime
import json
import pathlib
import sys
import zoneinfo

from dateutil import relativedelta, rrule

HERE = pathlib.Path(__file__).resolve().parent
CALENDARS = HERE.parent.parent.parent / "Schemas" / "work-calendars.json"
CASES = HERE / "cases.json"
UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
RELIABLE = {"verified", "confirmed"}


class Missing(Exception):
    """The calendar does not hold this year."""


class Calendar:
    """The working days of a state, as one recurrence set over each run of years that are known."""

    def __init__(self, entry):
        self.rule = entry.get("rule", {})
        self.years = {year["year"]: year for year in entry["years"]}
        self.off = {}
        self.on = {}
        for year in entry["years"]:
            for day in year["daysOff"]:
                self.off[datetime.date.fromisoformat(day["date"])] = day
            for day in year["workingDays"]:
                self.on[datetime.date.fromisoformat(day["date"])] = day
        self.weekdays = [day - 1 for day in range(1, 8) if day not in entry["weekend"]]
        self.sets = {}

    def working_days(self, year):
        """Every working day of a year in order."""
        if year not in self.years:
            raise Missing(year)
        if year not in self.sets:
            first = datetime.datetime(year, 1, 1)
            days = rrule.rruleset()
            days.rrule(
                rrule.rrule(
                    rrule.DAILY, dtstart=first, until=datetime.datetime(year, 12, 31), byweekday=self.weekdays
                )
            )
            for day in self.off:
                if day.year == year:
                    days.exdate(datetime.datetime.combine(day, datetime.time()))
            for day in self.on:
                if day.year == year:
                    days.rdate(datetime.datetime.combine(day, datetime.time()))
            self.sets[year] = sorted({day.date() for day in days})
        return self.sets[year]

    def works(self, day):
        return day in self.working_days(day.year)

    def forward(self, day, amount):
        """The day with the amount-th working day after a day."""
        year = day.year
        left = amount
        while True:
            after = [other for other in self.working_days(year) if other > day]
            if len(after) >= left:
                return after[left - 1]
            left -= len(after)
            year += 1

    def backward(self, day, amount):
        year = day.year
        left = amount
        while True:
            before = [other for other in self.working_days(year) if other < day]
            if len(before) >= left:
                return before[-left]
            left -= len(before)
            year -= 1

    def next_working(self, day):
        year = day.year
        while True:
            for other in self.working_days(year):
                if other >= day:
                    return other
            year += 1


def midnight_after(day, zone):
    """The instant of 24:00 of a local day: where the clock shows it twice, the first after which the day is over."""
    local = datetime.datetime.combine(day + DAY, datetime.time())
    found = sorted(local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    minutes = [datetime.timedelta(minutes=minute) for minute in range(180)]
    for candidate in found:
        if all((candidate + minute).astimezone(zone).date() > day for minute in minutes):
            return candidate
    raise AssertionError(f"{day} does not end in {zone}")


def midnight_before(day, zone):
    return midnight_after(day - DAY, zone)


def text(instant):
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(words):
    return datetime.datetime.strptime(words, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def work_out(case, calendars):
    """Fills in what is expected."""
    zone = zoneinfo.ZoneInfo(case["zone"])
    calendar = calendars[case["state"]]
    unit, amount, kind = case["unit"], case["amount"], case["kind"]
    notes = []
    missing = []
    last = end = None
    back = "day" in case
    start = datetime.date.fromisoformat(case["day"]) if back else instant(case["from"]).astimezone(zone).date()
    if not back and start != instant(case["from"]).date():
        notes.append("the local day of the event is not the day in UTC")
    if unit == "hours":
        delta = datetime.timedelta(hours=amount)
        end = midnight_before(start, zone) - delta if back else instant(case["from"]) + delta
        notes.append("hours back from the beginning of the day" if back else "hours from the instant of the event")
    elif unit == "calendarDays":
        last = start - amount * DAY if back else start + amount * DAY
        notes.append("calendar days, the day of the event not counted, until 24:00 of the last day")
    elif unit == "months":
        step = relativedelta.relativedelta(months=-amount if back else amount)
        last = start + step
        if last.day == start.day:
            notes.append("months, until 24:00 of the same-numbered day")
        else:
            notes.append("months, until 24:00 of the last day of a month without such a day")
    elif unit == "workingDays":
        notes.append("working days, until 24:00 of the last one")
        try:
            last = calendar.backward(start, amount) if back else calendar.forward(start, amount)
        except Missing as year:
            missing.append(year.args[0])
            notes.append("the calendar is missing")
        if last is not None:
            span = sorted([start, last])
            if any(span[0] <= day <= span[1] for day in calendar.on):
                notes.append("a working day moved to a weekend counts")
    if last is not None:
        end = midnight_after(last, zone)
    if back:
        notes.append("counted back from the hearing")

    roll_last, roll_end, outcome, reliable = last, end, "notApplicable", False
    if kind == "max" and not back and end is not None:
        if unit == "hours":
            clause = calendar.rule.get("startingHour")
            if clause is None:
                outcome = "noRule"
            else:
                begun = instant(case["from"]).astimezone(zone)
                full = begun.replace(minute=0, second=0)
                gone = (begun - full).total_seconds()
                roll_end = end + datetime.timedelta(seconds=3600 - gone)
                outcome = "nextFullHour"
                reliable = clause["confidence"] in RELIABLE
                notes.append("from the next full hour under the state's rule")
        else:
            clause = calendar.rule.get("rollForward")
            if clause is None:
                outcome = "noRule"
                notes.append("no rule about days off is known, the end stays")
            else:
                try:
                    roll_last = calendar.next_working(last)
                    roll_end = midnight_after(roll_last, zone)
                    outcome = "onWorkingDay" if roll_last == last else "moved"
                    years = range(last.year, roll_last.year + 1)
                    reliable = (
                        outcome == "moved"
                        and clause["confidence"] in RELIABLE
                        and all(calendar.years[year]["confidence"] in RELIABLE for year in years)
                    )
                    if outcome == "moved":
                        notes.append("moved to the next working day")
                        notes.append("which counts" if reliable else "which is shown and does not count")
                except Missing as year:
                    missing.append(year.args[0])
                    outcome = "calendarMissing"
                    roll_last, roll_end = last, end
                    notes.append("the calendar is missing, the end stays")
    elif kind != "max":
        notes.append("never moved to a working day")
    case["rule"] = "; ".join(notes)
    case["expected"] = {
        "lastDay": last and last.isoformat(),
        "rawEnd": end and text(end),
        "outcome": outcome,
        "rolledDay": roll_last and roll_last.isoformat(),
        "rolledEnd": roll_end and text(roll_end),
        "end": (roll_end if reliable else end) and text(roll_end if reliable else end),
        "missingYears": missing,
    }


def forward(state, zone, amount, unit, *starts, kind="max"):
    for start in starts:
        yield {"state": state, "zone": zone, "amount": amount, "unit": unit, "kind": kind, "from": start}


def backward(state, zone, amount, unit, *days):
    for day in days:
        yield {"state": state, "zone": zone, "amount": amount, "unit": unit, "kind": "minLead", "day": day}


def all_cases():
    kz, kg, uz, ru, cn = "Asia/Almaty", "Asia/Bishkek", "Asia/Tashkent", "Europe/Moscow", "Asia/Shanghai"
    md, de, ir = "Europe/Chisinau", "Europe/Berlin", "Asia/Tehran"

    # Calendar days: weekends, holidays, year ends, the leap day, late evenings.
    yield from forward(
        "KZ", kz, 30, "calendarDays",
        "2024-01-30T04:00:00Z", "2024-01-30T19:30:00Z", "2024-02-20T10:00:00Z", "2024-02-29T17:30:00Z",
        "2024-02-29T18:30:00Z", "2024-02-29T19:30:00Z", "2024-04-04T05:00:00Z", "2024-04-08T05:00:00Z",
        "2025-02-06T05:00:00Z", "2025-02-20T05:00:00Z", "2025-06-06T05:00:00Z", "2025-12-02T20:00:00Z",
        "2026-02-21T05:00:00Z", "2026-04-09T05:00:00Z", "2026-07-31T05:00:00Z", "2026-11-16T05:00:00Z",
        "2026-12-02T05:00:00Z", "2027-12-02T05:00:00Z", "2027-12-10T05:00:00Z",
    )
    yield from forward(
        "RU", ru, 30, "calendarDays",
        "2024-04-04T08:00:00Z", "2024-04-10T21:30:00Z", "2024-10-03T08:00:00Z", "2024-12-02T08:00:00Z",
        "2025-01-24T08:00:00Z", "2025-02-06T08:00:00Z", "2025-04-02T08:00:00Z", "2025-05-14T08:00:00Z",
        "2025-10-02T08:00:00Z", "2025-12-01T08:00:00Z", "2026-01-24T08:00:00Z", "2026-04-01T20:59:59Z",
        "2026-04-01T21:00:00Z", "2026-12-01T08:00:00Z", "2027-01-21T08:00:00Z", "2027-12-02T08:00:00Z",
    )
    yield from forward(
        "CN", cn, 30, "calendarDays",
        "2024-01-05T02:00:00Z", "2024-01-11T02:00:00Z", "2024-04-05T16:00:00Z", "2024-09-02T02:00:00Z",
        "2025-01-01T02:00:00Z", "2025-01-09T02:00:00Z", "2025-04-28T02:00:00Z", "2025-09-07T15:59:59Z",
        "2025-09-07T16:00:00Z", "2026-01-15T02:00:00Z", "2026-01-29T02:00:00Z", "2026-08-21T02:00:00Z",
        "2026-12-10T02:00:00Z",
    )
    yield from forward(
        "KG", kg, 30, "calendarDays",
        "2024-01-25T04:00:00Z", "2024-02-21T04:00:00Z", "2025-04-03T04:00:00Z", "2026-04-02T04:00:00Z",
        "2026-12-10T04:00:00Z",
    )
    yield from forward(
        "UZ", uz, 30, "calendarDays",
        "2024-02-21T04:00:00Z", "2024-12-01T04:00:00Z", "2025-03-01T04:00:00Z", "2026-04-28T04:00:00Z",
    )
    yield from forward("KZ", "Asia/Qostanay", 7, "calendarDays", "2024-02-22T18:30:00Z", "2024-02-23T17:59:59Z")
    yield from forward(
        "RU", "Asia/Kamchatka", 10, "calendarDays", "2026-06-02T11:59:59Z", "2026-06-02T12:00:00Z"
    )
    yield from forward("RU", "Europe/Kaliningrad", 10, "calendarDays", "2026-06-01T21:59:59Z", "2026-06-01T22:00:00Z")

    # Zones with summer time.
    for amount in (7, 30, 90):
        yield from forward(
            "MD", md, amount, "calendarDays",
            "2025-03-22T22:30:00Z", "2025-03-23T10:00:00Z", "2025-10-18T21:30:00Z", "2026-03-22T21:59:59Z",
            "2026-03-22T22:00:00Z", "2026-10-18T20:30:00Z",
        )
        yield from forward(
            "DE", de, amount, "calendarDays",
            "2024-03-24T23:30:00Z", "2025-10-19T22:30:00Z", "2026-03-22T23:00:00Z", "2026-10-17T21:59:59Z",
        )
    # Midnight twice, and midnight left out.
    yield from forward("PT", "Atlantic/Azores", 7, "calendarDays", "2026-10-17T08:00:00Z", "2026-10-18T08:00:00Z")
    yield from forward("PT", "Atlantic/Azores", 7, "calendarDays", "2026-03-21T08:00:00Z", "2026-03-22T08:00:00Z")
    yield from forward("IR", ir, 10, "calendarDays", "2022-03-11T21:00:00Z", "2022-09-11T20:00:00Z")
    yield from forward("IR", ir, 60, "calendarDays", "2026-01-20T20:29:59Z", "2026-01-20T20:30:00Z")

    # Months.
    starts = (
        "2023-12-31T06:00:00Z", "2024-01-29T06:00:00Z", "2024-01-30T06:00:00Z", "2024-01-31T06:00:00Z",
        "2025-01-29T06:00:00Z", "2025-01-31T06:00:00Z", "2024-02-29T06:00:00Z", "2026-08-31T06:00:00Z",
    )
    for amount in (1, 3, 12):
        yield from forward("KZ", kz, amount, "months", *starts)
    yield from forward(
        "RU", ru, 1, "months",
        "2024-05-31T08:00:00Z", "2025-03-31T20:59:59Z", "2025-03-31T21:00:00Z", "2025-12-31T08:00:00Z",
        "2026-12-31T08:00:00Z", "2026-04-09T08:00:00Z",
    )
    yield from forward("CN", cn, 6, "months", "2024-08-31T02:00:00Z", "2025-08-29T02:00:00Z", "2026-03-31T02:00:00Z")
    yield from forward("MD", md, 1, "months", "2026-02-28T22:00:00Z", "2026-09-30T20:59:59Z", "2026-09-30T21:00:00Z")
    yield from forward("KZ", kz, 48, "months", "2024-02-29T06:00:00Z", "2023-02-28T06:00:00Z")

    # Working days.
    for amount in (3, 5, 10, 30):
        yield from forward(
            "KZ", kz, amount, "workingDays", "2024-04-30T05:00:00Z", "2024-12-30T05:00:00Z", "2026-03-18T05:00:00Z",
            "2027-12-27T05:00:00Z",
        )
        yield from forward(
            "RU", ru, amount, "workingDays", "2024-04-24T08:00:00Z", "2024-12-24T21:30:00Z", "2026-12-29T08:00:00Z",
        )
        yield from forward(
            "CN", cn, amount, "workingDays", "2024-09-12T02:00:00Z", "2025-01-24T02:00:00Z", "2026-02-12T02:00:00Z",
            "2026-12-28T02:00:00Z",
        )
        yield from forward("KG", kg, amount, "workingDays", "2024-01-24T04:00:00Z", "2026-12-25T04:00:00Z")
        yield from forward("UZ", uz, amount, "workingDays", "2024-12-12T04:00:00Z", "2026-12-09T04:00:00Z")
    yield from forward("DE", de, 5, "workingDays", "2026-06-01T08:00:00Z")
    yield from forward("KZ", kz, 250, "workingDays", "2024-01-02T05:00:00Z", "2025-06-02T05:00:00Z")

    # Hours, also across changes of the clock.
    for amount in (8, 24, 72, 96):
        yield from forward(
            "KZ", kz, amount, "hours", "2024-02-29T10:15:30Z", "2024-02-29T17:59:59Z", "2024-02-29T18:00:00Z",
        )
        yield from forward("DE", de, amount, "hours", "2026-03-28T23:59:59Z", "2026-10-24T23:30:00Z")
        yield from forward("RU", ru, amount, "hours", "2026-12-31T20:00:01Z")
        yield from forward("CN", cn, amount, "hours", "2026-02-16T00:00:00Z")
        yield from forward("IN", "Asia/Kolkata", amount, "hours", "2026-05-01T10:45:00Z")

    # Backwards: the lead before a hearing.
    yield from backward(
        "KZ", kz, 3, "months",
        "2026-09-15", "2026-05-31", "2024-05-29", "2024-05-30", "2025-05-29", "2026-01-01", "2027-02-28",
        "2024-06-01", "2024-05-31",
    )
    yield from backward("MD", md, 3, "months", "2026-06-29", "2027-01-25")
    yield from backward("RU", ru, 50, "calendarDays", "2026-03-01", "2025-02-20", "2024-04-18", "2026-01-10")
    yield from backward("DE", de, 50, "calendarDays", "2026-05-18", "2026-12-14")
    yield from backward("CN", cn, 10, "workingDays", "2024-10-14", "2026-03-02", "2024-01-04")
    yield from backward("KZ", kz, 72, "hours", "2024-03-02", "2026-07-06")
    yield from backward("MD", md, 48, "hours", "2026-03-30", "2026-10-26")

    # Preserved data: never moved, wherever the end falls.
    for state, zone in (("KZ", kz), ("RU", ru), ("CN", cn), ("MD", md)):
        yield from forward(
            state, zone, 60, "calendarDays",
            "2024-01-01T09:00:00Z", "2025-12-25T09:00:00Z", "2026-03-10T23:00:00Z", "2026-10-30T09:00:00Z",
            kind="min",
        )


def name_of(case):
    start = case.get("from") or "hearing " + case["day"]
    return f"{case['state']} {case['zone']} {case['kind']} {case['amount']} {case['unit']} {start}"


def main():
    with open(CALENDARS, encoding="utf-8") as file:
        calendars = {entry["state"]: Calendar(entry) for entry in json.load(file)["states"]}
    cases = []
    for case in all_cases():
        case = {"name": name_of(case), "rule": "", **case}
        work_out(case, calendars)
        cases.append(case)
    names = [case["name"] for case in cases]
    if len(names) != len(set(names)):
        sys.exit("error: a case stands twice")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    written = "[\n" + lines + "\n]\n"
    if sys.argv[1:] == ["--check"]:
        if CASES.read_text(encoding="utf-8") != written:
            sys.exit("error: cases.json is not what this program works out")
        print(f"{len(cases)} cases are the same")
    elif not sys.argv[1:]:
        CASES.write_text(written, encoding="utf-8")
        print(f"{len(cases)} cases written")
    else:
        sys.exit("usage: make_cases.py [--check]")


if __name__ == "__main__":
    main()
