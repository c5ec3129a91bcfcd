"""Moments and stretches of a week, as they are written and as they are counted."""

import pytest

from middleground.engines.errors import BadLine
from middleground.engines.timetabling import interval, interval_text, moment, moment_text, occupied


@pytest.mark.parametrize("text", ["mon 00:00", "wed 18:15", "sun 23:45"])
def test_a_moment_reads_as_it_is_written(text: str) -> None:
    assert moment_text(moment(text)) == text


@pytest.mark.parametrize("text", ["mon 18:00-21:15", "sun 00:00-24:00"])
def test_an_interval_reads_as_it_is_written(text: str) -> None:
    assert interval_text(interval(text)) == text


@pytest.mark.parametrize("text", ["mon 18:05", "Mon 18:00", "mon 24:00", "mon 7:00", "day 10:00", "mon 10:75", ""])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(BadLine, match="quarter hour"):
        moment(text)


@pytest.mark.parametrize(
    "text", ["mon 18:00-18:00", "mon 19:00-18:00", "mon 18:00-24:15", "mon 18:00", "mon 18:00-tue 19:00"]
)
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(BadLine):
        interval(text)


def test_a_session_occupies_whole_quarter_hours() -> None:
    assert (occupied(85), occupied(50), occupied(60)) == (90, 60, 60)
