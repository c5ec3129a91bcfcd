"""Offers against everything that could be tried, and the laws they keep."""

import pytest

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.offering import Timetable, Week

from .small_weeks import Tried, small_clinic


def told(week: Week) -> tuple[object, ...]:
    sessions = [(s.kind, s.start, s.staff, s.room or "") for s in week.sessions]
    return week.vector, week.shape, list(week.groups), sessions


@pytest.mark.parametrize("block", range(10))
def test_the_weeks_are_those_that_trying_everything_finds(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        clinic = clinic_of(small_clinic(seed), "offer")
        timetable = Timetable(clinic)
        for newcomer in clinic.newcomers:
            found = [told(week) for week in timetable.weeks(newcomer, 5)]
            assert found == Tried(clinic, newcomer).best(5), seed
