"""The hard rules and the worth of a plan: the contract's worked example, and each rule broken once."""

import copy
import itertools
import time

import pytest

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.plan import Plan, plan_of
from middleground.engines.timetabling.rules import faults, restless
from middleground.engines.timetabling.worth import vector

from .timetable_cases import VECTOR, client, clinic, hour, plan, put, repair, row, staff

CLINIC, PLAN = clinic(), plan()


def found(data, made):
    return {tuple(fault) for fault in faults(clinic_of(data), plan_of(made))}


def worth(data, made):
    return vector(clinic_of(data), plan_of(made))


def test_the_worked_example_is_valid_and_worth_what_the_contract_says():
    assert found(CLINIC, PLAN) == set()
    assert worth(CLINIC, PLAN) == VECTOR


def test_the_worked_example_repaired_by_leaving_out_what_ben_led():
    thin = plan()
    del thin["groups"][2]
    assert found(repair(), thin) == set()
    assert worth(repair(), thin) == (1, 170, 2, 8, 0, 6, 2, 50)


def test_the_empty_plan_breaks_nothing():
    assert faults(clinic_of(CLINIC), Plan()) == []
    assert vector(clinic_of(CLINIC), Plan()) == (2, 610, 4, 0, 0, 0, 0, 0)
    assert vector(clinic_of(put(CLINIC, "clients", [])), Plan()) == (0,) * 8


INSTANCE_CHANGES = [
    ("H2", "/groups/0", ("rooms", 0, "closed", ["mon 10:00-10:15"])),
    ("H2", "/sessions/1", ("sites", 0, "open", ["mon 09:00-13:00", "tue 09:00-13:00"])),
    ("H3", "/groups/1/room", ("rooms", 0, "seats", 1)),
    ("H4", "/groups/0", ("staff", 0, "off", ["mon 09:00-13:00"])),
    ("H4", "/groups/2", ("staff", 1, "works", [])),
    ("H6", "/groups/0", ("staff", 0, "max_week", 240)),
    ("H6", "/groups/0", ("staff", 0, "max_day", 120)),
    ("H6", "/groups/0", ("staff", 0, "break", {"every": 180, "minutes": 45})),
    ("H7", "/groups/0/lead", ("staff", 0, "credentials", [])),
    ("H7", "/groups/2", ("groups", 2, "language", "es")),
    ("H7", "/sessions/0/staff", ("clients", 0, "languages", ["fr"])),
    ("H8", "/groups/1/co", ("groups", 1, "co_above", 1)),
    ("H8", "/groups/0/members", ("groups", 0, "min", 2)),
    ("H8", "/groups/1/members", ("groups", 1, "max", 1)),
    ("H9", "/groups/0", ("clients", 0, "travel", {"main": 120})),
    ("H9", "/groups/0", ("clients", 0, "travel", {})),
    ("H9", "/groups/0", ("clients", 0, "busy", [{"at": "mon 08:45-09:15", "what": "dosing"}])),
    ("H11", "/groups/0", ("groups", 0, "only", ["women"])),
    ("H11", "/groups/2", ("clients", 1, "done", ["education/sleep"])),
    ("H11", "/groups/0", ("clients", 0, "languages", ["es"])),
    ("H12", "/groups/0", ("clients", 0, "days_max", 1)),
    ("H12", "/groups/0", ("clients", 0, "max_week", 300)),
    ("H12", "/groups/1", ("clients", 1, "day", {"min": 60, "max": 240})),
    ("H12", "/groups/1", ("clients", 1, "day", {"min": 50, "max": 120})),
    ("H13", "/groups/0", ("clients", 0, "mix", 0, "max", 0)),
    ("H13", "/sessions/0/start", ("step", 60)),
    ("H13", "/groups/0", ("clients", 0, "sessions", 0, "count", 0)),
    ("H13", "/sessions/0/start", ("clients", 0, "sessions", 0, "when", ["mon 09:00-12:00"])),
    ("H15", "/groups/1", ("apart", [{"who": ["eva", "max"], "where": "group"}])),
    ("H15", "/groups/2", ("apart", [{"who": ["eva", "ben"], "where": "group"}])),
    ("H15", "/sessions/0", ("apart", [{"who": ["eva", "ana"], "where": "site"}])),
    ("H16", "/pins/0", ("pins", [{"id": "p1", "lead": "ben"}])),
    ("H16", "/pins/0", ("pins", [{"id": "p1", "members": ["eva", "max"]}])),
    ("H16", "/pins/1", ("pins", [{"client": "eva"}, {"client": "eva", "start": "mon 12:00"}])),
]
PLAN_CHANGES = [
    ("H1", "/groups/0/start", ("groups", 0, "start", "mon 10:00")),
    ("H1", "/groups/0", ("groups", 0, "id", "zz")),
    ("H1", "/groups/1", ("groups", 1, "id", "p1")),
    ("H1", "/groups/0", ("groups", 0, "lead", "zz")),
    ("H1", "/groups/0/members", ("groups", 0, "members", ["eva", "eva"])),
    ("H1", "/groups/0/members", ("groups", 0, "members", ["zz"])),
    ("H1", "/sessions/0", ("sessions", 0, "kind", "family")),
    ("H1", "/sessions/0", ("sessions", 0, "start", "mon 23:30")),
    ("H2", "/groups/0/room", ("groups", 0, "room", "office")),
    ("H2", "/groups/0/room", ("groups", 0, "room", None)),
    ("H2", "/sessions/0/room", ("sessions", 0, "room", "hall")),
    ("H2", "/sessions/0/room", ("sessions", 0, "room", "zz")),
    ("H3", "/sessions/1", ("sessions", 1, "start", "mon 11:30")),
    ("H5", "/sessions/0", ("sessions", 0, "start", "mon 10:30")),
    ("H7", "/groups/2", ("groups", 2, "lead", "ana")),
    ("H8", "/groups/0/co", ("groups", 0, "co", "ana")),
    ("H10", "/sessions/0", ("sessions", 0, "start", "mon 10:30")),
    ("H14", "/counselors/eva", ("counselors", {"eva": "ben"})),
    ("H14", "/counselors/zz", ("counselors", {"zz": "ben"})),
]


@pytest.mark.parametrize(("rule", "where", "change"), INSTANCE_CHANGES)
def test_a_clinic_in_which_the_plan_breaks_one_rule(rule, where, change):
    assert (rule, where) in found(put(CLINIC, *change), PLAN)


@pytest.mark.parametrize(("rule", "where", "change"), PLAN_CHANGES)
def test_a_plan_that_breaks_one_rule(rule, where, change):
    assert (rule, where) in found(CLINIC, put(PLAN, *change))


def test_every_rule_has_a_case():
    cases = {rule for rule, *_ in itertools.chain(INSTANCE_CHANGES, PLAN_CHANGES)} | {"H17"}
    assert cases == {f"H{n}" for n in range(1, 18)}


def test_what_began_before_now_stays_as_it_was():
    late = put(put(PLAN, "groups", [PLAN["groups"][1]]), "sessions", PLAN["sessions"])
    assert found(repair(), late) == {("H17", "")}
    assert found(put(repair(), "now", "mon 00:00"), late) == set()


def test_one_topic_once_in_a_week_and_a_general_kind_as_often_as_one_likes():
    twice = put(CLINIC, "groups", 1, "kind", "education/sleep")
    twice["staff"][0]["leads"].append("education")
    assert ("H11", "/groups/0") in found(twice, put(PLAN, "groups", 0, "members", ["eva"]))
    assert not any(rule == "H11" for rule, _ in found(put(twice, "groups", 2, "kind", "education"), PLAN))


def test_a_repair_may_leave_a_day_short_and_a_running_group_thin():
    thin = put(put(put(repair(), "groups", 0, "min", 2), "clients", 1, "day", "min", 60), "events", [])
    assert found(thin, PLAN) == set()
    assert found(thin | {"question": "plan"}, PLAN) == {("H8", "/groups/0/members"), ("H12", "/groups/1")}


def test_travel_between_two_sites_and_from_home():
    two = put(CLINIC, "sites", [*CLINIC["sites"], {"id": "far", "open": CLINIC["sites"][0]["open"]}])
    two["rooms"][1]["site"] = "far"
    two["staff"][0]["works"] += [{"at": "mon 09:00-13:00", "site": "far"}, {"at": "wed 09:00-13:00", "site": "far"}]
    for who in two["clients"]:
        who["travel"]["far"] = 30
    assert found(two, PLAN) == {("H10", "/sessions/0")}
    assert found(two | {"travel": [{"between": ["far", "main"], "minutes": 30}]}, PLAN) == set()
    assert found(two | {"travel": [{"between": ["far", "main"], "minutes": 45}]}, PLAN) == {("H10", "/sessions/0")}
    home = put(put(PLAN, "sessions", 0, "room", None), "sessions", 1, "room", None)
    assert found(two, home) == {("H12", "/groups/0"), ("H12", "/groups/1")}
    assert ("H10", "/sessions/0") in found(two, put(home, "sessions", 0, "start", "mon 11:00"))


def test_a_site_kept_apart_holds_for_a_quarter_hour_before_and_after():
    one = clinic() | {"apart": [{"who": ["eva", "max"], "where": "site"}]}
    weeks = {"groups": [], "sessions": [hour("eva", "wed 11:00"), hour("max", "wed 10:00")]}
    assert found(one, weeks) == {("H15", "/sessions/0")}
    assert found(one, put(weeks, "sessions", 0, "start", "wed 11:30")) == set()


def test_caseloads_count_those_given_and_those_chosen():
    third = put(CLINIC, "clients", [*CLINIC["clients"], client("zoe", []) | {"counselor": None}])
    assert found(third, PLAN | {"counselors": {"zoe": "ben"}}) == set()
    assert found(third, PLAN | {"counselors": {"zoe": "ana"}}) == {("H14", "/counselors")}
    over = put(CLINIC, "staff", 0, "caseload", 1)
    assert found(over, PLAN) == set()


def test_rest_is_looked_for_in_every_stretch():
    assert not restless(0b1111_0_1111, every=135, rest=15)
    assert restless(0b1111_0_1111, every=135, rest=30)
    assert restless(0b11111 << 600, every=75, rest=15)


def test_changes_count_moves_faces_and_rooms():
    before = clinic() | {"current": plan()}
    moved = put(PLAN, "sessions", 0, "start", "mon 12:00")
    assert worth(before, PLAN)[3] == 0
    assert worth(before, moved)[3] == 4 + 1
    assert worth(before, put(PLAN, "sessions", 0, "staff", "ben"))[3] == 2
    assert worth(before, put(PLAN, "sessions", 0, "room", None))[3] == 1
    assert worth(before, put(put(PLAN, "groups", 0, "lead", "ben"), "groups", 0, "co", "ana"))[3] == 3
    assert worth(before, put(PLAN, "groups", 0, "room", "office"))[3] == 1
    assert worth(put(before, "current", "sessions", []), PLAN)[3] == 2


def test_a_client_who_joins_by_an_event_counts_in_full():
    joins = {"event": "client-joins", "client": client("zoe", [{"at": "tue 08:00-14:00"}])}
    made = repair() | {"events": [joins]}
    assert worth(made, PLAN) == (1, 305, 2, 0, 2, 12, 2, 50)
    assert worth(made | {"events": [joins, {"event": "client-leaves", "client": "zoe"}]}, PLAN)[:3] == (0, 0, 0)


def test_faces_waits_and_load():
    split = {"groups": [row("p1", "mon 09:30", "ana", ["eva"])], "sessions": [hour("eva", "mon 14:00")]}
    assert worth(CLINIC, split)[6] == 12 + 8
    nobody = put(CLINIC, "clients", 0, "counselor", None)
    assert worth(nobody, PLAN)[4] == 2 + 5 + 3
    assert worth(put(CLINIC, "staff", 0, "max_week", 299), PLAN)[7] == 101
    assert worth(put(CLINIC, "groups", 2, "series", "pm"), PLAN)[4] == 2


def test_five_hundred_clients_are_judged_in_a_tenth_of_a_second():
    big = copy.deepcopy(CLINIC)
    big["clients"] = [CLINIC["clients"][0] | {"id": f"c{n}"} for n in range(500)]
    big["staff"] = [staff(f"s{n}", ["individual"], ["en"]) for n in range(50)]
    made = {"groups": [row("p1", "mon 09:30", "s0", [f"c{n}" for n in range(500)])]}
    made["sessions"] = [hour(f"c{n}", "mon 11:30") | {"staff": f"s{n % 50}"} for n in range(500)]
    hall, rows = clinic_of(big), plan_of(made)
    begun = time.perf_counter()
    assert faults(hall, rows) and vector(hall, rows)
    assert time.perf_counter() - begun < 0.3
