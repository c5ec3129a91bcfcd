"""Calendars as RFC 5545 wants them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.timetable.ical import Event, calendar, escaped, folded, utc

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
    text = calendar("x", [Event("u", AT, AT, "A\r\nATTENDEE:mailto:x@y.z")], AT, 60)
    assert not any(line.startswith("ATTENDEE") for line in text.split("\r\n"))


def test_a_whole_calendar():
    event = Event("abc", AT, AT + timedelta(hours=3), "Appointment", "12 Elm St, Austin", 4)
    lines = unfolded(calendar("My appointments", [event], AT, 60))
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


def test_times_are_utc_and_never_without_a_zone():
    assert utc(datetime(2026, 11, 1, 6, 0, tzinfo=UTC)) == "20261101T060000Z"
    with pytest.raises(ValueError, match="zone"):
        utc(datetime(2026, 11, 1, 6, 0))  # noqa: DTZ001
