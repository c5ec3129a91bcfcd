"""Whom to tell of a repair, and what a change of the clinic is said to do."""

import pytest

from middleground.engines.timetabling.answering import difference, plan_answer, what_if_answer
from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import plan_of
from middleground.engines.timetabling.planning.asked import LEVELS, Level, Limits, Solved
from middleground.engines.timetabling.telling import lines, tell
from middleground.engines.timetabling.worth import vector

from .timetable_cases import clinic, hour, plan, put, repair


def told(new, data=None):
    return [tuple(row.values()) for row in tell(clinic_of(data or repair()), plan_of(new))]


def test_nothing_changed_and_nobody_hears():
    assert told(plan()) == []


@pytest.mark.parametrize(
    ("change", "heard"),
    [
        (
            ("sessions", [hour("eva", "mon 11:30")]),
            [("ana", "cancelled", "wed 10:00", None), ("max", "cancelled", "wed 10:00", None)],
        ),
        (
            ("sessions", 1, "start", "wed 11:00"),
            [("ana", "moved", "wed 10:00", "wed 11:00"), ("max", "moved", "wed 10:00", "wed 11:00")],
        ),
        (
            ("sessions", 1, "staff", "ben"),
            [
                ("ana", "cancelled", "wed 10:00", None),
                ("ben", "new", None, "wed 10:00"),
                ("max", "other-clinician", "ana", "ben"),
            ],
        ),
        (("sessions", 1, "room", None), [("ana", "other-room", "office", None), ("max", "other-room", "office", None)]),
        (("groups", 0, "members", ["eva", "max"]), [("max", "new", None, "mon 09:30")]),
        (("groups", 0, "co", "ben"), [("ben", "new", None, "mon 09:30")]),
    ],
)
def test_each_person_hears_what_changes_for_them(change, heard):
    assert told(put(plan(), *change)) == heard


def test_two_sessions_of_a_kind_are_told_apart_by_their_time():
    two = put(repair(), "current", "sessions", [hour("eva", "mon 11:30"), hour("eva", "wed 10:00")])
    new = put(plan(), "sessions", [hour("eva", "wed 10:00"), hour("eva", "wed 12:00")])
    assert told(new, two) == [("ana", "moved", "mon 11:30", "wed 12:00"), ("eva", "moved", "mon 11:30", "wed 12:00")]
    assert {line.about for line in lines(clinic_of(two), plan_of(new))} == {"individual"}


def test_who_has_left_hears_nothing_but_who_met_them_does():
    left = repair() | {"events": [{"event": "client-leaves", "client": "max"}]}
    new = put(plan(), "sessions", [hour("eva", "mon 11:30")])
    for row in new["groups"]:
        row["members"] = ["eva"]
    assert told(new, left) == [("ana", "cancelled", "wed 10:00", None)]


def solved(made, rows, bounds=None, status="optimal"):
    values = vector(made, rows)
    levels = tuple(Level(*each) for each in zip(LEVELS, values, bounds or values, strict=True))
    return made, Solved(rows, values, levels, status, "proved" if status == "optimal" else "time")


def test_a_difference_of_two_proved_plans_is_proved():
    whole, thin = clinic_of(clinic()), clinic_of(put(clinic(), "groups", clinic()["groups"][:2]))
    rows = put(plan(), "groups", plan()["groups"][:2])
    made = difference(solved(whole, plan_of(plan())), solved(thin, plan_of(rows)))
    assert made["objective"] == [1, 170, 2, 0, -2, -6, 0, 0]
    assert (made["clients_reaching_payer"], made["minutes"], made["load"]) == (-1, -170, 0)
    assert made["not_proved"] == [] and made["bounds"][1] == [170, 170]


def test_a_difference_within_the_gaps_is_not_proved():
    data = clinic_of(clinic())
    before = solved(data, plan_of(plan()), (0, 0, 0, 0, 0, 0, 0, 0), "feasible")
    after = solved(data, plan_of(put(plan(), "sessions", [hour("eva", "mon 11:30")])), status="feasible")
    made = difference(before, after)
    assert made["objective"][:2] == [1, 50]
    assert made["bounds"][:3] == [[1, 1], [50, 135], None]
    assert made["not_proved"] == ["missing", "changes", "continuity", "preference", "idle", "load"]


@pytest.mark.parametrize("infeasible", [0, 1])
def test_with_a_week_that_cannot_be_there_is_no_difference(infeasible):
    made, week = solved(clinic_of(clinic()), plan_of(plan()))
    nothing = Solved(plan_of({}), (0,) * 8, tuple(Level(name, 0, 0) for name in LEVELS), "infeasible", "proved")
    sides = [(made, week), (made, week)]
    sides[infeasible] = made, nothing
    told = what_if_answer(*sides, Limits())
    assert told["difference"] == {
        "objective": None, "clients_reaching_payer": None, "minutes": None, "load": None, "bounds": [None] * 8,
        "not_proved": [*LEVELS, "clients_reaching_payer", "minutes"],
    }  # fmt: skip
    proved = [[level["proved"] for level in told[side]["levels"]] for side in ("before", "after")]
    assert proved[infeasible] == [False] * 8 and proved[1 - infeasible] == [True] * 8


def test_an_answer_says_who_solved_it_how_long_and_how_far():
    made, found = solved(clinic_of(repair()), plan_of(plan()), (0, 0, 0, 0, 2, 6, 2, 50), "feasible")
    answer = plan_answer(made, found, Limits(seed=4, workers=2, changes_first=True))
    assert answer["levels"][5] == {"name": "preference", "value": 12, "bound": 6, "gap": 0.5, "proved": False}
    assert answer["work"] == {"seed": 4, "workers": 2, "stopped": "time"}
    assert answer["order"][:2] == ["changes", "below_payer"] and answer["tell"] == []
    nothing = plan_answer(made, Solved(plan_of({}), found.objective, found.levels, "infeasible", "proved"), Limits())
    assert (nothing["groups"], nothing["tell"], nothing["reasons"]) == ([], [], [])
