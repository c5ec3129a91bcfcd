"""Weeks of running groups for one person: what the engine is asked, what comes back, and that it comes at once."""

import time
from itertools import pairwise
from typing import Any

import pytest

from middleground.engines.outcomes import WeekRule
from middleground.timetable import advising, offering, previews
from middleground.timetable.offering import Need, Offers
from middleground.timetable.running import Running

NEED = Need(510, WeekRule(program_minutes=510, payer_minutes=360, payer_days=3))
EVENINGS = ("mon 17:00-22:00", "wed 17:00-22:00", "thu 17:00-22:00")
DAYS = ("mon", "tue", "wed", "thu", "fri")


def group(number: int, day: int, begins: int = 18 * 60, **facts: Any) -> Running:
    told = {
        "name": f"G{number}",
        "sort": "process",
        "minutes": 170,
        "site_id": 1,
        "site": "Main",
        "telehealth": False,
        "where": "Room",
        "leader": "Lee",
        "language": "en",
        "capacity": 8,
        "taken": 2,
        "series": "evening",
    } | facts
    return Running(id=number, day=day, begins=begins, **told)


TRACK = [group(10, 0), group(9, 2), group(11, 3)]


def asked(
    groups: list[Running],
    *times: str,
    travel: dict[str, int] | None = None,
    busy: tuple[str, ...] = (),
    need: Need = NEED,
    costs: dict[str, int] | None = None,
) -> Offers:
    free = [{"at": at, "cost": (costs or {}).get(at, 0)} for at in times]
    client = offering.asked(free, {"1": 30} if travel is None else travel, "en", need, busy)
    return offering.rank(client, groups, need, 5)


def ids(found: Offers, which: int = 0) -> list[int]:
    return [each.id for each in found.weeks[which].groups]


def test_groups_of_a_week_stand_in_the_order_of_the_week() -> None:
    found = asked(TRACK, *EVENINGS)
    assert ids(found) == [10, 9, 11]
    assert (found.weeks[0].minutes, found.weeks[0].days, found.weeks[0].reaches) == (510, 3, True)
    assert (found.obstacles, found.advice) == ((), "")


def test_one_seat_would_help_more_than_any_hour() -> None:
    full = [*TRACK[:2], group(11, 3, taken=8)]
    found = asked(full, *EVENINGS)
    assert found.obstacles == ("G11, Thursday 6:00 pm: no place left.",)
    assert found.advice == "A place in G11, Thursday 6:00 pm would help most: the week would then have 8 h 30 min."
    assert ids(asked([*TRACK[:2], group(11, 3, taken=8, own=True)], *EVENINGS)) == [10, 9, 11]


def test_a_way_that_is_too_long_and_an_appointment_in_the_way_are_said() -> None:
    far = [*TRACK[:2], group(11, 3, site_id=2, site="Riverside")]
    assert asked(far, *EVENINGS).advice == (
        "A quick way to Riverside would help most: the week would then have 8 h 30 min."
    )
    taken = asked(TRACK, *EVENINGS, busy=("thu 19:00-20:00",))
    assert taken.obstacles == ("G11, Thursday 6:00 pm: not free then.",)
    assert taken.advice.startswith("Moving the commitment Thursday 19:00-20:00 would help most")


def test_the_days_the_payer_asks_for_are_looked_for_when_the_minutes_are_there() -> None:
    long = [group(1, 0, minutes=300), group(2, 2, minutes=300), group(3, 4, minutes=60)]
    found = asked(long, "mon 17:00-24:00", "wed 17:00-24:00")
    assert found.weeks[0].reaches and not found.weeks[0].vector[1]
    assert found.advice == "Being free Friday 5:30 to 7:30 pm would help most: the week would then have 11 h."


def test_too_little_time_to_look_is_said_and_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = asked([group(1, 0)], *EVENINGS)
    monkeypatch.setattr(advising, "PATIENCE", 0.0)
    assert found.advice == "What would help most was not found in time."


def test_nothing_alone_helps_is_said_plainly() -> None:
    found = asked([], *EVENINGS)
    assert (found.weeks, found.obstacles) == ((), ())
    assert found.advice.startswith("No single change would help")


def test_one_track_comes_before_hours_that_are_liked() -> None:
    day = [group(n, n, 600, series="day") for n in range(3)]
    times = ("mon 09:00-14:00", "tue 09:00-14:00", "wed 09:00-14:00", "wed 17:00-22:00")
    found = asked([*day, group(7, 2, series="late")], *times, costs={"wed 09:00-14:00": 3})
    assert (ids(found), ids(found, 1)) == ([0, 1, 2], [0, 1, 7])
    assert found.weeks[0].better[-1] == "No waiting between groups" and "Groups of 2 tracks" in found.weeks[1].worse


def test_groups_of_two_sites_are_not_joined_on_one_day() -> None:
    two = [group(1, 0, 540, minutes=90), group(2, 0, 840, minutes=90, site_id=2)]
    assert len(ids(asked(two, "mon 08:00-20:00", travel={"1": 15, "2": 15}))) == 1


def test_no_week_is_longer_than_the_clinic_lets_a_week_be() -> None:
    """At most five days and five hours a day (knowledge/timetabling/clinic); what they have now goes on."""
    daily = [group(n, n, 540, minutes=60) for n in range(6)]
    assert asked(daily, *(f"{day} 08:00-12:00" for day in (*DAYS, "sat"))).weeks[0].days == 5
    long = [group(1, 0, 540, minutes=200), group(2, 0, 780, minutes=200)]
    assert len(ids(asked(long, "mon 08:00-18:00"))) == 1
    now = [{"at": "mon 08:00-18:00", "cost": 0}]
    client = offering.asked(now, {"1": 30}, "en", NEED, (), now=long)
    assert ids(offering.rank(client, long, NEED, 5)) == [1, 2]


def test_a_group_at_an_odd_minute_holds_the_quarter_hour_it_begins_in() -> None:
    assert ids(asked([group(1, 0, 18 * 60 + 10, minutes=60)], "mon 18:00-19:00", travel={"1": 0})) == [1]


def sixty(series: int, each: int) -> list[Running]:
    hours = (540, 660, 810, 930, 1080, 1185)
    return [
        group(
            s * each + n,
            (s + n) % 5,
            hours[(s * 3 + n) % 6],
            minutes=85,
            series=f"s{s}",
            site_id=s % 2 + 1,
            telehealth=s % 3 == 2,
        )
        for s in range(series)
        for n in range(each)
    ]


@pytest.mark.parametrize(("series", "each"), [(60, 1), (30, 2), (20, 3), (15, 4), (10, 6), (6, 10), (1, 60)])
@pytest.mark.parametrize("prescribed", [540, 1140])
def test_sixty_groups_are_answered_at_once(series: int, each: int, prescribed: int) -> None:
    need = Need(prescribed, NEED.rule)
    begun = time.process_time()
    found = asked(sixty(series, each), *(f"{day} 08:00-22:00" for day in DAYS), travel={"1": 20, "2": 45}, need=need)
    assert time.process_time() - begun < 1.5  # seconds of a slow, busy machine
    assert len(found.weeks) == 5
    assert all(a.vector <= b.vector for a, b in pairwise(found.weeks))


def test_a_quarter_hour_between_groups_is_waiting_to_staff_and_to_the_client() -> None:
    groups = [group(1, 0, 17 * 60 + 30, minutes=85), group(2, 0, 19 * 60 + 15, minutes=85)]
    found = asked(groups, "mon 17:00-22:00", need=Need(170, WeekRule(program_minutes=170)))
    told = previews._told(found.weeks, (), found.need)
    assert told.weeks[0].waiting == offering.waiting(found.weeks[0].groups) == 15
