"""Repairs by those who are touched and from below: what they find and what they claim of levels 1 to 4."""

import json
from threading import Event, Timer
from typing import Any

import pytest
from hypothesis import given

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.planning import LEVELS, Limits, Solved, repairing, solve, solving
from middleground.engines.timetabling.planning.budget import Budget
from middleground.engines.timetabling.planning.improving import Improving
from middleground.engines.timetabling.planning.mending import mended
from middleground.engines.timetabling.planning.must import musts
from middleground.engines.timetabling.planning.possible import Possible
from middleground.engines.timetabling.planning.proving import Proofs
from middleground.engines.timetabling.planning.repairing import repaired
from middleground.engines.timetabling.planning.solving import answer, first_plan
from middleground.engines.timetabling.planning.touched import Touched, put_back
from middleground.engines.timetabling.rules import faults

from .by_hand import a_clinic, client, group, hour, planned
from .clinics import broken_weeks, leaving_weeks
from .rulebook import Row
from .test_prices import tight_week
from .test_truth import best, examples
from .trying import Tried


def repair(data: Row, limits: Limits, truth: Any = None) -> Solved | None:
    """Levels 1 to 4 only; None where what has happened contradicts the rules. `truth`: the best vector there is."""
    possible, budget = Possible(clinic_of(data)), Budget(limits)
    needed = musts(possible)
    start = first_plan(possible, needed, budget)
    if start is None:
        return None
    proofs = Proofs(possible.clinic, limits.order)
    work = Improving(possible, start, needed, budget)
    repaired(work, proofs)
    for before, bound in proofs.known["changes"] if truth else ():
        if all(truth[LEVELS.index(name)] <= value for name, value in before.items()):
            assert bound <= truth[3], json.dumps(data)
    found = answer(work, proofs, budget, 0.0)
    assert faults(possible.clinic, found.plan) == [], json.dumps(data)
    return found


@pytest.mark.parametrize("limits", [Limits(seconds=4), Limits(seconds=60, work=5.0)], ids=["time", "work"])
def test_a_repair_has_the_fewest_changes_of_all_and_claims_no_bound_too_high(limits: Limits) -> None:
    @examples(6)
    @given(broken_weeks | leaving_weeks)
    def hold(data: Row) -> None:
        truth = best(Tried(data))
        found = repair(data, limits, truth and truth[0])
        assert (truth is None) == (found is None), json.dumps(data)
        if found is not None:
            assert found.objective[:4] == truth[0][:4], json.dumps(data)
            assert all(level.bound <= value for level, value in zip(found.levels, truth[0], strict=True)), json.dumps(
                data
            )

    hold()


DAYS = ("mon 09:00-10:00", "tue 09:00-10:00", "wed 09:00-10:00")


def one_hour_each(*days: tuple[str, ...]) -> Row:
    """Everybody sees Ana on the first of their days, in force; then she is away on Monday."""
    people = [client(f"c{i}", at, prescribed=60, sessions=[hour()]) for i, at in enumerate(days)]
    rows = [
        {"client": f"c{i}", "kind": "individual", "start": at[0].split("-")[0], "staff": "ana", "room": "office"}
        for i, at in enumerate(days)
    ]
    away = {"event": "staff-off", "staff": "ana", "at": "mon 00:00-24:00"}
    current = {"groups": [], "sessions": rows}
    return a_clinic(clients=people) | {"question": "repair", "now": "mon 00:00", "current": current, "events": [away]}


def test_what_was_changed_for_nothing_is_put_back_and_what_was_gained_stays() -> None:
    """Two have each other's hour, the third has the one hour that is left instead of Monday's."""
    data = one_hour_each((DAYS[1], DAYS[2]), (DAYS[2], DAYS[1]), (DAYS[0], "wed 10:00-11:00"))
    rows = [dict(row) for row in data["current"]["sessions"]]
    for row, start in zip(rows, ("wed 09:00", "tue 09:00", "wed 10:00"), strict=True):
        row["start"] = start
    possible = Possible(clinic_of(data))
    work = Improving(possible, plan_of({"groups": [], "sessions": rows}), musts(possible), Budget(Limits(seconds=10)))
    assert work.vector[:4] == (0, 0, 0, 15)
    put_back(work, 1.0)
    assert work.vector[:4] == (0, 0, 0, 5)
    assert [row.start // 1440 for row in work.plan.sessions] == [1, 2, 2]


def test_somebody_whom_nothing_touches_makes_room() -> None:
    data = one_hour_each(DAYS[:2], DAYS[1:])
    for limits in (Limits(seconds=20), Limits(seconds=60, work=10.0)):
        found = repair(data, limits)
        assert found is not None and found.objective[:4] == (0, 0, 0, 10)
        assert all(level.proved for level in found.levels[:4])
        assert {row.client: row.start // 1440 for row in found.plan.sessions} == {"c0": 1, "c1": 2}


def test_others_go_to_groups_that_run_to_make_room() -> None:
    """The first one's group is lost: there is a seat once the second goes where the third sits, and the third to the fourth."""
    at = ("mon 09:00", "tue 09:00", "wed 09:00", "wed 11:00")
    groups = [group(f"g{i}", start, max=1 if i < 3 else 2) for i, start in enumerate(at)]
    free = [f"{start}-{int(start[4:6]) + 1}:00" for start in at]
    people = [client(f"c{i}", tuple(free[i : i + 2]), prescribed=60) for i in range(4)]
    row = {"room": "hall", "lead": "ana", "co": None}
    rows = [row | {"id": f"g{i}", "start": start, "members": [f"c{i}"]} for i, start in enumerate(at)]
    away = {"event": "staff-off", "staff": "ana", "at": "mon 00:00-24:00"}
    data = a_clinic(groups=groups, clients=people, current={"groups": rows, "sessions": []})
    data |= {"question": "repair", "now": "mon 00:00", "events": [away]}
    possible, budget = Possible(clinic_of(data)), Budget(Limits(seconds=30))
    needed = musts(possible)
    start = first_plan(possible, needed, budget)
    assert start is not None
    work = Improving(possible, start, needed, budget)
    touched = Touched(work, Proofs(possible.clinic, LEVELS))
    for _ in range(2):
        assert touched.people == {"c0"}
        near = touched.near()
        touched.taken(near, touched.look(near, 1.0, alone=True))
    assert work.vector[:4] == (0, 0, 0, 15)


def test_what_nobody_can_give_back_is_proved_too() -> None:
    """Two people for one hour: it is best not to move the one who has it."""
    found = repair(one_hour_each(DAYS[:2], DAYS[1:2]), Limits(seconds=20))
    assert found is not None and found.objective[:4] == (0, 60, 1, 4)
    assert all(level.proved for level in found.levels[:4])


def test_the_fewest_changes_first_move_nobody_else() -> None:
    found = repair(one_hour_each(DAYS[:2], DAYS[1:]), Limits(seconds=20, changes_first=True))
    assert found is not None and found.objective[:4] == (0, 60, 1, 4)


def test_a_week_too_large_to_be_searched_as_a_whole_is_repaired_around_those_touched(monkeypatch) -> None:
    monkeypatch.setattr(repairing, "SEARCHED", 0)
    found = repair(one_hour_each(DAYS, DAYS[1:]), Limits(seconds=20))
    assert found is not None and found.objective[:4] == (0, 0, 0, 5)


def test_what_has_happened_and_could_not_have_is_no_plan() -> None:
    """Ana is said to have been away when she saw somebody: nothing keeps the past as it was (H17)."""
    data = one_hour_each(DAYS[:2]) | {"now": "mon 12:00"}
    found = solve(clinic_of(data), Limits(seconds=20))
    assert found.status == "infeasible"
    assert found.reasons == [{"rule": "H17", "where": "/current/sessions/0"}]


def test_a_day_that_gets_too_short_takes_nobody_else_with_it() -> None:
    """Somebody leaves, a group with them; who is left in it has too little that day and loses the day. The others stay."""
    groups = [group("g0", "mon 09:00"), group("g1", "mon 10:00", min=2)]
    people = [client("c0", day={"min": 120, "max": 1440}), client("c1")]
    rows = [
        {"id": "g0", "start": "mon 09:00", "room": "hall", "lead": "ana", "co": None, "members": ["c0", "c1"]},
        {"id": "g1", "start": "mon 10:00", "room": "hall", "lead": "ana", "co": None, "members": ["c0"]},
    ]
    clinic = clinic_of(a_clinic(groups=groups, clients=people, current={"groups": rows, "sessions": []}))
    plan = mended(Possible(clinic))
    assert plan is not None and [(row.id, row.members) for row in plan.groups] == [("g0", ("c1",))]


def test_the_next_week_gives_a_free_seat_to_who_comes_new_and_moves_nobody(monkeypatch) -> None:
    monkeypatch.setattr(solving, "TINY", 0)
    monkeypatch.setattr(solving, "SMALL", 0)
    groups = [group(f"g{i}", f"{day} 09:00", f"{day} 11:00") for i, day in enumerate(("mon", "tue", "wed"))]
    people = [client(f"c{i}", prescribed=180) for i in range(4)]
    members = ["c0", "c1", "c2"]
    rows = [
        {"id": each["id"], "start": each["starts"][1], "room": "hall", "lead": "ana", "co": None, "members": members}
        for each in groups
    ]
    data = a_clinic(groups=groups, clients=people, current={"groups": rows, "sessions": []})
    found = solve(clinic_of(data), Limits(seconds=1))
    assert found.objective[:4] == (0, 0, 0, 0)
    assert {(row.start, len(row.members)) for row in found.plan.groups} == {(m * 1440 + 660, 4) for m in range(3)}


@pytest.mark.parametrize("after", [0.0, 0.05, 0.2, 0.5])
def test_an_interrupted_repair_has_an_answer(after: float, monkeypatch) -> None:
    monkeypatch.setattr(solving, "TINY", 0)
    data = tight_week(1)
    _, found = planned(data, work=1.0)
    away = {"event": "staff-off", "staff": data["staff"][0]["id"], "at": "tue 00:00-24:00"}
    data |= {"current": found.plan.rows(), "question": "repair", "now": "tue 00:00", "events": [away]}
    clinic, stop = clinic_of(data), Event()
    timer = Timer(after, stop.set)
    timer.start()
    mended_week = solve(clinic, Limits(seconds=20), stop=stop)
    timer.cancel()
    assert faults(clinic, mended_week.plan) == [] and mended_week.stopped in {"interrupt", "proved"}
