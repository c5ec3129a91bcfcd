"""Writing a calendar as RFC 5545 wants it: CRLF, lines folded at 75 octets, text escaped, times in UTC.

The zone of the clinic stands in it as well: a calendar without any component is none (3.6), and there may be no event.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
MOST_OCTETS = 75  # of a line, its break not counted (RFC 5545, 3.1)
MADE_BY = "-//Calendar//Appointments 1.0//EN"  # names no kind of place: a calendar is looked at over shoulders


@dataclass(frozen=True)
class Event:
    """One appointment. `start` and `end` are aware; `sequence` grows when it changes."""

    uid: str
    start: datetime
    end: datetime
    summary: str
    where: str = ""
    sequence: int = 0


def calendar(name: str, events: Iterable[Event], stamped: datetime, refresh: int, zone: ZoneInfo) -> str:
    """The whole calendar. `stamped`: when this publication was made; `refresh`: minutes until a program should look again;
    `zone`: whose clock the clinic goes by."""
    held = list(events)
    years = {at.astimezone(zone).year for at in (stamped, *(at for each in held for at in (each.start, each.end)))}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{MADE_BY}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh}M",
        f"X-PUBLISHED-TTL:PT{refresh}M",
        *zone_lines(zone, min(years), max(years)),
        *(line for event in held for line in _event(event, stamped)),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(event: Event, stamped: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{utc(stamped)}"
    yield f"DTSTART:{utc(event.start)}"
    yield f"DTEND:{utc(event.end)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"SUMMARY:{escaped(event.summary)}"
    if event.where:
        yield f"LOCATION:{escaped(event.where)}"
    yield "CLASS:PRIVATE"
    yield "TRANSP:OPAQUE"
    yield "END:VEVENT"


@cache
def zone_lines(zone: ZoneInfo, first: int, last: int) -> tuple[str, ...]:
    """The clock of a zone in these years: how it stands as they begin, then each change of it."""
    begin = datetime(first, 1, 1, tzinfo=zone).astimezone(UTC)
    changes = _changes(zone, begin, datetime(last + 1, 1, 1, tzinfo=zone).astimezone(UTC))
    stand = [line for at in (begin, *changes) for line in _stand(zone, at, before=at - MINUTE if at > begin else at)]
    return ("BEGIN:VTIMEZONE", f"TZID:{zone.key}", *stand, "END:VTIMEZONE")


def _stand(zone: ZoneInfo, at: datetime, before: datetime) -> Iterator[str]:
    offset, summer, name = _clock(zone, at)
    was = _clock(zone, before)[0]
    kind = "DAYLIGHT" if summer else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{(at + was).strftime('%Y%m%dT%H%M%S')}"
    yield f"TZOFFSETFROM:{_offset(was)}"
    yield f"TZOFFSETTO:{_offset(offset)}"
    yield f"TZNAME:{escaped(name)}"
    yield f"END:{kind}"


def _changes(zone: ZoneInfo, at: datetime, end: datetime) -> Iterator[datetime]:
    """Each minute, in UTC, from which the clock stands otherwise than in the minute before."""
    while at < end:
        stands, low, high = _clock(zone, at), at, min(at + DAY, end - MINUTE)
        if _clock(zone, high) != stands:
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                low, high = (middle, high) if _clock(zone, middle) == stands else (low, middle)
            yield high
        at += DAY


def _clock(zone: ZoneInfo, at: datetime) -> tuple[timedelta, bool, str]:
    """Its offset from UTC, whether that is summer time, and its name."""
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or ""


def _offset(offset: timedelta) -> str:
    """-0600."""
    minutes = abs(offset) // MINUTE
    return f"{'-' if offset < timedelta() else '+'}{minutes // 60:02}{minutes % 60:02}"


def utc(at: datetime) -> str:
    """20261124T180000Z. Raises `ValueError` without a time zone: its hour would be anybody's guess."""
    if at.tzinfo is None:
        raise ValueError("a time in a calendar needs its zone")
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def escaped(text: str) -> str:
    """TEXT as 3.3.11 wants it; control characters, which it forbids, are left out."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(each for each in text if each == "\t" or ord(each) >= 32 and ord(each) != 127)


def folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none of which cuts a character; each further one begins with a space."""
    pieces, piece, size = [], "", 0
    for each in line:
        octets = len(each.encode())
        if size + octets > MOST_OCTETS:
            pieces.append(piece)
            piece, size = "", 1
        piece, size = piece + each, size + octets
    return "\r\n ".join([*pieces, piece])
