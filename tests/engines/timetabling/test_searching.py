"""Where a search of the week begins, and what becomes of a plan it finds that brings together people who are kept apart."""

import pytest
from ortools.sat.python import cp_model

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import Plan
from middleground.engines.timetabling.planning import Limits
from middleground.engines.timetabling.planning.apart import broken
from middleground.engines.timetabling.planning.beginning import begun
from middleground.engines.timetabling.planning.budget import Budget
from middleground.engines.timetabling.planning.columns import Columns
from middleground.engines.timetabling.planning.frame import whole
from middleground.engines.timetabling.planning.improving import Improving, weighted
from middleground.engines.timetabling.planning.likely import likely
from middleground.engines.timetabling.planning.possible import Possible

from .by_hand import a_clinic, client, group, hour, planned, staff
from .rulebook import Row
from .test_prices import tight_week


def together() -> Row:
    """Four people, each with an hour of their own and one of two groups."""
    groups = [group("g0", "mon 09:00"), group("g1", "tue 09:00")]
    people = [client(each, prescribed=120, sessions=[hour()]) for each in ("c0", "c1", "c2", "c3")]
    return a_clinic(step=60, staff=[staff("ana"), staff("ben")], groups=groups, clients=people)


@pytest.mark.parametrize("told", [False, True])
def test_a_plan_of_people_kept_apart_is_mended_whether_or_not_the_models_know_of_them(told: bool) -> None:
    _, found = planned(together())
    sitting = next(set(row.members) for row in found.plan.groups if len(row.members) > 1)
    one, two = sorted(sitting)[:2]
    clinic = clinic_of(together() | {"apart": [{"who": [one, two], "where": "group"}]})
    possible = Possible(clinic)
    if told:
        possible.told_of(clinic.apart)
    work = Improving(possible, Plan(), (), Budget(Limits(seconds=60)))
    assert broken(clinic, found.plan)
    assert work.take_mended(found.plan)
    assert not broken(clinic, work.plan)
    assert work.vector[:3] == found.objective[:3]


@pytest.mark.parametrize("seed", range(3))
def test_a_search_begins_at_the_plan_there_is(seed: int) -> None:
    """All that follows from the plan is told, so it is the first solution."""
    clinic, found = planned(tight_week(seed), seconds=60, work=2.0)
    work = Improving(Possible(clinic), found.plan, (), Budget(Limits(seconds=60)))
    model, value = work.modelled(whole(work.possible))
    model.cp.minimize(weighted(value, work.weights.first))
    work.hint_whole(model, value, found.plan)
    assert len(model.cp.proto.solution_hint.vars) == len(model.cp.proto.variables)
    solver = cp_model.CpSolver()
    solver.parameters.stop_after_first_solution = True
    solver.parameters.num_workers = 1
    solver.parameters.symmetry_level = 0
    assert solver.solve(model.cp) in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    assert round(solver.objective_value) == weighted_of(work, found.objective)


def weighted_of(work: Improving, objective: tuple[int, ...]) -> int:
    return sum(weight * objective[i] for i, weight in enumerate(work.weights.first.values()))


def test_a_search_of_weeks_given_out_begins_at_them() -> None:
    """A client who has all of one week in the program is told its seats and visits, and none of the others."""
    possible = Possible(clinic_of(tight_week(1)))
    work = Improving(possible, begun(possible), (), Budget(Limits(seconds=60)))
    columns = Columns(possible, work.budget)
    assert columns.begin(work.plan, (0.0, 1.0, 0.0))
    columns.search(20.0)
    for _ in columns.clients:
        columns.settle_week(next(i for _, i in columns.surest() if i not in columns.settled))
        columns.leave_out()
        columns.search(20.0)
    model, _ = work.modelled(whole(possible))
    told = likely(columns, model)
    seats = {key for key, lit in model.seats.items() if told.get(lit.index) == 1}
    sure = [i for much, i in columns.surest() if much >= 0.95]
    assert sure and seats
    for i in sure:
        week = max(columns.known[i], key=lambda booked: columns.much(columns.known[i][booked]))
        own = [columns.weeks[i].visits[each] for each in week]
        who = columns.clients[i].id
        assert {key for key in seats if key[0] == who} == {(who, v.group, v.start) for v in own if v.group is not None}
