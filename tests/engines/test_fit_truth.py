"""The weeks that fit gives are exactly the best: compared with trying every set of groups."""

from itertools import chain, combinations, pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middleground.engines.timetabling import (
    TELEHEALTH,
    FitClient,
    FitGroup,
    Free,
    Payer,
    fit,
    interval,
    moment,
    occupied,
)
from middleground.engines.timetabling.joining import Calendar, Ways, seats
from middleground.engines.timetabling.search import Search

DAY = 24 * 60
BETWEEN = [("north", "south", 30)]
SPLIT = 8
NAMES = ("mon", "tue", "wed")

STARTS = st.builds("{} {:02d}:{:02d}".format, st.sampled_from(NAMES), st.integers(9, 13), st.sampled_from([0, 30]))
GROUPS = st.lists(st.builds(
    FitGroup, id=st.just(""), start=STARTS, minutes=st.sampled_from([45, 60, 85, 90]), seats_left=st.integers(0, 4),
    kind=st.sampled_from(["process", "process", "education/sleep", "education/hiv"]),
    language=st.sampled_from(["en", "en", "es"]), series=st.sampled_from(["a", "b", "c", None]),
    place=st.sampled_from(["north", "north", "south", "far", TELEHEALTH]),
    only=st.sampled_from([frozenset(), frozenset(), frozenset({"women"})])), max_size=8).map(
        lambda found: [msgspec.structs.replace(each, id=f"g{n}") for n, each in enumerate(found)])
FREE = st.lists(st.tuples(st.integers(8, 10), st.integers(11, 18), st.integers(0, 3), st.booleans()),
                min_size=3, max_size=3).map(
    lambda rows: [Free(f"{day} {a:02d}:00-{b:02d}:00", cost)
                  for day, (a, b, cost, on) in zip(NAMES, rows, strict=True) if on])
CLIENTS = st.builds(
    FitClient, free=FREE, languages=st.just(frozenset({"en"})), prescribed=st.integers(0, 500),
    travel=st.fixed_dictionaries({"north": st.integers(0, 40), "south": st.integers(0, 40)}),
    payer=st.builds(Payer, st.integers(0, 300), st.integers(0, 3)), days_max=st.integers(1, 3),
    day_max=st.sampled_from([100, 180, 400]), day_min=st.sampled_from([0, 0, 80]),
    max_week=st.sampled_from([200, 400, 900]),
    tags=st.sampled_from([frozenset(), frozenset({"women"})]), telehealth_max=st.sampled_from([None, 0, 100]),
    busy=st.sampled_from([(), ("mon 11:00-11:30",)]), done=st.sampled_from([frozenset(), frozenset({"education/hiv"})]))


def rich_clinic(chance: Random) -> tuple[FitClient, list[FitGroup]]:
    """A clinic in which nearly everything can be joined, so that the choice is hard."""
    groups = [FitGroup(
        id=f"g{n}", start=f"{chance.choice(NAMES)} {chance.randint(9, 14):02d}:{chance.choice(['00', '30'])}",
        seats_left=1, minutes=chance.choice([45, 60, 85, 90]), language="en", series=chance.choice(["a", "b", "c", "d", None]),
        kind=chance.choice(["process", "process", "process", "education/a", "education/b"]),
        place=chance.choice(["north", "north", "south", TELEHEALTH])) for n in range(chance.randint(6, 10))]
    free = [Free(f"{day} {chance.randint(8, 9):02d}:00-{chance.randint(14, 18)}:00", chance.randint(0, 2))
            for day in NAMES]
    return FitClient(
        free=free, languages=frozenset({"en"}), prescribed=chance.randint(100, 700), days_max=chance.randint(1, 3),
        travel={"north": chance.choice([0, 15, 40]), "south": chance.choice([0, 30])}, day_min=chance.choice([0, 80]),
        payer=Payer(chance.choice([0, 200]), chance.randint(0, 3)), day_max=chance.choice([180, 240, 400]),
        max_week=chance.choice([300, 500, 900]), telehealth_max=chance.choice([None, 100, 200])), groups


def span(group: FitGroup) -> tuple[int, int]:
    return moment(group.start), moment(group.start) + occupied(group.minutes)


def way(person: FitClient, a: str, b: str) -> int:
    if a == b:
        return 0
    if TELEHEALTH in (a, b):
        return person.travel.get(b if a == TELEHEALTH else a, 0)
    return 30 if {a, b} == {"north", "south"} else DAY


def may_join(person: FitClient, group: FitGroup) -> bool:
    margin = 0 if group.place == TELEHEALTH else person.travel.get(group.place)
    if margin is None or group.seats_left < 1 or group.language not in person.languages:
        return False
    if not group.only <= person.tags or group.kind in person.done:
        return False
    start, end = span(group)[0] - margin, span(group)[1] + margin
    inside = any(interval(each.at)[0] <= start and end <= interval(each.at)[1] for each in person.free)
    return inside and all(end <= interval(b)[0] or interval(b)[1] <= start for b in person.busy)


def by_day(groups) -> dict[int, list[FitGroup]]:
    days: dict[int, list[FitGroup]] = {}
    for each in sorted(groups, key=lambda each: span(each)):
        days.setdefault(moment(each.start) // DAY, []).append(each)
    return days


def valid(person: FitClient, groups) -> bool:
    topics = [each.kind for each in groups if "/" in each.kind]
    distant = sum(each.minutes for each in groups if each.place == TELEHEALTH)
    days = by_day(groups)
    apart = all(span(b)[0] - span(a)[1] >= way(person, a.place, b.place)
                for held in days.values() for a, b in combinations(held, 2))
    lengths = [sum(each.minutes for each in held) for held in days.values()]
    return (apart and len(topics) == len(set(topics)) and all(may_join(person, each) for each in groups)
            and all(person.day_min <= length <= person.day_max for length in lengths)
            and len(days) <= person.days_max and sum(lengths) <= person.max_week
            and (person.telehealth_max is None or distant <= person.telehealth_max))


def idle(held: list[FitGroup]) -> int:
    gap = (max(span(g)[1] for g in held) - span(held[0])[0] - sum(occupied(g.minutes) for g in held)) // 15
    return gap + (SPLIT if gap >= SPLIT else 0)


def vector(person: FitClient, groups) -> tuple[int, ...]:
    minutes, days = sum(each.minutes for each in groups), by_day(groups)
    cost = sum(free.cost * occupied(each.minutes) // 15 for each in groups for free in person.free
               if interval(free.at)[0] <= span(each)[0] < interval(free.at)[1])
    return (int(minutes < person.payer.minutes or len(days) < person.payer.days), max(0, person.prescribed - minutes),
            max(0, len({each.series for each in groups} - {None}) - 1), cost, sum(idle(held) for held in days.values()))


def shape(groups) -> tuple[tuple[int, int], ...]:
    return tuple((span(held[0])[0], max(span(g)[1] for g in held)) for _, held in sorted(by_day(groups).items()))


def tried_out(person: FitClient, groups: list[FitGroup], count: int) -> list[tuple]:
    best: dict[tuple, tuple] = {}
    for picked in chain.from_iterable(combinations(groups, n) for n in range(1, len(groups) + 1)):
        if valid(person, picked):
            key = shape(picked)
            best[key] = min(best.get(key, (99,)), vector(person, picked))
    return sorted((worth, key) for key, worth in best.items())[:count]


@settings(max_examples=200, deadline=None)
@given(CLIENTS, GROUPS, st.integers(1, 5))
def test_fit_equals_trying_everything(person, groups, count):
    by_id = {each.id: each for each in groups}
    weeks = fit(person, groups, count, between=BETWEEN)
    given_ = [[by_id[name] for name in week.groups] for week in weeks]
    shown = [(week.vector, shape(held)) for week, held in zip(weeks, given_, strict=True)]
    assert shown == tried_out(person, groups, count)
    for week, held in zip(weeks, given_, strict=True):
        assert valid(person, held)
        assert (week.vector, week.minutes) == (vector(person, held), sum(each.minutes for each in held))
        assert week.proved


@pytest.mark.parametrize("seed", range(12))
def test_fit_equals_trying_everything_where_nearly_all_can_be_joined(seed):
    chance = Random(seed)
    for _ in range(25):
        person, groups = rich_clinic(chance)
        count, by_id = chance.randint(1, 5), {each.id: each for each in groups}
        weeks = fit(person, groups, count, between=BETWEEN)
        shown = [(week.vector, shape([by_id[name] for name in week.groups])) for week in weeks]
        assert shown == tried_out(person, groups, count)


@pytest.mark.parametrize("seed", range(6))
def test_a_search_without_time_gives_valid_weeks_and_never_claims_proof_wrongly(seed):
    chance = Random(seed)
    for _ in range(10):
        person, groups = rich_clinic(chance)
        by_id = {each.id: each for each in groups}
        hurried = Search(person, seats(person, groups, Calendar(person)), Ways(person, BETWEEN), 3)
        hurried.limits = {"scout": 5, "day": 5, "all": 10}
        weeks = [(done[0], [by_id[name] for name in done[2]]) for done in hurried.best()]
        assert all(valid(person, held) and worth == vector(person, held) for worth, held in weeks)
        if hurried.proved:
            assert [(worth, shape(held)) for worth, held in weeks] == tried_out(person, groups, 3)


@settings(max_examples=150, deadline=None)
@given(CLIENTS, GROUPS)
def test_the_change_that_would_help_keeps_its_promise(person, groups):
    weeks = fit(person, groups, 1, between=BETWEEN)
    if weeks and weeks[0].missing and weeks[0].missing.change:
        change = weeks[0].missing.change
        freed = msgspec.structs.replace(person, free=[*person.free, Free(change.at)])
        then = fit(freed, groups, 1, between=BETWEEN)[0]
        assert then.vector[:2] < weeks[0].vector[:2]
        assert then.minutes >= min(change.reach, person.prescribed)


@settings(max_examples=100, deadline=None)
@given(CLIENTS, GROUPS, st.randoms(use_true_random=False))
def test_the_order_of_the_groups_means_nothing(person, groups, chance):
    shuffled = groups.copy()
    chance.shuffle(shuffled)
    assert fit(person, groups, between=BETWEEN) == fit(person, shuffled, between=BETWEEN)


@settings(max_examples=100, deadline=None)
@given(CLIENTS, GROUPS)
def test_a_group_less_is_never_better(person, groups):
    with_all = fit(person, groups, 1, between=BETWEEN)
    fewer = fit(person, groups[1:], 1, between=BETWEEN)
    assert not fewer or with_all[0].vector <= fewer[0].vector


def test_pairs_of_weeks_come_in_order():
    person = FitClient(free=[Free("mon 08:00-20:00")], languages=frozenset({"en"}), prescribed=90, travel={"north": 0})
    hours = [FitGroup(id=f"g{n}", kind="process", minutes=60, start=f"mon {n:02d}:00", place="north", seats_left=1,
                      language="en") for n in range(9, 13)]
    assert all(a.vector <= b.vector for a, b in pairwise(fit(person, hours)))
