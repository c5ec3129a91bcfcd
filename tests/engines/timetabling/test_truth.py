"""On very small clinics the engine's plan is worth exactly what the best of all plans is worth, and its rules agree."""

import json
import os
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.planning import Limits, Solved, part_by_part, solve, solving
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import vector

from .clinics import broken_weeks, clinics, leaving_weeks, pinned_clinics, running_clinics
from .rulebook import Row
from .trying import TooMany, Tried

MORE = int(os.environ.get("TIMETABLE_EXAMPLES", "1"))  # how many times as many clinics to try
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much, HealthCheck.large_base_example]


def examples(count: int) -> Any:
    phases = (Phase.explicit, Phase.generate)  # a seed made smaller makes no smaller clinic
    return settings(
        max_examples=count * MORE, derandomize=MORE == 1, deadline=None, suppress_health_check=SLOW, phases=phases
    )


def solved(data: Row, **more: Any) -> Solved:
    return solve(clinic_of(data), Limits(seconds=60, work=30.0, seed=1, workers=1, **more))


def best(tried: Tried, **more: Any) -> Any:
    try:
        return tried.best(**more)
    except TooMany:
        assume(False)


def is_the_best(data: Row) -> None:
    truth = best(Tried(data))
    found, clinic = solved(data), clinic_of(data)
    said = json.dumps(data)
    if truth is None:
        assert found.status == "infeasible", said
        return
    assert faults(clinic, found.plan) == [], said
    assert vector(clinic, found.plan) == found.objective, said
    assert found.objective == truth[0], said
    assert found.status == "optimal" and all(level.proved for level in found.levels), said


@examples(8)
@given(clinics)
def test_a_week_from_nothing_is_the_best_of_all(data: Row) -> None:
    is_the_best(data)


WAYS = {
    "guided": {"TINY": 0},
    "as a whole": {"TINY": 0, "BY_PRICES": 0},
    "large, guided": {"TINY": 0, "SMALL": 0},
    "part by part": {"TINY": 0, "SMALL": 0, "BY_PRICES": 0},
}


@pytest.mark.parametrize("sizes", WAYS.values(), ids=WAYS)
def test_the_ways_of_larger_weeks_keep_the_rules_and_claim_no_bound_too_high(sizes: dict[str, int]) -> None:
    """Sizes from which a week is searched as a whole or part by part, lowered so that very small clinics go that way."""

    @examples(8)
    @given(clinics)
    def hold(data: Row) -> None:
        truth = best(Tried(data))
        clinic = clinic_of(data)
        found = solve(clinic, Limits(seconds=1, seed=1))
        assert faults(clinic, found.plan) == [], json.dumps(data)
        assert vector(clinic, found.plan) == found.objective >= truth[0], json.dumps(data)
        for i, level in enumerate(found.levels):
            if found.objective[:i] == truth[0][:i]:
                assert level.bound <= truth[0][i], json.dumps(data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_by_part, "PART", 2)
        for name, value in sizes.items():
            patch.setattr(solving, name, value)
        hold()


@examples(5)
@given(running_clinics)
def test_the_next_week_is_the_best_of_all(data: Row) -> None:
    is_the_best(data)


@examples(6)
@given(broken_weeks)
def test_a_repaired_week_is_the_best_of_all(data: Row) -> None:
    is_the_best(data)


@examples(3)
@given(leaving_weeks)
def test_the_week_after_somebody_leaves_is_the_best_of_all(data: Row) -> None:
    is_the_best(data)


@examples(6)
@given(pinned_clinics)
def test_a_pinned_week_is_the_best_of_all_or_says_which_pins_contradict(data: Row) -> None:
    is_the_best(data)
    if (reasons := solved(data).reasons) or best(Tried(data)) is None:
        pins = [data["pins"][int(each["where"].removeprefix("/pins/"))] for each in reasons]
        assert pins and best(Tried(data | {"pins": pins})) is None, json.dumps(data)
        for i in range(len(pins)):
            assert best(Tried(data | {"pins": pins[:i] + pins[i + 1 :]})) is not None, json.dumps(data)


@examples(2)
@given(broken_weeks)
def test_a_repair_with_the_fewest_changes_first_is_the_best_of_all(data: Row) -> None:
    truth = best(Tried(data), order=(3, 0, 1, 2, 4, 5, 6, 7))
    found = solved(data, changes_first=True)
    if truth is None:
        assert found.status == "infeasible", json.dumps(data)
        return
    assert (found.objective, found.status) == (truth[0], "optimal"), json.dumps(data)


@examples(16)
@given(clinics | running_clinics | broken_weeks | pinned_clinics)
def test_rules_and_worth_agree_on_every_plan(data: Row) -> None:
    tried, clinic = Tried(data), clinic_of(data)
    for plan in islice(tried.plans(), 60):
        chosen = tried.friendliest(plan)
        rows = plan_of(tried.answer(plan, chosen))
        assert faults(clinic, rows) == [], json.dumps([data, rows.rows()])
        assert vector(clinic, rows) == tried.worths.vector(plan, chosen), json.dumps([data, rows.rows()])


@examples(16)
@given(clinics | running_clinics | broken_weeks | pinned_clinics)
def test_rules_agree_on_plans_put_together_at_random(data: Row) -> None:
    tried, clinic = Tried(data), clinic_of(data)
    for turn in range(60):
        ways = [slot[(turn * 7 + i * 5) % len(slot)] for i, slot in enumerate(tried.slots)]
        plan = tuple(entry for way in ways for entry in way)
        chosen = tried.choices[turn % len(tried.choices)]
        rows = plan_of(tried.answer(plan, chosen))
        assert (faults(clinic, rows) == []) == tried.book.valid(plan, chosen), json.dumps([data, rows.rows()])


def test_too_many_plans_are_not_tried() -> None:
    from tests.engines import timetable_cases

    with pytest.raises(TooMany):
        list(Tried(timetable_cases.clinic(), most=100).plans())


def test_a_pinned_group_that_needs_nobody_may_run_with_nobody_in_it() -> None:
    leader = {
        "id": "st0",
        "leads": ["skills"],
        "credentials": [],
        "languages": ["en"],
        "works": [{"at": "mon 09:00-12:00", "site": "main"}],
        "max_day": 180,
        "max_week": 540,
        "caseload": 0,
        "break": {"every": 180, "minutes": 0},
    }
    limits = {"min": 0, "max": 2, "co_above": 2, "credentials": [], "language": "en"}
    group = {"id": "g0", "kind": "skills", "minutes": 85, "starts": ["mon 09:00"], "place": "telehealth"} | limits
    data = {"format": "middleground-timetable/1", "id": "tiny", "sites": [{"id": "main", "open": ["mon 09:00-12:00"]}]}
    is_the_best(data | {"rooms": [], "staff": [leader], "groups": [group], "clients": [], "pins": [{"id": "g0"}]})
