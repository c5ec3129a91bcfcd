"""Reading an instance of a week: every code with the place of the fault, and nothing that makes it crash."""

import copy
import json
import random
import time

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middleground.engines.timetabling.clinic import clinic_of
from middleground.engines.timetabling.reading import INSTANCE, Faults, parsed, patched, read
from middleground.engines.timetabling.rules import faults
from middleground.engines.timetabling.worth import vector

from .timetable_cases import client, clinic, plan, put, repair

GONE = object()
EVENTS = ("events", 0)


def without(data, *path):
    changed = copy.deepcopy(data)
    node = changed
    for key in path[:-1]:
        node = node[key]
    del node[path[-1]]
    return changed


def said(data, question="plan"):
    """(code, where) of each fault; none for a sound instance."""
    try:
        read(data, question)
    except Faults as found:
        return [(fault.code, fault.where) for fault in found.faults]
    return []


def offer():
    zoe = client("zoe", [{"at": "tue 08:00-14:00"}]) | {"counselor": None}
    return put(clinic() | {"question": "offer", "current": plan(), "newcomers": [zoe]}, "staff", 0, "caseload", 3)


def explain():
    return clinic() | {"question": "explain", "current": plan(), "asks": [{"client": "max", "target": 300}]}


def test_the_worked_example_and_its_questions_are_sound():
    assert said(clinic()) == said(repair(), "repair") == said(offer(), "offer") == said(explain(), "explain") == []
    assert said(json.dumps(clinic()).encode()) == said(b"\xef\xbb\xbf" + json.dumps(clinic()).encode()) == []
    assert said(clinic(), None) == said(repair(), None) == []


BYTES = [
    (b"", "not-json", ""),
    (b"  \n", "not-json", ""),
    (b"{", "not-json", ""),
    (b"{} {}", "not-json", ""),
    (b"\xff\xfe", "not-json", ""),
    (b'{"id": "\\ud800"}', "not-json", ""),
    (b'{"step": NaN}', "not-json", ""),
    (b"[" * 100_000, "not-json", ""),
    (b"[]", "not-an-object", ""),
    (b"null", "not-an-object", ""),
    (b" " * (8 * 1024 * 1024) + b"{}", "out-of-range", ""),
]


@pytest.mark.parametrize(("raw", "code", "where"), BYTES)
def test_bytes_that_are_no_instance(raw, code, where):
    assert said(raw) == [(code, where)]


CASES = [
    ("unknown-value", "/format", ("format", "middleground-timetable/2")),
    ("unknown-key", "/a~1b~0c", ("a/b~c", 1)),
    ("unknown-key", "/clients/1/tag", ("clients", 1, "tag", [])),
    ("wrong-type", "/clients", ("clients", {})),
    ("wrong-type", "/clients/0", ("clients", 0, None)),
    ("wrong-type", "/clients/0/prescribed", ("clients", 0, "prescribed", 305.0)),
    ("wrong-type", "/clients/0/prescribed", ("clients", 0, "prescribed", True)),
    ("wrong-type", "/clients/0/prescribed", ("clients", 0, "prescribed", None)),
    ("wrong-type", "/clients/0/sessions/0/required", ("clients", 0, "sessions", 0, "required", 1)),
    ("wrong-type", "/clients/0/counselor", ("clients", 0, "counselor", 3)),
    ("wrong-type", "/sites/0/open/0", ("sites", 0, "open", [9])),
    ("wrong-type", "/rooms/0/site", ("rooms", 0, "site", None)),
    ("wrong-type", "/apart", ("apart", {})),
    ("out-of-range", "/clients/0/prescribed", ("clients", 0, "prescribed", -1)),
    ("out-of-range", "/clients/0/max_week", ("clients", 0, "max_week", 10**30)),
    ("out-of-range", "/clients/1/free/0/cost", ("clients", 1, "free", 0, "cost", 4)),
    ("out-of-range", "/groups/0/minutes", ("groups", 0, "minutes", 0)),
    ("out-of-range", "/groups/0/starts", ("groups", 0, "starts", ["mon 09:30"] * 21)),
    ("out-of-range", "/step", ("step", 0)),
    ("out-of-range", "/step", ("step", 20)),
    ("out-of-range", "/travel/0/between", ("travel", [{"between": ["main"], "minutes": 5}])),
    ("out-of-range", "/travel/0/between", ("travel", [{"between": ["main", "main"], "minutes": 5}])),
    ("unknown-value", "/rooms/0/kind", ("rooms", 0, "kind", "hall")),
    ("unknown-value", "/question", ("question", "why")),
    ("bad-time", "/groups/0/starts/0", ("groups", 0, "starts", ["mon 09:20"])),
    ("bad-time", "/groups/0/starts/0", ("groups", 0, "starts", ["mon 24:00"])),
    ("bad-time", "/groups/0/starts/0", ("groups", 0, "starts", ["mon ٠٩:٣٠"])),
    ("bad-time", "/clients/0/free/1/at", ("clients", 0, "free", 1, "at", "tue 14:00-08:00")),
    ("bad-time", "/clients/0/free/1/at", ("clients", 0, "free", 1, "at", "tue 14:00-24:15")),
    ("bad-time", "/clients/0/sessions/0/when/0", ("clients", 0, "sessions", 0, "when", ["any"])),
    ("bad-time", "/now", ("now", "tomorrow")),
    ("unknown-id", "/rooms/0/site", ("rooms", 0, "site", "north")),
    ("unknown-id", "/groups/0/place", ("groups", 0, "place", "north")),
    ("unknown-id", "/staff/0/works/0/site", ("staff", 0, "works", 0, "site", "telehealth")),
    ("unknown-id", "/clients/0/counselor", ("clients", 0, "counselor", "eva")),
    ("unknown-id", "/clients/0/travel/north", ("clients", 0, "travel", {"north": 5})),
    ("unknown-id", "/pins/0/id", ("pins", [{"id": "p9"}])),
    ("unknown-id", "/pins/0/members/1", ("pins", [{"id": "p1", "members": ["eva", "zoe"]}])),
    ("unknown-id", "/pins/0/room", ("pins", [{"client": "eva", "room": "attic"}])),
    ("unknown-key", "/pins/0/client", ("pins", [{"id": "p1", "client": "eva"}])),
    ("wrong-type", "/pins/0/client", ("pins", [{"kind": "individual"}])),
    ("double-id", "/staff/1/id", ("staff", 1, "id", "ana")),
    ("double-id", "/sites/0/id", ("sites", 0, "id", "telehealth")),
    ("double-id", "/clients/0/sessions/1/kind", ("clients", 0, "sessions", [clinic()["clients"][0]["sessions"][0]] * 2)),
    ("overlap", "/clients/0/free/2/at", ("clients", 0, "free", 2, "at", "mon 13:45-18:00")),
    ("wrong-question", "/question", ("question", "repair")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "where", "change"), CASES)
def test_each_fault_with_its_place(code, where, change):
    assert (code, where) in said(put(clinic(), *change))


REPAIR_CASES = [
    ("bad-event", "/events/0/event", (*EVENTS, "event", "flood")),
    ("wrong-type", "/events/0/event", (*EVENTS, {})),
    ("wrong-type", "/events/0/staff", (*EVENTS, {"event": "staff-off", "at": "tue 08:00-13:00"})),
    ("unknown-key", "/events/0/client", (*EVENTS, "client", "eva")),
    ("unknown-id", "/events/0/staff", (*EVENTS, "staff", "eva")),
    ("unknown-id", "/events/0/room", (*EVENTS, {"event": "room-closed", "room": "attic", "at": "tue 08:00-13:00"})),
    ("unknown-id", "/events/0/client", (*EVENTS, {"event": "client-leaves", "client": "zoe"})),
    ("double-id", "/events/0/client/id", (*EVENTS, {"event": "client-joins", "client": client("eva", [])})),
    ("unknown-id", "/events/0/client/counselor",
     (*EVENTS, {"event": "client-joins", "client": client("zoe", []) | {"counselor": "leo"}})),
    ("wrong-type", "/current", ("current", None)),
    ("wrong-type", "/current/sessions", ("current", {"groups": []})),
    ("unknown-id", "/current/groups/0/members/0", ("current", "groups", 0, "members", ["zoe"])),
    ("unknown-id", "/current/counselors/zoe", ("current", "counselors", {"zoe": "ana"})),
    ("double-id", "/current/groups/1/id", ("current", "groups", 1, "id", "p1")),
    ("bad-current", "/current/groups/0/start", ("current", "groups", 0, "start", "mon 10:00")),
    ("bad-current", "/current/groups/0/room", ("current", "groups", 0, "room", "office")),
    ("bad-current", "/current/sessions/0", ("current", "sessions", 0, "start", "mon 10:30")),
    ("bad-current", "/current/sessions/0", ("current", "sessions", 0, "kind", "family")),
    ("bad-current", "/current/groups/0", ("clients", 0, "busy", [{"at": "mon 09:00-10:00", "what": "court"}])),
    ("bad-current", "/current/groups/0", ("clients", 0, "days_max", 1)),
    ("bad-current", "/current/groups/1", ("apart", [{"who": ["eva", "max"], "where": "group"}])),
    ("wrong-question", "/question", ("question", "plan")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "where", "change"), REPAIR_CASES)
def test_each_fault_of_a_repair_with_its_place(code, where, change):
    assert (code, where) in said(put(repair(), *change), "repair")


def test_what_has_happened_is_no_fault_of_the_plan_in_force():
    joins = {"event": "client-joins", "client": client("zoe", [])}
    busy = {"event": "client-busy", "client": "zoe", "at": "mon 09:00-10:00"}
    leaves = {"event": "client-leaves", "client": "eva"}
    assert said(repair() | {"events": [joins, busy, leaves]}, "repair") == []
    assert said(repair() | {"events": [busy, joins]}, "repair") == [("bad-event", "/events/0/client")]
    assert said(repair() | {"events": [leaves, leaves]}, "repair") == [("bad-event", "/events/1/client")]
    assert said(repair() | {"events": [joins, joins]}, "repair") == [("double-id", "/events/1/client/id")]


def test_a_pin_is_for_the_plan_to_come_but_offers_stand_on_the_plan_in_force():
    pins = {"pins": [{"id": "p1", "lead": "ben"}]}
    assert said(repair() | pins, "repair") == said(clinic() | {"current": plan()} | pins) == []
    assert said(offer() | pins, "offer") == [("bad-current", "/current")]


def test_a_week_left_thin_is_a_fault_only_where_offers_are_laid_on_it():
    thin = put(repair(), "clients", 1, "day", "min", 60)
    assert said(thin, "repair") == said(thin | {"question": "explain", "asks": []}, "explain") == []
    assert said(put(offer(), "clients", 1, "day", "min", 60), "offer") == [("bad-current", "/current/groups/1")]


def test_newcomers_and_asks():
    assert ("double-id", "/newcomers/0/id") in said(put(offer(), "newcomers", 0, "id", "eva"), "offer")
    assert ("out-of-range", "/count") in said(offer() | {"count": 0}, "offer")
    assert ("wrong-type", "/newcomers") in said(without(offer(), "newcomers"), "offer")
    assert ("wrong-type", "/asks") in said(without(explain(), "asks"), "explain")
    assert ("unknown-id", "/asks/0/client") in said(put(explain(), "asks", 0, "client", "zoe"), "explain")
    assert ("unknown-value", "/asks/0/target") in said(put(explain(), "asks", 0, "target", "all"), "explain")
    assert ("out-of-range", "/asks/0/target") in said(put(explain(), "asks", 0, "target", -5), "explain")


@pytest.mark.parametrize("path", [("format",), ("clients",), ("clients", 0, "payer"), ("staff", 0, "break", "every")])
def test_a_missing_key_is_pointed_at_where_it_should_stand(path):
    assert said(without(clinic(), *path))[0] == ("wrong-type", "".join(f"/{key}" for key in path))


def test_a_key_that_stands_twice():
    raw = json.dumps(clinic()).replace('"seats": 2', '"seats": 2, "seats": 9').encode()
    assert said(raw) == [("unknown-key", "/rooms/0/seats")]


def test_faults_come_in_document_order_and_say_how_many_more():
    many = put(put(put(clinic(), "staff", 1, "id", "ana"), "step", 7), "clients", 0, "oops", 1)
    assert [where for _, where in said(many)] == ["/step", "/staff/1/id", "/clients/0/oops"]
    with pytest.raises(Faults) as found:
        read(many)
    assert found.value.as_dict() == {
        "code": "out-of-range", "message": "This is not from 15 to 1440 in steps of 15.", "where": "/step", "more": 2,
    }  # fmt: skip


def test_limits():
    row = clinic()["clients"][0]
    assert ("out-of-range", "/clients") in said(clinic() | {"clients": [row | {"id": f"c{n}"} for n in range(2001)]})
    staff = clinic()["staff"]
    many = [staff[0] | {"id": f"s{n}"} for n in range(499)]
    assert ("out-of-range", "/staff") in said(clinic() | {"staff": [*staff, *many]})
    groups = [clinic()["groups"][0] | {"id": f"g{n}"} for n in range(2001)]
    assert ("out-of-range", "/groups") in said(clinic() | {"groups": groups})


def test_a_file_of_nothing_but_faults_is_told_quickly():
    begun = time.perf_counter()
    with pytest.raises(Faults) as found:
        read(b'{"rooms":[' + b"1," * 300_000 + b"1]}")
    assert found.value.as_dict()["more"] > 300_000
    assert time.perf_counter() - begun < 3


PAIRS = [
    [{"who": ["eva", "nobody-there"], "where": "group"}],
    [{"who": ["eva", "eva"], "where": "group"}],
    [{"who": ["ana", "eva"], "where": "group"}],
    [{"who": ["eva"], "where": "group"}],
    [{"who": ["eva", "max"], "where": "room-nobody-there"}],
    [{"who": ["eva", "max"], "nobody-there": 1}, 3],
]


@pytest.mark.parametrize("pairs", PAIRS)
def test_a_fault_among_the_secrets_says_neither_whose_nor_how_many(pairs):
    with pytest.raises(Faults) as found:
        read(clinic() | {"apart": pairs})
    told = found.value.as_dict()
    assert (told["where"], told["more"]) == ("/apart", 0)
    assert told["message"] == "This part of the file is not as it should be."


def test_a_secret_broken_by_the_plan_in_force_reads_like_a_full_calendar():
    secret = put(repair(), "apart", [{"who": ["eva", "max"], "where": "group"}])
    plain = put(repair(), "clients", 1, "free", 0, "at", "tue 09:15-14:00")
    told = []
    for data in (secret, plain):
        with pytest.raises(Faults) as found:
            read(data, "repair")
        told.append(found.value.as_dict())
    assert told[0]["message"] == told[1]["message"]
    assert told[0]["where"] == told[1]["where"] == "/current/groups/1"
    assert "15" not in json.dumps(told[0]) and "eva" not in json.dumps(told[0])


PINNED = {"pins": [{"id": "p1", "lead": "ana"}, {"id": "p1", "members": ["eva"]}, {"id": "p2", "lead": "ana"}]}


def test_a_change_matches_rows_by_id():
    change = {
        "staff": {"ben": None, "leo": clinic()["staff"][1] | {"id": "leo"}},
        "clients": [{"id": "max", "prescribed": 100}],
        "step": None,
        "sites": {"main": {"open": ["mon 09:00-13:00"]}},
    }
    before = clinic()
    made = patched(before, change)
    assert [row["id"] for row in made["staff"]] == ["ana", "leo"]
    assert [row["prescribed"] for row in made["clients"]] == [305, 100]
    assert "step" not in made and made["sites"][0]["open"] == ["mon 09:00-13:00"]
    assert before == clinic() and said(made) == []


@pytest.mark.parametrize(
    ("change", "code", "where"),
    [
        ([], "not-an-object", ""),
        ({"staff": {"leo": None}}, "unknown-id", "/staff/leo"),
        ({"staff": {"ana": 3}}, "wrong-type", "/staff/ana"),
        ({"staff": [{"max_day": 3}]}, "wrong-type", "/staff/0"),
        ({"clients": [{"id": "max", "prescribed": 1}, {"id": "max", "prescribed": 2}]}, "double-id", "/clients/1/id"),
        ({"pins": {"p1": {"lead": "ben"}}}, "wrong-type", "/pins"),
        ({"sites": {"main": {"open": {"mon": None}}}}, "wrong-type", "/sites/main/open"),
    ],
)
def test_a_change_that_is_none(change, code, where):
    with pytest.raises(Faults) as found:
        patched(clinic() | PINNED, change)
    assert (found.value.faults[0].code, found.value.faults[0].where) == (code, where)


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        ('{"step": 15, "step": 45}', ["/step"]),
        ('{"staff": {"ana": {"max_day": 60}, "ana": {"max_day": 90}}}', ["/staff/ana"]),
        ('{"staff": {"ana": {"max_day": 60, "max_day": 90}}}', ["/staff/ana/max_day"]),
        ('{"clients": [{"id": "max"}, {"id": "eva", "payer": {"days": 1, "days": 2}}]}', ["/clients/1/payer/days"]),
        ('{"new": {"a": 1, "a": 2}, "clients": [{"id": "eva"}, {"id": "eva"}], "step": 15, "step": 30}',
         ["/new/a", "/clients/1/id", "/step"]),
    ],
)  # fmt: skip
def test_what_stands_twice_in_a_change_is_told_in_its_order(raw, places):
    with pytest.raises(Faults) as found:
        patched(clinic(), parsed(raw.encode()))
    assert [fault.where for fault in found.value.faults] == places


def test_pins_are_no_table_since_a_group_may_have_several():
    data = clinic() | PINNED
    assert patched(data, {"step": 15})["pins"] == PINNED["pins"]
    more = [*PINNED["pins"], {"id": "p1", "room": "hall"}]
    assert patched(data, {"pins": more})["pins"] == more
    assert patched(data, {"pins": more[:1]})["pins"] == more[:1]
    assert "pins" not in patched(data, {"pins": None})


def test_an_empty_table_can_be_added_to_by_id():
    empty = clinic() | {"groups": []}
    assert patched(empty, {"groups": {"p1": clinic()["groups"][0]}})["groups"] == clinic()["groups"][:1]
    assert patched(empty, {"groups": {}})["groups"] == []


def test_the_schema_is_one_and_fits_what_is_sound():
    schema = INSTANCE.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    for data in (clinic(), repair(), offer(), explain()):
        jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(clinic() | {"oops": 1}, schema)


VALUES = [None, True, -1, 0, 1, 15, 99, 10**30, 1.5, "", "eva", "ana", "main", "telehealth", "mon 09:00", [], {}, [[]],
          "tue 09:00-10:00", "fri 23:00-24:00", ["eva"], {"id": "x"}, "é", GONE]  # fmt: skip


def places(node, path=()):
    yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in children:
        yield from places(child, (*path, key))


def mutated(data, dice):
    data = copy.deepcopy(data)
    for _ in range(dice.randint(1, 3)):
        *way, last = dice.choice([path for path in places(data) if path])
        node, value = data, dice.choice(VALUES)
        for key in way:
            node = node[key]
        if value is GONE:
            del node[last]
        else:
            node[last] = copy.deepcopy(value)
    return data


@given(seed=st.integers(0, 2**32))
@settings(max_examples=300, deadline=None)
def test_whatever_is_changed_it_is_sound_or_told_where_it_is_not(seed):
    dice = random.Random(seed)
    asked, data = dice.choice([("plan", clinic()), ("repair", repair()), ("offer", offer()), ("explain", explain())])
    changed = mutated(data, dice)
    try:
        sound = read(changed, asked)
    except Faults as found:
        assert all(fault.code and fault.message for fault in found.faults)
        return
    made = clinic_of(sound)
    if made.current:
        assert isinstance(faults(made, made.current), list) and min(vector(made, made.current)) >= 0
