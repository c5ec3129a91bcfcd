"""Weekly times and lengths in words."""

import pytest

from middleground.faces.ui import offered
from middleground.timetable import words
from middleground.timetable.plan_words import listed


@pytest.mark.parametrize("minutes, said", [(0, "0 min"), (45, "45 min"), (180, "3 h"), (560, "9 h 20 min")])
def test_lengths(minutes, said):
    assert words.length(minutes) == said


@pytest.mark.parametrize(
    "at, said",
    [
        ("thu 17:30-21:00", "Thursday 5:30 to 9:00 pm"),
        ("mon 11:00-13:00", "Monday 11:00 am to 1:00 pm"),
        ("sun 00:00-24:00", "Sunday 12:00 am to midnight"),
        ("fri 12:00-12:30", "Friday 12:00 to 12:30 pm"),
    ],
)
def test_stretches(at, said):
    assert words.stretch(at) == said


def test_a_wait_of_less_than_an_hour_has_no_hours():
    assert [offered.length(minutes) for minutes in (15, 60, 560)] == ["15 min", "1 hour", "9 h 20 min"]


def test_names_end_a_sentence_with_one_full_stop():
    assert listed(["Wren A.", "Lark B."]) == "Lark B., Wren A."
    assert listed(["somebody"]) == "somebody."
