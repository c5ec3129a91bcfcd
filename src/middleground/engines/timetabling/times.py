"""Moments and intervals of a week: "mon 18:00", "mon 18:00-21:15", on quarter hours, as minutes since Monday 00:00."""

import re
from typing import NoReturn

from ..errors import BadLine

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TELEHEALTH = "telehealth"  # the place that is no site
CELL = 15
DAY = 24 * 60
WEEK = 7 * DAY
MOMENT = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) (\d\d:\d\d)")
INTERVAL = re.compile(r"(mon|tue|wed|thu|fri|sat|sun) (\d\d:\d\d)-(\d\d:\d\d)")
Span = tuple[int, int]


def moment(text: str, where: str = "") -> int:
    """Minutes since Monday 00:00. Raises `BadLine` ("bad-time") for anything but a day and a quarter hour."""
    found = MOMENT.fullmatch(text) or bad(text, where)
    return DAYS.index(found[1]) * DAY + clock(found[2], text, where, last=DAY - CELL)


def interval(text: str, where: str = "") -> Span:
    """Half-open (start, end) minutes since Monday 00:00; the end is at most 24:00 of the same day."""
    found = INTERVAL.fullmatch(text) or bad(text, where)
    day = DAYS.index(found[1]) * DAY
    start, end = clock(found[2], text, where, last=DAY - CELL), clock(found[3], text, where, last=DAY)
    return (day + start, day + end) if start < end else bad(text, where)


def clock(text: str, whole: str, where: str, *, last: int) -> int:
    hours, minutes = int(text[:2]), int(text[3:])
    total = hours * 60 + minutes
    return total if minutes < 60 and total % CELL == 0 and total <= last else bad(whole, where)


def bad(text: str, where: str) -> NoReturn:
    raise BadLine("bad-time", f"{text!r} is not a time of the week on a quarter hour.", where)


def moment_text(minute: int) -> str:
    """The inverse of `moment`."""
    day, rest = divmod(minute, DAY)
    return f"{DAYS[day]} {clock_text(rest)}"


def interval_text(span: Span) -> str:
    """The inverse of `interval`."""
    start, end = span
    return f"{moment_text(start)}-{clock_text(end - start // DAY * DAY)}"


def clock_text(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def occupied(minutes: int) -> int:
    """A session holds whole quarter hours: 85 minutes occupy 90."""
    return -(-minutes // CELL) * CELL
