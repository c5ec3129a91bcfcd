"""When a site is open in the week: up to two stretches a day, on quarter hours, kept as "mon 08:00-12:00".

A site without hours on file is open whenever.
"""

import re
from collections.abc import Iterable

from middleground.engines.errors import BadLine
from middleground.engines.timetabling.clinic import Spans, joined
from middleground.engines.timetabling.times import DAY, Span, interval
from middleground.kernel.errors import Invalid, Refused

from .models import Site

WEEK = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
STRETCHES = 2  # of one day: a break at noon
STRETCH = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) (\d\d):(\d\d)-(\d\d):(\d\d)")


def opening(site: Site) -> Spans:
    """Its weekly hours in minutes since Monday 00:00, touching ones joined; none when they can't be read."""
    try:
        return joined(interval(each) for each in site.hours)
    except BadLine:
        return ()


def open_words(hours: Spans, weekday: int) -> str:
    """When it is open on that day of the week: "on Friday it is open 9:00 am to 5:00 pm"."""
    told, name = day_words(hours, weekday), list(WEEK.values())[weekday]
    return f"on {name} it is open {told}" if told else f"on {name} it is closed all day"


def day_words(hours: Spans, weekday: int) -> str:
    """ "9:00 am to 5:00 pm" of that day of the week; "" when it is closed."""
    return " and ".join(f"{clock_words(a)} to {clock_words(z)}" for a, z in of_day(hours, weekday))


def of_day(hours: Spans, weekday: int) -> list[Span]:
    """The stretches of one day, in minutes since its midnight."""
    first, last = weekday * DAY, (weekday + 1) * DAY
    return [(max(a, first) - first, min(z, last) - first) for a, z in hours if a < last and first < z]


def clock_words(minutes: int) -> str:
    """Minutes since midnight as 9:00 am; the end of the day is midnight."""
    hour, rest = divmod(minutes, 60)
    return "midnight" if minutes in (0, DAY) else f"{hour % 12 or 12}:{rest:02d} {'pm' if hour >= 12 else 'am'}"


def week_words(hours: Spans) -> list[str]:
    """The days it is open: "Monday 8:00 am to 12:00 pm and 1:00 pm to 5:00 pm"."""
    told = [(name, day_words(hours, day)) for day, name in enumerate(WEEK.values())]
    return [f"{name} {words}" for name, words in told if words]


def checked(hours: Iterable[str]) -> list[str]:
    """The hours by day and time. Raises `Invalid` with what is wrong by day, stretch and end: "mon_2_to" is the closing of
    Monday's second stretch. Midnight as a closing time is 24:00."""
    days: dict[str, list[tuple[int, int]]] = {day: [] for day in WEEK}
    errors: dict[str, list[str]] = {}
    for text in hours:
        found = STRETCH.fullmatch(str(text)) or _unreadable(text)
        day, begins, ends = found[1], _minutes(found[2], found[3]), _minutes(found[4], found[5])
        if fault := _fault(days[day], begins, ends):
            errors.setdefault(f"{day}_{len(days[day]) + 1}_{fault[0]}", [fault[1]])
        days[day].append((begins, ends))
    if errors:
        raise Invalid(errors)
    return [f"{day} {_text(a)}-{_text(z)}" for day, rows in days.items() for a, z in rows]


def _fault(before: list[tuple[int, int]], begins: int, ends: int) -> tuple[str, str] | None:
    """What is wrong with one more stretch of a day, and at which end of it."""
    if begins % 15 or begins >= DAY:
        return "from", "Choose a quarter hour."
    if ends % 15 or ends > DAY:
        return "to", "Choose a quarter hour."
    if ends <= begins:
        return "to", "It would close before it opens."
    if before and begins < before[-1][1]:
        return "from", "It would open again before it has closed."
    return ("from", f"A day has at most {STRETCHES} stretches.") if len(before) >= STRETCHES else None


def _unreadable(text: str) -> re.Match[str]:
    raise Refused(f"{text} is no stretch of opening hours: write them like mon 08:00-17:00.", "hours")


def _minutes(hour: str, minute: str) -> int:
    """Minutes since midnight; beyond the day when the minutes are no minutes."""
    return int(hour) * 60 + int(minute) if int(minute) < 60 else 2 * DAY


def _text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
