"""Prices of what is shared, the cheapest weeks at them, and the parts in which large weeks are planned."""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from middleground.engines.timetabling.clinic import Clinic, clinic_of
from middleground.engines.timetabling.planning import Limits, solving
from middleground.engines.timetabling.planning import columns as columns_module
from middleground.engines.timetabling.planning.beginning import begun
from middleground.engines.timetabling.planning.budget import Budget
from middleground.engines.timetabling.planning.cheapest_week import cheapest_week
from middleground.engines.timetabling.planning.columns import Columns
from middleground.engines.timetabling.planning.guided import columns_of, settle
from middleground.engines.timetabling.planning.improving import Improving
from middleground.engines.timetabling.planning.linear import ENDLESS
from middleground.engines.timetabling.planning.part_by_part import parts_of
from middleground.engines.timetabling.planning.possible import Possible

from .by_hand import MORNINGS, a_clinic, client, group, hour, planned, staff
from .rulebook import Row


def all_weeks(clinic: Clinic, possible: Possible, key: str) -> list[tuple[int, ...]]:
    """Every set of bookings that this client alone could have, as places in their list."""
    visits = possible.visits[key]
    found: list[tuple[int, ...]] = []

    def grow(chosen: tuple[int, ...], at: int) -> None:
        if alone_sound(clinic, key, [visits[i] for i in chosen]):
            found.append(chosen)
        for i in range(at, len(visits)):
            free = all(apart(clinic, key, visits[i], visits[j]) for j in chosen)
            if free and within_reach(clinic, key, [visits[j] for j in (*chosen, i)]):
                grow((*chosen, i), i + 1)

    grow((), 0)
    return found


def apart(clinic: Clinic, key: str, one: Any, two: Any) -> bool:
    way = clinic.between(clinic.clients[key], one.place, two.place) if one.place != two.place else 0
    return bool(one.end + way <= two.start or two.end + way <= one.start)


def within_reach(clinic: Clinic, key: str, visits: list[Any]) -> bool:
    """What more bookings never mend."""
    who, days = clinic.clients[key], {v.day for v in visits}
    sessions = all(sum(v.group is None and v.kind == w.kind for v in visits) <= w.count for w in who.sessions)
    return (
        sessions
        and len(days) <= who.days_max
        and all(sum(v.minutes for v in visits if v.day == d) <= who.day_most for d in days)
    )


def alone_sound(clinic: Clinic, key: str, visits: list[Any]) -> bool:
    who = clinic.clients[key]
    groups = [v for v in visits if v.group is not None]
    topics = [v.kind for v in groups if "/" in v.kind]
    days = {v.day for v in visits}
    by_day = [sum(v.minutes for v in visits if v.day == day) for day in days]
    return (
        len({v.group for v in groups}) == len(groups)
        and len(set(topics)) == len(topics)
        and sum(by_day) <= who.max_week
        and len(days) <= who.days_max
        and all(who.day_least <= minutes <= who.day_most for minutes in by_day)
        and sum(v.minutes for v in visits if v.place == "telehealth") <= who.telehealth_max
        and all(sum(v.group is None and v.kind == w.kind for v in visits) <= w.count for w in who.sessions)
        and all(
            m.most is None or sum(v.kind == m.kind or v.kind.startswith(f"{m.kind}/") for v in groups) <= m.most
            for m in who.mix
        )
    )


def levels_of(clinic: Clinic, key: str, visits: list[Any]) -> tuple[int, int, int]:
    who = clinic.clients[key]
    minutes, groups = sum(v.minutes for v in visits), [v for v in visits if v.group is not None]
    below = minutes < who.payer_minutes or len({v.day for v in visits}) < who.payer_days
    lacking = sum(
        max(0, m.least - sum(v.kind == m.kind or v.kind.startswith(f"{m.kind}/") for v in groups)) for m in who.mix
    )
    lacking += sum(
        max(0, w.count - sum(v.group is None and v.kind == w.kind for v in visits)) for w in who.sessions if w.required
    )
    return int(below), max(0, who.prescribed - minutes), lacking


def open_week() -> Row:
    """One client with a choice of groups that come on several days, topics, telehealth and two kinds of sessions."""
    kinds = ("process", "education/sleep", "education/food", "education/sleep")
    starts = (("mon 09:00", "tue 09:00"), ("mon 10:00", "wed 09:00"), ("tue 10:00",), ("tue 11:30", "wed 11:00"))
    groups = [group(f"g{i}", *at, kind=kind) for i, (kind, at) in enumerate(zip(kinds, starts, strict=True))]
    groups.append(group("far", "mon 11:30", place="telehealth"))
    family = {"kind": "family", "minutes": 45, "count": 1, "required": False}
    mix: list[Row] = [{"kind": "education", "min": 1}, {"kind": "process", "min": 1, "max": 1}]
    who = client(
        "c",
        mix=mix,
        sessions=[hour(), family],
        telehealth_max=60,
        days_max=2,
        day={"min": 90, "max": 200},
        payer={"minutes": 200, "days": 2},
    )
    people = staff("ana", leads=["individual", "family", "process", "education"])
    return a_clinic(step=90, staff=[people], groups=groups, clients=[who])


@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_week_is_the_cheapest_of_all(seed: int) -> None:
    clinic = clinic_of(open_week())
    possible = Possible(clinic)
    week, visits = cheapest_week(possible, clinic.clients["c"]), possible.visits["c"]
    assert week is not None
    draw = numpy.random.default_rng(seed)
    prices = draw.integers(-90, 30, len(visits)).astype(float)
    weights = draw.integers(0, 200, 3)
    worth: Callable[[tuple[int, ...]], float] = lambda chosen: float(  # noqa: E731
        prices[list(chosen)].sum() + numpy.dot(weights, levels_of(clinic, "c", [visits[i] for i in chosen]))
    )
    cost, booked = week.at(prices, weights @ week.levels, 10_000)
    assert booked is not None and alone_sound(clinic, "c", [visits[i] for i in booked])
    assert cost == pytest.approx(worth(booked))
    assert cost == pytest.approx(min(map(worth, all_weeks(clinic, possible, "c"))))


def tight_week(seed: int) -> Row:
    draw = numpy.random.default_rng(seed)
    hours = ("09:00", "10:00", "11:00", "12:00")
    days = ("mon", "tue", "wed")
    groups = [
        group(f"g{i}", *(f"{draw.choice(days)} {at}" for at in draw.choice(hours, 2, replace=False)), max=2, series="s")
        for i in range(5)
    ]
    people = [
        client(
            f"c{i}",
            tuple(draw.choice(MORNINGS, 2, replace=False)),
            prescribed=240,
            payer={"minutes": 180, "days": 2},
            sessions=[hour()],
        )
        for i in range(6)
    ]
    return a_clinic(step=60, groups=groups, clients=people)


@pytest.mark.parametrize("seed", range(4))
def test_prices_of_a_tight_week_claim_no_bound_above_a_plan(seed: int, capfd: pytest.CaptureFixture[str]) -> None:
    """What the linear program over whole weeks says of levels 1 to 3, beside plans that can be had."""
    clinic, found = planned(tight_week(seed), seconds=60, work=20.0)
    assert found.status == "optimal"
    possible = Possible(clinic)
    columns = Columns(possible, Budget(Limits(seconds=60)))
    assert columns.begin(found.plan, (1.0, 0.0, 0.0))
    for i in range(3):
        limits = [float(value) for value in found.objective[:i]] + [ENDLESS] * (3 - i)
        columns.ask([float(i == k) for k in range(3)], limits)
        columns.search(20.0)
        assert columns.bound <= found.objective[i]
        assert columns.value == pytest.approx(columns.bound, abs=0.5)
        assert columns.value <= found.objective[i] + 0.5
    assert capfd.readouterr().out == "", "answers are written there"


@pytest.mark.parametrize("seed", range(4))
def test_who_has_too_many_weeks_to_look_at_is_left_out_of_the_prices(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their seats cost the others nothing, so a bound without them still holds; and they are planned all the same."""
    clinic, best = planned(tight_week(seed), seconds=60, work=2.0)
    asked = columns_module.cheapest_week
    monkeypatch.setattr(columns_module, "cheapest_week", lambda p, c: None if c.id in {"c0", "c3"} else asked(p, c))
    monkeypatch.setattr(solving, "TINY", 0)
    possible = Possible(clinic)
    columns = Columns(possible, Budget(Limits(seconds=60)))
    assert columns.begin(best.plan, (1.0, 0.0, 0.0))
    columns.search(20.0)
    assert columns.solved and -1.0 <= columns.bound <= best.objective[0]
    clinic, found = planned(tight_week(seed), seconds=60, work=2.0)
    assert found.objective[:3] == best.objective[:3]


@pytest.mark.parametrize("seed", range(4))
def test_who_is_given_a_week_has_that_or_less_of_it_until_it_is_taken_back(seed: int) -> None:
    clinic = clinic_of(tight_week(seed))
    possible = Possible(clinic)
    columns = Columns(possible, Budget(Limits(seconds=60)))
    assert columns.begin(begun(possible), (0.0, 1.0, 0.0))
    columns.search(20.0)
    columns.begin_settling()
    before, beginning = columns.bound, columns.program.last
    first, second = (columns.surest()[i][1] for i in (-1, 0))
    columns.settle_week(first)
    given = columns.closed()
    columns.leave_out()
    columns.search(20.0)
    client = columns.clients[first].id
    weeks = [{columns.weeks[first].visits[i] for i in week} for week in columns.settled[first]]
    assert columns.bound >= before - 2.0
    assert any(columns.wanted(1e6)[client] == [v for v in possible.visits[client] if v in week] for week in weeks)
    columns.settle_week(second)
    columns.close(given)
    assert list(columns.settled) == [first]
    columns.unsettle()
    assert not columns.settled and not columns.barred.any() and columns.program.last is beginning
    assert all(columns.program.most[column] == 1.0 for known in columns.known for column in known.values())
    columns.search(20.0)
    assert columns.bound == pytest.approx(before, abs=2.0), "of minutes in hours"


def test_without_time_groups_get_the_starts_they_want_most_at_once() -> None:
    possible = Possible(clinic_of(tight_week(1)))
    columns = Columns(possible, Budget(Limits(seconds=60)))
    assert columns.begin(begun(possible), (0.0, 1.0, 0.0))
    columns.search(20.0)
    before, model, program = columns.bound, columns.model, columns.program
    wanted = {group: max(runs, key=runs.__getitem__) for group, runs in columns.starts().items()}
    assert any(len(runs) > 1 for runs in columns.starts().values())
    settle(columns, 0.0)
    for lits in (model.runs, model.leads, model.cos, model.rooms):
        can = {key[:2] for key, lit in lits.items() if program.most[columns.column[lit.index]]}
        assert can == {key[:2] for key in lits} & set(wanted.items())
    assert columns.value < ENDLESS and columns.starts().keys() == wanted.keys()
    columns.unsettle()
    assert all(program.most[columns.column[lit.index]] for lit in (*model.runs.values(), *model.rooms.values()))
    columns.search(40.0)
    assert columns.bound == pytest.approx(before, abs=2.0)


def test_a_week_in_which_nothing_can_be_had_needs_no_prices() -> None:
    """The only one who could see this client speaks another language."""
    for languages, none in ((["en"], True), (["es"], False)):
        people = [client("c0", languages=["es"], sessions=[hour()])]
        data = a_clinic(step=60, staff=[staff("ana", languages=languages)], clients=people, open=("mon 09:00-10:00",))
        possible, budget = Possible(clinic_of(data)), Budget(Limits(seconds=20))
        work = Improving(possible, begun(possible), (), budget)
        assert (columns_of(work) is None) is none


def test_whoever_has_few_seats_to_choose_from_is_planned_first() -> None:
    groups = [group(f"g{i}", *(f"{day} {9 + i % 4:02d}:00" for day in ("mon", "tue", "wed"))) for i in range(8)]
    people = [client(f"c{i}", MORNINGS[: 1 + i % 3]) for i in range(9)]
    parts = parts_of(Possible(clinic_of(a_clinic(step=60, groups=groups, clients=people))), 4)
    assert parts == [["c0", "c3", "c6"], ["c1", "c4", "c7"], ["c2", "c5", "c8"]]
