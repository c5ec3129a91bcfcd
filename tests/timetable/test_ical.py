"""Calendars as RFC 5545 wants them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.timetable.ical import Event, calendar, escaped, folded, utc, zone_lines

CHICAGO = ZoneInfo("America/Chicago")
ZONES = (
    "America/Chicago",
    "America/Havana",  # changes at midnight
    "America/Phoenix",  # never changes
    "America/St_Johns",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Africa/Casablanca",
    "Europe/Dublin",
    "UTC",
)
AT = datetime(2026, 3, 8, 1, 30, tzinfo=timezone(timedelta(hours=-6)))


def unfolded(text):
    return text.replace("\r\n ", "").split("\r\n")


@given(st.text(alphabet=st.characters(blacklist_characters="\r\n", blacklist_categories=("Cs",))))
def test_folding_keeps_every_character_and_no_line_is_longer_than_75_octets(line):
    pieces = folded(line).split("\r\n")
    assert all(len(piece.encode()) <= 75 for piece in pieces)
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line
    assert all(piece.startswith(" ") for piece in pieces[1:])


def test_text_is_escaped_and_can_open_no_line_of_its_own():
    assert escaped("a\\b;c,d\ne\r\nf\x00g") == "a\\\\b\\;c\\,d\\ne\\nfg"
    text = calendar("x", [Event("u", AT, AT, "A\r\nATTENDEE:mailto:x@y.z")], AT, 60, CHICAGO)
    assert not any(line.startswith("ATTENDEE") for line in text.split("\r\n"))


def test_a_whole_calendar():
    event = Event("abc", AT, AT + timedelta(hours=3), "Appointment", "12 Elm St, Austin", 4)
    lines = unfolded(calendar("My appointments", [event], AT, 60, CHICAGO))
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    for each in (
        "VERSION:2.0",
        "METHOD:PUBLISH",
        "UID:abc",
        "DTSTAMP:20260308T073000Z",
        "DTSTART:20260308T073000Z",
        "DTEND:20260308T103000Z",
        "SEQUENCE:4",
        "SUMMARY:Appointment",
        "LOCATION:12 Elm St\\, Austin",
        "CLASS:PRIVATE",
    ):
        assert each in lines


def stands(lines):
    """(from when in UTC, offset, kind) of a time zone as RFC 5545 says to read it: each begins on the clock before it."""
    found = []
    for n, line in enumerate(lines):
        if line in ("BEGIN:STANDARD", "BEGIN:DAYLIGHT"):
            told = dict(each.split(":", 1) for each in lines[n + 1 : n + 5])
            was, offset = (timedelta_of(told[f"TZOFFSET{way}"]) for way in ("FROM", "TO"))
            at = datetime.strptime(told["DTSTART"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) - was
            assert lines[n + 5] == line.replace("BEGIN", "END")
            found.append((at, offset, line[6:]))
    return sorted(found)


def timedelta_of(offset):
    return (1 if offset[0] == "+" else -1) * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))


@pytest.mark.parametrize("name", ZONES)
def test_the_zone_says_the_clock_of_every_hour_of_its_years(name):
    zone = ZoneInfo(name)
    lines = zone_lines(zone, 2025, 2027)
    assert (lines[0], lines[1], lines[-1]) == ("BEGIN:VTIMEZONE", f"TZID:{name}", "END:VTIMEZONE")
    told, at = stands(lines), datetime(2025, 1, 1, tzinfo=zone).astimezone(UTC)
    while at.astimezone(zone).year < 2028:
        offset = next(offset for begins, offset, _ in reversed(told) if begins <= at)
        assert offset == at.astimezone(zone).utcoffset(), at
        at += timedelta(minutes=30)
    assert len(told) == len({begins for begins, _, _ in told})


def test_summer_time_of_the_clinics_zone():
    lines = zone_lines(CHICAGO, 2026, 2026)
    assert [kind for _, _, kind in stands(lines)] == ["STANDARD", "DAYLIGHT", "STANDARD"]
    summer = lines.index("BEGIN:DAYLIGHT")
    assert lines[summer + 1 : summer + 5] == (
        "DTSTART:20260308T020000",
        "TZOFFSETFROM:-0600",
        "TZOFFSETTO:-0500",
        "TZNAME:CDT",
    )


def test_without_any_event_the_zone_is_there_and_with_some_it_covers_their_years():
    lines = unfolded(calendar("Work", [], AT, 60, CHICAGO))
    assert "BEGIN:VTIMEZONE" in lines and lines.count("BEGIN:STANDARD") == 2
    later = datetime(2027, 7, 1, tzinfo=CHICAGO)
    lines = unfolded(calendar("Work", [Event("u", later, later, "Busy")], AT, 60, CHICAGO))
    assert "DTSTART:20270314T020000" in lines and lines.index("END:VTIMEZONE") < lines.index("BEGIN:VEVENT")


def test_times_are_utc_and_never_without_a_zone():
    assert utc(datetime(2026, 11, 1, 6, 0, tzinfo=UTC)) == "20261101T060000Z"
    with pytest.raises(ValueError, match="zone"):
        utc(datetime(2026, 11, 1, 6, 0))  # noqa: DTZ001
