"""What must stand, and no time: no plan is made up, and no contradiction is claimed that isn't proved."""

from threading import Event

import pytest

from middleground.engines.errors import BadLine
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.planning import Limits, budget, solve, solving
from middleground.engines.timetabling.planning.budget import RESERVE, Budget

from ..timetable_cases import clinic, repair

BEN = {"pins": [{"id": "p1", "lead": "ben"}, {"id": "p2", "lead": "ben"}, {"id": "p1", "members": ["eva"]}]}
LIMITS = Limits(seconds=60, work=5.0, workers=1)


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (clinic() | {"pins": [{"id": "p1", "lead": "ana"}]}, "/pins"),
        (clinic() | BEN, "/pins"),
        (repair() | BEN, "/pins"),
    ],
)
def test_asked_to_stop_before_anything_is_known_there_is_no_answer_but_that(data, where) -> None:
    stop = Event()
    stop.set()
    with pytest.raises(BadLine) as told:
        solve(clinic_of(data), LIMITS, stop=stop)
    assert (told.value.code, told.value.where) == ("no-plan-yet", where)


def test_without_anything_to_keep_there_is_always_a_plan() -> None:
    stop = Event()
    stop.set()
    assert solve(clinic_of(clinic()), LIMITS, stop=stop).status == "feasible"
    assert solve(clinic_of(repair()), LIMITS, stop=stop).status == "feasible"


def test_a_contradiction_stays_proved_though_there_is_no_time_to_say_it_in_few_words(monkeypatch) -> None:
    """Asked to stop as soon as the contradiction is known: all that must stand contradicts, maybe not the least of it."""
    stop, no_plan = Event(), solving.no_plan

    def stopped(*known: object) -> object:
        stop.set()
        return no_plan(*known)  # type: ignore[arg-type]

    monkeypatch.setattr(solving, "no_plan", stopped)
    found = solve(clinic_of(clinic() | BEN), LIMITS, stop=stop)
    assert (found.status, found.stopped, found.has_plan) == ("infeasible", "interrupt", False)
    assert [each["where"] for each in found.reasons] == ["/pins/0", "/pins/1", "/pins/2"]
    monkeypatch.setattr(solving, "no_plan", no_plan)
    found = solve(clinic_of(clinic() | BEN), LIMITS)
    assert (found.status, found.stopped) == ("infeasible", "proved")
    assert found.reasons == [{"rule": "H16", "where": "/pins/1"}]


def test_to_find_any_plan_there_is_a_little_more_time(monkeypatch) -> None:
    monkeypatch.setattr(budget, "GRACE", 1e9)
    spent = Budget(Limits(seconds=RESERVE, began=0.0))
    assert spent.due
    with spent.grace():
        assert not spent.due
    assert spent.due
