"""The groups that run, as a small clinic whose timetable is frozen, and one client as a newcomer who asks for groups only."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from middleground.engines.knowing import load
from middleground.engines.timetabling.clinic import Client, Clinic, Group, Site, Staff, joined
from middleground.engines.timetabling.plan import GroupRow, Plan
from middleground.engines.timetabling.times import CELL, DAY, WEEK, interval

from .running import Running

SOMEONE = "someone"  # the weeks of groups ask nothing of clinicians: one stands for all


class Payer(NamedTuple):
    """What makes a week billable, as minutes and days; never mixed with what is prescribed."""

    minutes: int
    days: int


def telehealth_max(week: int, booked: int = 0) -> int:
    """How many minutes somebody may have by telehealth, of `week` minutes they can have at all: what the clinic says
    (knowledge/timetabling/clinic), never fewer than they have `booked` now."""
    most: int | None = load("timetabling")["clinic"]["client"].get("telehealth_max")
    return max(booked, week if most is None else min(most, week))


class Held(NamedTuple):
    """Something a client has now in a usual week."""

    day: int
    minutes: int
    telehealth: bool


def week_limits(prescribed: int, days: Mapping[int, int]) -> dict[str, Any]:
    """How long a week and a day may be, and on how many days: what the clinic says (knowledge/timetabling/clinic), never less than
    is prescribed or held now. `days`: minutes by day. As a client's row has it."""
    rule = load("timetabling")["clinic"]["client"]
    return {
        "max_week": max(rule["max_week"], prescribed, sum(days.values())),
        "days_max": max(rule["days_max"], len(days)),
        "day": {"min": rule["day"]["min"], "max": max([rule["day"]["max"], *days.values()])},
    }


def newcomer(
    intervals: Sequence[Mapping[str, Any]],
    travel: Mapping[str, int],
    language: str,
    prescribed: int,
    payer: Payer,
    busy: Iterable[str] = (),
    populations: Iterable[str] = (),
    groups: Iterable[Held] = (),
    talks: Iterable[Held] = (),
) -> Client:
    """Somebody who asks for a week of groups. `intervals`: [{"at": "mon 18:00-21:15", "cost": 0..3}]; `payer`: what it asks for.

    `travel`: minutes to each site by its id, one not in it is out of reach. `groups`, `talks`: what they have now; talks stay.
    Raises `BadLine` ("bad-time").
    """
    now, stay = list(groups), list(talks)
    days = Counter[int]()
    for each in now:
        days[each.day] += each.minutes
    limits, beside = week_limits(prescribed, days), sum(each.minutes for each in stay)
    remote, remote_talks = ([e.minutes for e in held if e.telehealth] for held in (now, stay))
    times = [(*interval(each["at"]), each.get("cost", 0)) for each in intervals]
    return Client(
        id="newcomer",
        languages=frozenset({language}),
        tags=frozenset(populations),
        counselor=SOMEONE,
        travel=travel,
        telehealth_max=telehealth_max(WEEK, sum(remote) + sum(remote_talks)) - sum(remote_talks),
        free=joined((start, end) for start, end, _ in times),
        costs=tuple(times),
        busy=tuple(interval(each) for each in busy),
        prescribed=prescribed,
        payer_minutes=payer.minutes,
        payer_days=payer.days,
        max_week=max(sum(days.values()), prescribed, limits["max_week"] - beside),
        days_max=limits["days_max"],
        day_least=limits["day"]["min"],
        day_most=limits["day"]["max"],
        mix=(),
        sessions=(),
        done=frozenset(),
    )


def running_clinic(groups: Sequence[Running]) -> Clinic:
    """The groups that run as a timetable in force: each with the seats that are left, nobody in it."""
    whole_week, ranked = ((0, WEEK),), tracks_count(groups)
    sites = {str(each.site_id) for each in groups}
    return Clinic(
        id="running",
        question="offer",
        step=CELL,
        sites={site: Site(site, whole_week) for site in sorted(sites)},
        legs={},
        rooms={},
        staff={SOMEONE: nobody_in_particular()},
        groups={str(each.id): group_row(each, ranked) for each in groups},
        clients={},
        apart=(),
        pins=(),
        current=Plan(tuple(GroupRow(str(g.id), g.start, None, SOMEONE, None, ()) for g in groups)),
        now=None,
    )


def tracks_count(groups: Iterable[Running]) -> bool:
    """Whether so few tracks run that weeks of one track can be put before mixed ones (knowledge/timetabling/pages)."""
    most: int = load("timetabling")["pages"]["offers"]["tracks"]
    return len({each.series for each in groups if each.series}) <= most


def group_row(each: Running, tracks: bool) -> Group:
    """A client's own seat is free for them."""
    seats = each.left + each.own
    return Group(
        id=str(each.id),
        series=each.series if tracks and each.series else None,
        kind=each.sort,
        minutes=each.minutes,
        starts=(each.start,),
        place=each.place,
        least=0,
        most=seats,
        co_above=seats,
        credentials=frozenset(),
        language=each.language,
        only=each.only,
    )


def nobody_in_particular() -> Staff:
    nothing: frozenset[str] = frozenset()
    return Staff(SOMEONE, nothing, nothing, nothing, {}, (), 0, 0, 1, DAY, 0)
