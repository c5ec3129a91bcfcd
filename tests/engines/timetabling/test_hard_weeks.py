"""Weeks with corners: closed offices, breaks over midnight, what has begun, pins, large numbers, interrupts."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy
import pytest

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Clinic, clinic_of
from middleground.engines.timetabling.plan import Plan
from middleground.engines.timetabling.planning import Limits, Solved, improving, solve, solving
from middleground.engines.timetabling.planning import columns as columns_module
from middleground.engines.timetabling.planning.budget import Budget
from middleground.engines.timetabling.planning.cheapest_week import cheapest_week
from middleground.engines.timetabling.planning.columns import Columns
from middleground.engines.timetabling.planning.frame import around, whole
from middleground.engines.timetabling.planning.linear import ENDLESS
from middleground.engines.timetabling.planning.possible import Possible
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import minutes_of, vector

from .rulebook import Row

MORNINGS = ("mon 09:00-13:00", "tue 09:00-13:00", "wed 09:00-13:00")
NO_BREAK = {"every": 15, "minutes": 0}


def staff(key: str, at: tuple[str, ...] = MORNINGS, **more: Any) -> Row:
    works = [{"at": each, "site": "main"} for each in at]
    limits = {"max_day": 1440, "max_week": 10080, "caseload": 9, "break": NO_BREAK}
    return (
        {"id": key, "leads": ["individual", "process"], "credentials": [], "languages": ["en"], "works": works}
        | limits
        | more
    )


def group(key: str, *starts: str, minutes: int = 60, **more: Any) -> Row:
    size = {"min": 1, "max": 8, "co_above": 8}
    row = {"id": key, "kind": "process", "minutes": minutes, "starts": list(starts), "place": "main"}
    return row | size | {"credentials": [], "language": "en"} | more


def client(key: str, at: tuple[str, ...] = MORNINGS, **more: Any) -> Row:
    row: Row = {"id": key, "languages": ["en"], "counselor": "ana", "travel": {"main": 0}, "telehealth_max": 0}
    row |= {"free": [{"at": each} for each in at], "prescribed": 300, "payer": {"minutes": 0, "days": 0}}
    return row | {"max_week": 3000, "days_max": 7, "day": {"min": 0, "max": 1440}, "mix": [], "sessions": []} | more


def hour(count: int = 1) -> Row:
    return {"kind": "individual", "minutes": 60, "count": count, "required": True}


def a_clinic(**more: Any) -> Row:
    rooms = [
        {"id": "hall", "site": "main", "kind": "group", "seats": 8},
        {"id": "office", "site": "main", "kind": "office", "seats": 2},
    ]
    sites = [{"id": "main", "open": list(more.pop("open", MORNINGS))}]
    row: Row = {"format": "middleground-timetable/1", "id": "t", "step": 15, "sites": sites, "rooms": rooms}
    return row | {"staff": [staff("ana")], "groups": [], "clients": []} | more


def planned(data: Row, **limits: Any) -> tuple[Clinic, Solved]:
    """A plan that keeps the rules and is worth what it says."""
    clinic = clinic_of(data)
    found = solve(clinic, Limits(**({"seconds": 20, "work": 5.0} | limits)))
    assert faults(clinic, found.plan) == []
    assert vector(clinic, found.plan) == found.objective
    return clinic, found


@pytest.fixture
def without_a_last_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans are looked through before they are taken. Here they aren't: the models themselves keep the rules."""
    monkeypatch.setattr(improving, "rules", SimpleNamespace(faults=lambda clinic, plan: []))


@pytest.mark.usefixtures("without_a_last_look")
@pytest.mark.parametrize("limits", [{"work": None, "seconds": 0.0}, {}], ids=["at once", "with time"])
def test_nobody_is_put_into_a_closed_office(limits: Row) -> None:
    rooms = [
        {"id": "first", "site": "main", "kind": "office", "seats": 2, "closed": [MORNINGS[0]]},
        {"id": "second", "site": "main", "kind": "office", "seats": 2},
        {"id": "hall", "site": "main", "kind": "group", "seats": 8},
    ]
    people = [client(f"c{i}", MORNINGS[:1], sessions=[hour()]) for i in range(2)]
    groups = [group("g", "mon 09:00")]
    _, found = planned(
        a_clinic(rooms=rooms, staff=[staff("ana"), staff("ben")], groups=groups, clients=people), **limits
    )
    assert {row.room for row in found.plan.sessions} <= {"second"}


@pytest.mark.usefixtures("without_a_last_look")
@pytest.mark.parametrize("week", [120, 10080])
def test_whoever_leads_what_has_begun_sees_nobody_else_then(week: int) -> None:
    groups = [group("past", "mon 09:00", minutes=90, series="s"), group("next", "mon 11:00", "tue 09:00", series="s")]
    people = [client(f"c{i}", sessions=[hour()] if i else []) for i in range(3)]
    rows = [{"id": "past", "start": "mon 09:00", "room": "hall", "lead": "ana", "co": None, "members": ["c0", "c1"]}]
    data = a_clinic(staff=[staff("ana", max_week=week)], groups=groups, clients=people)
    joins = {"event": "client-joins", "client": client("n", ("mon 09:30-11:00",), prescribed=60, sessions=[hour()])}
    data |= {"question": "repair", "now": "mon 09:30", "current": {"groups": rows, "sessions": []}, "events": [joins]}
    _, found = planned(data)
    assert found.status == "optimal" and found.objective[1:3] == (60, 1)


@pytest.mark.usefixtures("without_a_last_look")
def test_a_break_reaches_over_midnight() -> None:
    days = ("mon 00:00-24:00", "tue 00:00-24:00")
    nights = staff("ana", days, **{"break": {"every": 240, "minutes": 60}})
    groups = [group("late", "mon 22:00", minutes=120), group("early", "tue 00:00", minutes=120)]
    data = a_clinic(open=days, step=60, staff=[nights], groups=groups, clients=[client("c", days)])
    _, found = planned(data)
    assert found.status == "optimal" and found.objective[1] == 180


@pytest.mark.usefixtures("without_a_last_look")
def test_a_stretch_for_breaks_is_rounded_up_to_quarter_hours() -> None:
    busy = staff("ana", **{"break": {"every": 100, "minutes": 10}})
    starts = [f"mon {hour_:02}:{minute:02}" for hour_ in range(9, 12) for minute in (0, 15, 30, 45)]
    groups = [group(f"g{i}", *starts, minutes=45) for i in range(3)]
    _, found = planned(a_clinic(staff=[busy], groups=groups, clients=[client("c", MORNINGS[:1])]))
    assert found.status == "optimal"


@pytest.mark.usefixtures("without_a_last_look")
def test_a_clinician_whose_break_is_longer_than_its_stretch_holds_nothing_and_spoils_nothing() -> None:
    never = staff("never", **{"break": {"every": 30, "minutes": 60}})
    groups = [group("g", "mon 09:00", "tue 09:00"), group("h", "mon 11:00")]
    data = a_clinic(staff=[staff("ana"), never], groups=groups, clients=[client("c", MORNINGS[:2], sessions=[hour()])])
    for pins in ([], [{"id": "g"}]):
        _, found = planned(data | {"pins": pins})
        assert found.status == "optimal" and found.objective[:3] == (0, 120, 0)


def test_no_limit_to_a_week_costs_no_time() -> None:
    groups = [group(f"g{i}", f"{day} 09:00", minutes=41 + i) for i, day in enumerate(("mon", "tue", "wed"))]
    endless = client("c", max_week=1_000_000, payer={"minutes": 100, "days": 2})
    _, found = planned(a_clinic(groups=groups, clients=[endless]), work=2.0)
    assert found.status == "optimal" and found.objective[:2] == (0, 300 - 126)


def test_huge_prescriptions_of_some_claim_nothing_about_the_payers_rule_of_others() -> None:
    hopeless = [client(f"x{i}", (), prescribed=1_000_000, payer={"minutes": 1, "days": 1}) for i in range(4)]
    lacking = client("l", mix=[{"kind": f"education/{i}", "min": 1000} for i in range(9)])
    data = a_clinic(
        groups=[group("g", "mon 09:00")], clients=[*hopeless, lacking, client("c", payer={"minutes": 60, "days": 1})]
    )
    _, found = planned(data, seconds=60)
    assert found.objective[0] == 4 and found.levels[0].bound <= 4
    assert found.objective[:3] == (4, 4_000_000 + 480, 9000)


def test_one_pin_in_a_large_week_finds_a_plan_in_time() -> None:
    from bench.timetabling.measuring import instance

    data = instance("open-060") | {"pins": [{"id": "g001"}]}
    clinic = clinic_of(data)
    found = solve(clinic, Limits(seconds=60, work=4))
    assert found.status != "infeasible" and faults(clinic, found.plan) == []


def test_stopped_while_a_model_is_built_the_best_plan_so_far_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from bench.timetabling.measuring import instance

    from middleground.engines.timetabling.planning.improving import Improving

    stop, build = threading.Event(), Improving.modelled

    def modelled(self: Improving, frame: Any) -> Any:
        if frame.bare:
            stop.set()
        return build(self, frame)

    monkeypatch.setattr(Improving, "modelled", modelled)
    clinic = clinic_of(instance("open-024"))
    found = solve(clinic, Limits(seconds=20), stop=stop)
    assert found.stopped == "interrupt" and faults(clinic, found.plan) == [] and found.plan != Plan()


def test_stopped_in_the_middle_of_a_search_the_answer_comes_soon() -> None:
    from bench.timetabling.measuring import instance

    stop, answered = threading.Event(), threading.Event()
    clinic = clinic_of(instance("open-060-tight"))

    def work() -> None:
        assert faults(clinic, solve(clinic, Limits(seconds=600), stop=stop).plan) == []
        answered.set()

    threading.Thread(target=work, daemon=True).start()
    assert not answered.wait(4)
    stop.set()
    assert answered.wait(30)


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
    columns = Columns(possible, Budget(Limits(seconds=60)), whole(possible))
    assert columns.begin(found.plan, (1.0, 0.0, 0.0))
    for i in range(3):
        limits = [float(value) for value in found.objective[:i]] + [ENDLESS] * (3 - i)
        columns.ask([float(i == k) for k in range(3)], limits)
        columns.search(1.0)
        assert columns.bound <= found.objective[i]
        assert columns.value == pytest.approx(columns.bound, abs=0.1)
        assert columns.value <= found.objective[i] + 0.1
    assert capfd.readouterr().out == "", "answers are written there"


@pytest.mark.parametrize("seed", range(4))
def test_who_has_too_many_weeks_to_look_at_is_left_out_of_the_prices(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their seats cost the others nothing, so a bound without them still holds; and they are planned all the same."""
    clinic, best = planned(tight_week(seed), seconds=60, work=20.0)
    asked = columns_module.cheapest_week
    monkeypatch.setattr(columns_module, "cheapest_week", lambda p, c: None if c.id in {"c0", "c3"} else asked(p, c))
    monkeypatch.setattr(solving, "TINY", 0)
    possible = Possible(clinic)
    columns = Columns(possible, Budget(Limits(seconds=60)), whole(possible))
    assert columns.begin(best.plan, (1.0, 0.0, 0.0))
    columns.search(1.0)
    assert columns.solved and columns.bound <= best.objective[0]
    clinic, found = planned(tight_week(seed), seconds=60, work=20.0)
    assert found.objective[:3] == best.objective[:3]


def test_prices_of_a_district_leave_standing_what_stands() -> None:
    """The others keep their seats: what can be had beside them is no less than the best of all, and is worth the plan."""
    clinic, best = planned(tight_week(1), seconds=60, work=20.0)
    possible = Possible(clinic)
    frame = around(possible, best.plan, {"c1", "c2", "c4"}, [row.id for row in best.plan.groups])
    columns = Columns(possible, Budget(Limits(seconds=60)), frame)
    assert columns.begin(best.plan, (0.0, 1.0, 0.0))
    columns.search(1.0)
    own = sum(max(0, 240 - minutes_of(bookings(clinic, best.plan).of(c))) for c in frame.clients)
    assert columns.bound <= own and columns.value <= own + 0.1


def test_a_district_in_which_nothing_can_be_had_has_prices_too() -> None:
    """Whoever leads is taken by the others, so that no seat and no session of these clients is left to look at."""
    people = [client("c0", sessions=[hour()]), client("c1", sessions=[hour()])]
    data = a_clinic(step=60, groups=[group("g", "mon 09:00", min=2)], clients=people, open=("mon 09:00-10:00",))
    clinic, found = planned(data, seconds=20, work=5.0)
    possible = Possible(clinic)
    columns = Columns(possible, Budget(Limits(seconds=20)), around(possible, found.plan, set()))
    assert columns.begin(found.plan, (1.0, 1.0, 1.0))
    columns.search(1.0)
    assert columns.bound <= 0 and columns.wanted(20.0) == {}
