"""Offers against everything that could be tried, and the laws they keep."""

import json
import time
from itertools import product
from threading import Event

import pytest

from middleground.engines.errors import BadLine
from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Clinic, clinic_of
from middleground.engines.timetabling.offering import Timetable, Week, looking, offer
from middleground.engines.timetabling.offering.holding import first_choice
from middleground.engines.timetabling.plan import SessionRow
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.until import Until
from middleground.engines.timetabling.worth import client_part

from .open_weeks import open_clinic
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
            stands(tried, week)
        assert offered["client"] == newcomer.id


def stands(tried: Tried, week: Week) -> None:
    newcomer = tried.newcomer
    rows = [row for row in tried.plan.groups if row.id in week.groups]
    held = [SessionRow(newcomer.id, s.kind, s.start, s.staff, s.room) for s in week.sessions]
    plan = tried.laid([*rows, *held], week.counselor)
    assert faults(tried.clinic, plan) == []
    made = bookings(tried.clinic, plan)
    own = client_part(newcomer, made.of(newcomer.id), made.counselor[newcomer.id])
    assert own.vector() == week.vector


def within(clinic: Clinic, until: Until) -> list[Week]:
    """The weeks of the one newcomer, asked under a limit; each stands, in order, no shape twice."""
    newcomer = clinic.newcomers[0]
    weeks = Timetable(clinic).weeks(newcomer, clinic.count, until)
    tried = Tried(clinic, newcomer)
    for week in weeks:
        stands(tried, week)
    assert weeks == sorted(weeks, key=lambda week: (week.vector, week.shape))
    assert len({week.shape for week in weeks}) == len(weeks) <= clinic.count
    return weeks


def test_open_hours_and_many_sessions_have_good_weeks_within_the_limit() -> None:
    """As much of the prescription as the sessions hold: no week is better in levels 1 to 3."""
    began = time.monotonic()
    until = Until(began + 2.0)
    weeks = within(clinic_of(open_clinic(3, 3), "offer"), until)
    assert time.monotonic() - began < 2.0 * 1.1 + 1
    assert until.late
    assert [week.vector[:3] for week in weeks] == [(0, 60, 0)] * 5


def test_asked_to_stop_the_weeks_found_so_far_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stop, likely = Event(), looking.likely

    def then_stop(*asked: object) -> None:
        likely(*asked)  # type: ignore[arg-type]
        stop.set()

    monkeypatch.setattr(looking, "likely", then_stop)
    until = Until(stop=stop)
    weeks = within(clinic_of(open_clinic(3, 3), "offer"), until)
    assert until.late and len(weeks) == 5


def test_no_time_no_weeks_and_the_answer_has_its_form() -> None:
    clinic = clinic_of(small_clinic(1, newcomers=2), "offer")
    until = Until(time.monotonic())
    assert offer(clinic, until) == [{"client": each.id, "weeks": []} for each in clinic.newcomers]
    assert until.late


@pytest.mark.parametrize("seed", range(40))
def test_a_first_look_offers_nothing_that_does_not_stand_and_nothing_better_than_the_best(seed: int) -> None:
    clinic = clinic_of(small_clinic(seed), "offer")
    newcomer, timetable = clinic.newcomers[0], Timetable(clinic)
    best = timetable.weeks(newcomer)
    asking = looking.Newcomer(timetable.frozen, newcomer)
    for wide in looking.WIDTHS:
        found: looking.Found = {}
        looking.likely(asking, 5, Until(), wide, found)
        for week in found.values():
            stands(Tried(clinic, newcomer), week)
        assert not best or all(best[0].vector <= week.vector for week in found.values())


def test_too_many_ways_to_keep_give_the_same_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(60):
        clinic = clinic_of(small_clinic(seed), "offer")
        newcomer = clinic.newcomers[0]
        weeks = Timetable(clinic).weeks(newcomer)
        with monkeypatch.context() as little:
            little.setattr("middleground.engines.timetabling.offering.days.MOST_WAYS", 1)
            assert Timetable(clinic).weeks(newcomer) == weeks, seed


def test_a_bound_too_dear_is_left_and_the_weeks_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(60):
        clinic = clinic_of(small_clinic(seed), "offer")
        newcomer = clinic.newcomers[0]
        monkeypatch.setattr(looking.Days, "most_steps", 0)
        weeks = Timetable(clinic).weeks(newcomer)
        monkeypatch.setattr(looking.Days, "most_steps", 5_000_000)
        assert Timetable(clinic).weeks(newcomer) == weeks, seed


@pytest.mark.parametrize("counselors", [(), ("a",), ("a", "c"), ("d",)])
def test_who_holds_the_sessions_is_the_first_of_all_choices(counselors: tuple[str, ...]) -> None:
    """`bears`: nobody holds two sessions next to each other, and b only one."""
    able = [["a", "b", "c"], ["a", "b"], ["a", "c"], ["b", "c"]]

    def bears(chosen: tuple[str, ...]) -> bool:
        return chosen.count("b") < 2 and not any(x == y != "" for x, y in zip(chosen, chosen[1:], strict=False))

    every = [chosen for chosen in product(*able) if bears(chosen)]
    strange = {chosen: 4 - max((chosen.count(c) for c in counselors), default=0) for chosen in every}
    assert first_choice(able, counselors, bears) == min((strange[chosen], chosen) for chosen in every)
    assert first_choice([["a"], ["a"]], counselors, bears) is None


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
