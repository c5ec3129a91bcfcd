"""What keeps somebody out of a running group, and the one change that helps most, without a solver where none is needed."""

from dataclasses import replace
from typing import Any

import pytest

from middleground.engines.timetabling.clinic import Clinic, Pair, clinic_of
from middleground.engines.timetabling.offering import Timetable
from middleground.engines.timetabling.reasons import Best, helps_most, left_out, reasons, why_words

from .small_weeks import small_clinic

DAYS = ("mon", "tue", "wed", "thu", "fri")


def group(name: str, start: str, **facts: Any) -> dict[str, Any]:
    told = {
        "kind": "process",
        "minutes": 170,
        "place": "north",
        "min": 1,
        "max": 3,
        "co_above": 3,
        "credentials": [],
        "language": "en",
    } | facts
    return {"id": name, "starts": [start], **told}


EVENINGS = [group("m", "mon 18:00"), group("w", "wed 18:00"), group("t", "thu 18:00")]


def client(*free: str, **facts: Any) -> dict[str, Any]:
    told = {
        "languages": ["en"],
        "counselor": "lee",
        "travel": {"north": 30},
        "telehealth_max": 900,
        "prescribed": 510,
        "payer": {"minutes": 360, "days": 3},
        "max_week": 1140,
        "days_max": 5,
        "day": {"min": 0, "max": 300},
        "mix": [],
        "sessions": [],
    } | facts
    return {"id": "dana", "free": [{"at": at} for at in free], **told}


def clinic(groups: list[dict[str, Any]], asks: dict[str, Any], members: dict[str, list[str]] | None = None) -> Clinic:
    open_all = [f"{day} 08:00-22:00" for day in DAYS]
    others = [client(*open_all) | {"id": name} for name in ("ash", "elm", "oak")]
    rows = [
        {
            "id": g["id"],
            "start": g["starts"][0],
            "room": None,
            "lead": "lee",
            "co": None,
            "members": (members or {}).get(g["id"], []),
        }
        for g in groups
    ]
    lee = {
        "id": "lee",
        "leads": ["process", "individual"],
        "credentials": [],
        "languages": ["en"],
        "works": [],
        "max_day": 480,
        "max_week": 2400,
        "caseload": 20,
        "break": {"every": 240, "minutes": 15},
    }
    data = {
        "id": "small",
        "sites": [{"id": site, "open": open_all} for site in ("north", "south")],
        "rooms": [],
        "staff": [lee],
        "groups": groups,
        "clients": [*others, asks],
        "current": {"groups": rows},
    }
    return clinic_of(data, "explain")


def why(
    groups: list[dict[str, Any]], person: dict[str, Any], week: tuple[str, ...] = (), **told: Any
) -> dict[str, str]:
    made = clinic(groups, person, **told)
    return {each.group: each.why for each in left_out(made, made.clients["dana"], week)}


EVERY = client("mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00", done=["education/sleep"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"language": "es"}, "language"),
        ({"only": ["women"]}, "population"),
        ({"place": "south"}, "travel"),
        ({"starts": ["tue 18:00"]}, "not-free"),
        ({"kind": "education/sleep"}, "topic"),
        ({"max": 0}, "full"),
    ],
)
def test_what_stands_in_the_way_is_named(changes: dict[str, Any], reason: str) -> None:
    other = {**EVENINGS[0], "id": "x", **changes}
    assert why([*EVENINGS[1:], other], EVERY, ("t", "w")) == {"x": reason}
    assert why_words(reason) and why_words(reason, "es")


def test_travel_counts_before_and_after() -> None:
    late = client("mon 17:45-22:00", "wed 17:30-21:30", "thu 17:30-21:15")
    assert why(EVENINGS, late, ("w",)) == {"m": "travel", "t": "travel"}
    assert why([{**EVENINGS[0], "place": "telehealth"}], late) == {"m": "limit"}  # nothing keeps them out of it


def test_a_commitment_is_time_that_is_not_free() -> None:
    dosing = {
        **EVERY,
        "busy": [{"at": "mon 17:00-17:45", "what": "dosing"}, {"at": "wed 19:00-19:30", "what": "court"}],
    }
    assert why(EVENINGS, dosing, ("t",)) == {"m": "travel", "w": "not-free"}


def test_groups_at_one_time_a_topic_twice_and_a_way_too_long_are_told_apart() -> None:
    near = group("x", "mon 18:30", minutes=60)
    assert why([*EVENINGS, near], EVERY, ("m", "t", "w")) == {"x": "clash"}
    sleep = [{**each, "kind": "education/rest"} for each in EVENINGS[:2]]
    assert why(sleep, EVERY, ("m",)) == {"w": "topic"}
    far = group("x", "mon 21:00", minutes=60, place="south")
    both = client("mon 08:00-23:00", travel={"north": 0, "south": 0})
    assert why([EVENINGS[0], far], both, ("m",)) == {"x": "clash"}


def test_a_group_with_somebody_they_are_kept_apart_from_looks_full() -> None:
    made = clinic(EVENINGS, EVERY, {"m": ["ash"]})
    apart = replace(made, apart=(Pair("ash", "dana", True),))
    near = [*EVENINGS, group("x", "mon 21:00", minutes=25)]
    assert [each.why for each in left_out(apart, apart.clients["dana"], ("t", "w"))] == ["full"]
    made = replace(clinic(near, EVERY, {"m": ["ash"]}), apart=(Pair("dana", "ash", True),))
    assert {each.why for each in left_out(made, made.clients["dana"], ("t", "w"))} == {"full"}


def test_the_one_change_is_the_best_of_all_the_reasons() -> None:
    for seed in range(12):
        made = clinic_of(small_clinic(seed), "explain")
        one = made.newcomers[0]
        told = reasons(made, one, 2000)
        assert helps_most(made, one, 2000) == told.best


def test_a_place_or_a_day_is_the_change_that_helps_and_none_when_all_is_reached() -> None:
    made = clinic(EVENINGS, EVERY, {"w": ["ash", "elm", "oak"]})
    assert helps_most(made, made.clients["dana"], 510) == Best("place:w", 510)
    made = clinic(EVENINGS, client("mon 17:00-22:00", "wed 17:00-22:00"))
    assert helps_most(made, made.clients["dana"], 510) == Best("free:thu", 510)
    made = clinic(EVENINGS, EVERY)
    assert helps_most(made, made.clients["dana"], 510) is None


def test_whatever_is_in_no_offered_week_has_a_reason() -> None:
    for seed in range(30):
        made = clinic_of(small_clinic(seed), "offer")
        one = made.newcomers[0]
        for week in Timetable(made).weeks(one, 3):
            told = {each.group for each in left_out(made, one, week.groups)}
            assert told == {row.id for row in made.current.groups} - set(week.groups)
