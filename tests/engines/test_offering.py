"""Offers against everything that could be tried, and the laws they keep."""

import json

import pytest

from middleground.engines.errors import BadLine
from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.offering import Timetable, Week, offer
from middleground.engines.timetabling.plan import SessionRow
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import client_part

from .small_weeks import Tried, small_clinic


def told(week: Week) -> tuple[object, ...]:
    sessions = [(s.kind, s.start, s.staff, s.room or "") for s in week.sessions]
    return week.vector, week.shape, list(week.groups), sessions


@pytest.mark.parametrize("block", range(8))
def test_the_weeks_are_those_that_trying_everything_finds(block: int) -> None:
    for seed in range(block * 5, block * 5 + 5):
        clinic = clinic_of(small_clinic(seed), "offer")
        timetable = Timetable(clinic)
        for newcomer in clinic.newcomers:
            found = [told(week) for week in timetable.weeks(newcomer, 5)]
            assert found == Tried(clinic, newcomer).best(5), seed


@pytest.mark.parametrize("who", [("c0", "n0"), ("n0", "c0")])
def test_a_pair_with_the_id_of_a_client_and_a_clinician_means_what_the_rules_say(who: tuple[str, str]) -> None:
    """Its first is the client; its second is both."""
    told_apart = set()
    for seed in range(12):
        data = json.loads(json.dumps(small_clinic(seed)).replace('"st0"', '"c0"'))
        for where in ("group", "site"):
            clinic = clinic_of(data | {"apart": [{"who": who, "where": where}]}, "offer")
            newcomer = clinic.newcomers[0]
            found = [told(week) for week in Timetable(clinic).weeks(newcomer)]
            assert found == Tried(clinic, newcomer).best(5), seed
            told_apart.add(found == [told(week) for week in Timetable(clinic_of(data, "offer")).weeks(newcomer)])
    assert told_apart == {True, False}


@pytest.mark.parametrize("seed", range(200, 260))
def test_an_offered_week_stands_when_booked(seed: int) -> None:
    clinic = clinic_of(small_clinic(seed, newcomers=3), "offer")
    for newcomer, offered in zip(clinic.newcomers, offer(clinic), strict=True):
        tried = Tried(clinic, newcomer)
        for week in Timetable(clinic).weeks(newcomer, clinic.count):
            rows = [row for row in tried.plan.groups if row.id in week.groups]
            held = [SessionRow(newcomer.id, s.kind, s.start, s.staff, s.room) for s in week.sessions]
            plan = tried.laid([*rows, *held], week.counselor)
            assert faults(tried.clinic, plan) == []
            made = bookings(tried.clinic, plan)
            own = client_part(newcomer, made.of(newcomer.id), made.counselor[newcomer.id])
            assert own.vector() == week.vector
        assert offered["client"] == newcomer.id


def test_offers_tell_nothing_of_those_who_are_in_the_groups() -> None:
    for seed in range(40):
        data = small_clinic(seed, newcomers=2)
        told = json.dumps(offer(clinic_of(data, "offer")))
        assert not any(f'"{row["id"]}"' in told for row in data["clients"])
        renamed = json.loads(json.dumps(data).replace('"c0"', '"z9"').replace('"c1"', '"a0"'))
        assert told == json.dumps(offer(clinic_of(renamed, "offer")))


def test_no_timetable_no_offers() -> None:
    data = {key: value for key, value in small_clinic(1).items() if key != "current"}
    with pytest.raises(BadLine) as raised:
        offer(clinic_of(data, "offer"))
    assert raised.value.code == "bad-current"
