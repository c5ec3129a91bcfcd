"""Writing a calendar as RFC 5545 wants it: CRLF, lines folded at 75 octets, text escaped, times in UTC."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

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


def calendar(name: str, events: Iterable[Event], stamped: datetime, refresh: int) -> str:
    """The whole calendar. `stamped`: when this publication was made; `refresh`: minutes until a program should look again."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:{MADE_BY}",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:PT{refresh}M",
        f"X-PUBLISHED-TTL:PT{refresh}M",
        *(line for event in events for line in _event(event, stamped)),
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
