"""Weeks with corners: closed offices, breaks over midnight, what has begun, pins, large numbers, interrupts."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import Plan
from middleground.engines.timetabling.planning import Limits, improving, solve
from middleground.engines.timetabling.rules import faults

from .by_hand import MORNINGS, a_clinic, client, group, hour, planned, staff
from .rulebook import Row


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
