"""Laws of the planner that need no brute force: what must not change the answer, and what must not make it worse."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from middleground.engines.timetabling.answering import plan_answer
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.planning import Limits, Progress, solve

from .clinics import broken_weeks, clinics, in_full, running_clinics
from .rulebook import DAYS, Row
from .test_truth import examples, solved
from .trying import Tried

LONG = ("sites", "rooms", "staff", "groups", "clients", "apart")
seeds = st.integers(0, 2**16)


# ------------------------------------------------------------ more is never worse
def another_free_hour(data: Row, rnd: Random) -> None:
    client = rnd.choice(data["clients"])
    day = rnd.choice(data["sites"][0]["open"])[:3]
    client["free"].append({"at": f"{day} 12:30-13:30"})
    client["free"].append({"at": f"{day} 07:30-08:30"})


def a_bigger_room(data: Row, rnd: Random) -> None:
    rnd.choice(data["rooms"])["seats"] += 2


def a_further_start(data: Row, rnd: Random) -> None:
    if data["groups"]:
        day = rnd.choice(data["sites"][0]["open"])[:3]
        rnd.choice(data["groups"])["starts"].append(f"{day} 10:15")


def one_more_clinician(data: Row, rnd: Random) -> None:
    data["staff"].append(copy.deepcopy(rnd.choice(data["staff"])) | {"id": "more"})


def a_pair_less(data: Row, rnd: Random) -> None:
    data["apart"] = data["apart"][1:]


@pytest.mark.parametrize("add", [another_free_hour, a_bigger_room, a_further_start, one_more_clinician, a_pair_less])
@examples(3)
@given(data=clinics, seed=seeds)
def test_more_is_never_worse(add: Callable[[Row, Random], None], data: Row, seed: int) -> None:
    more = copy.deepcopy(data)
    add(more, Random(seed))
    before, after = solved(data), solved(more)
    assert before.status == after.status == "optimal", json.dumps([data, more])
    assert after.objective[:3] <= before.objective[:3], json.dumps([data, more])


# ------------------------------------------------------------ names mean nothing
def renamed(data: Row, rnd: Random) -> Row:
    """Other ids for everybody and everything, and every list in another order."""
    names = [row["id"] for key in LONG[:-1] for row in data[key]]
    fresh = {name: f"{rnd.randrange(10**6):06d}-{i}" for i, name in enumerate(names)}
    return {key: anew(value, fresh, rnd) for key, value in data.items()}


def anew(value: Any, names: dict[str, str], rnd: Random) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): anew(each, names, rnd) for key, each in value.items()}
    if isinstance(value, list):
        found = [anew(each, names, rnd) for each in value]
        rnd.shuffle(found)
        return found
    return names.get(value, value) if isinstance(value, str) else value


def kept_in_order(data: Row, changed: Row, keys: tuple[str, ...]) -> Row:
    return changed | {key: data[key] for key in keys if key in data}


@examples(5)
@given(clinics | running_clinics, seeds)
def test_names_and_the_order_of_lists_mean_nothing(data: Row, seed: int) -> None:
    other = renamed(data, Random(seed))
    assert solved(data).objective == solved(other).objective, json.dumps([data, other])


@examples(4)
@given(clinics | running_clinics)
def test_a_week_that_begins_a_day_later_is_worth_the_same(data: Row) -> None:
    later = json.loads(json.dumps(data))

    def shift(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shift(each) for key, each in value.items()}
        if isinstance(value, list):
            return [shift(each) for each in value]
        if isinstance(value, str) and value[:3] in DAYS and value[3:4] == " ":
            return DAYS[DAYS.index(value[:3]) + 1] + value[3:]
        return value

    assert solved(data).objective == solved(shift(later)).objective, json.dumps(data)


# ------------------------------------------------------------ repair, determinism, bounds
@examples(5)
@given(running_clinics)
def test_a_repair_without_events_changes_nothing(data: Row) -> None:
    tried = Tried(data)
    best = tried.best()
    assert best is not None
    in_force = in_full(data, best[1])
    found = solved(data | {"current": in_force, "question": "repair", "events": [], "now": "mon 00:00"})
    assert found.objective[3] == 0
    rows = found.plan.rows()
    assert (rows["groups"], rows["sessions"]) == (in_force["groups"], in_force["sessions"]), json.dumps(
        [data, in_force]
    )


@examples(4)
@given(clinics | broken_weeks)
def test_the_same_work_gives_the_same_bytes(data: Row) -> None:
    limits = Limits(seconds=60, work=2.0, seed=7, workers=2)
    answers = []
    for _ in range(2):
        clinic = clinic_of(data)
        answers.append(json.dumps(plan_answer(clinic, solve(clinic, limits), limits)))
    assert answers[0] == answers[1], json.dumps(data)


@examples(8)
@given(clinics | running_clinics | broken_weeks)
def test_no_bound_that_was_ever_told_is_above_the_best(data: Row) -> None:
    told: list[Progress] = []
    truth = Tried(data).best()
    found = solve(clinic_of(data), Limits(seconds=60, work=0.05, seed=3, workers=1), tell=told.append)
    if truth is None:
        assert found.status == "infeasible", json.dumps(data)
        return
    bounds = [(p.objective, p.bounds) for p in told] + [(found.objective, tuple(level.bound for level in found.levels))]
    for values, floors in bounds:
        assert tuple(values) >= truth[0], json.dumps(data)
        for i, floor in enumerate(floors):
            if tuple(values[:i]) == truth[0][:i]:
                assert floor <= truth[0][i], json.dumps([data, i, values, floors])
