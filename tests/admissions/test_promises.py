"""Promise clocks: pure, at the boundaries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from middleground.admissions.models import Inquiry
from middleground.admissions.promises import clock, is_soon, next_promise, span

ASKED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def inquiry(**facts) -> Inquiry:
    return Inquiry(received_at=ASKED, **facts)


def states(found: Inquiry, now: datetime) -> dict[str, str]:
    return {p.id: p.state for p in clock(found, now)}


def test_a_new_inquiry_runs_the_first_call_and_the_assessment():
    assert states(inquiry(), ASKED) == {"first-call": "running", "assessment": "running"}


def test_a_promise_is_broken_only_after_its_last_minute():
    assert states(inquiry(), ASKED + timedelta(hours=24))["first-call"] == "running"
    assert states(inquiry(), ASKED + timedelta(hours=24, seconds=1))["first-call"] == "broken"


def test_a_late_call_stays_a_broken_promise_and_says_by_how_much():
    late = inquiry(first_called_at=ASKED + timedelta(hours=27))
    first = clock(late, ASKED + timedelta(days=9))[0]
    assert (first.state, first.words, first.is_open) == ("broken", "First call: done 3 h late", False)


def test_the_first_session_starts_with_the_assessment():
    seen = inquiry(first_called_at=ASKED, assessed_at=ASKED + timedelta(hours=20))
    assert states(seen, ASKED + timedelta(hours=21)) == {
        "first-call": "kept",
        "assessment": "kept",
        "first-session": "running",
    }
    assert next_promise(seen, ASKED + timedelta(hours=21)).due == ASKED + timedelta(hours=68)


def test_a_step_down_clock_starts_on_the_day_of_transfer():
    waits = inquiry(first_called_at=ASKED, transfer_on=date(2026, 3, 20))
    assert states(waits, ASKED + timedelta(days=10)) == {"first-call": "kept", "assessment": "running"}


@pytest.mark.parametrize("status", ["lost", "referred-out"])
def test_a_closed_inquiry_owes_nothing(status):
    assert clock(inquiry(status=status), ASKED + timedelta(days=3)) == []


def test_after_admission_only_the_first_session_is_owed():
    admitted = inquiry(status="admitted", first_called_at=ASKED, assessed_at=ASKED + timedelta(hours=5))
    assert next_promise(admitted, ASKED + timedelta(hours=6)).id == "first-session"


def test_soon_is_the_last_hours():
    first = clock(inquiry(), ASKED + timedelta(hours=19))[0]
    assert is_soon(first, ASKED + timedelta(hours=19))
    assert not is_soon(first, ASKED + timedelta(hours=10))


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "0 min"), (59, "59 min"), (60, "1 h"), (47 * 60, "47 h"), (48 * 60, "2 days")]
)
def test_spans_in_words(minutes, words):
    assert span(timedelta(minutes=minutes)) == words
