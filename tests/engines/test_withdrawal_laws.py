"""Laws of the withdrawal check over the whole input space, and the shape of its knowledge."""

import copy
import json
import typing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from middleground.engines import knowing
from middleground.engines.safety import answer, case

DATA = knowing.load("withdrawal")
ORDER = DATA["withdrawal-results"]["order"]
FACTS = {fact["at"]: fact for fact in DATA["withdrawal-danger"]["facts"]}
USE_FACTS = DATA["withdrawal-danger"]["uses"]
RULES = [rule for file in DATA.values() for rule in file.get("rules", ())]
NAMES = typing.get_args(case.SubstanceName)
RANGES = {
    "/scales/ciwa-ar": range(68),
    "/scales/pawss": range(11),
    "/scales/cows": range(49),
    "/history/withdrawals": range(6),
    "/age": range(18, 91),
    "/breath_alcohol": [0, 0.01, 0.08, 0.29, 0.3, 0.4],
    "/vitals/heart_rate": range(30, 140),
    "/vitals/systolic": range(80, 200),
    "/vitals/diastolic": range(60, 130),
    "/vitals/resp_rate": range(8, 32),
    "/vitals/spo2": range(86, 101),
    "/vitals/temp_c": [34.9, 35, 36.8, 37.7, 37.8, 38.2, 38.3, 38.4, 38.5, 40],
    "/vitals/glucose_mg_dl": [50, 53, 54, 69, 70, 100, 250, 251, 300, 301],
}
CALMEST = {at: fact.get("normal") for at, fact in FACTS.items()}
CALMEST |= {at: fact["order"][0] for at, fact in FACTS.items() if "order" in fact} | {"/conditions": [], "/signs": []}
CALMEST |= {"/scales/ciwa-ar": 0, "/scales/pawss": 0, "/scales/cows": 0, "/history/withdrawals": 0, "/age": 30}
CALMEST |= {"/breath_alcohol": 0, "/vitals/diastolic": 80, "/vitals/spo2": 98}

CALM_GHB = {
    "substances": [{"substance": "ghb", "last_use_hours": 0, "daily": True, "weeks": 0}],
    "pregnant": False,
    "intoxicated": False,
    "conditions": [],
    "signs": [],
    "suicide_risk": "none",
    "vitals": {"heart_rate": 75, "systolic": 120, "diastolic": 80, "temp_c": 34.9, "consciousness": "alert"},
    "setting": {"daily_visits": True, "home": "supportive"},
}

uses = st.fixed_dictionaries(
    {
        "substance": st.sampled_from([*NAMES, *NAMES, None]),
        "last_use_hours": st.sampled_from([0, 10, 100, 120, 121, 168, 169, 336, 337, None]),
        "daily": st.sampled_from([True, False, None]),
        "weeks": st.sampled_from([0, 4, 5, 100, None]),
    }
)


def any_value(at: str) -> st.SearchStrategy:
    fact = FACTS[at]
    if fact["worse"] == "more":
        return st.lists(st.sampled_from(fact["order"]), max_size=3)
    return st.sampled_from(fact["order"] if "order" in fact else list(RANGES[at]))


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Mostly calm people with a few answers drawn from everything that can be said, or unknown."""
    known = dict(CALMEST)
    for at in draw(st.lists(st.sampled_from(sorted(FACTS)), max_size=6)):
        known[at] = draw(any_value(at) | st.none())
    line: dict[str, Any] = {"substances": draw(st.lists(uses, max_size=3) | st.none())}
    for at, value in known.items():
        put(line, at, value)
    return line


def put(line: dict[str, Any], at: str, value: Any) -> None:
    *path, last = at.split("/")[1:]
    for step in path:
        line = line.setdefault(step, {})
    line[last] = value


def get(line: dict[str, Any], at: str) -> Any:
    for step in at.split("/")[1:]:
        line = line[step]
    return line


def is_worse(fact: dict[str, Any], old: Any, new: Any) -> bool:
    """Whether `new` is a more dangerous value of the same answer."""
    worse = {
        "higher": lambda: new > old,
        "lower": lambda: new < old,
        "last": lambda: fact["order"].index(new) > fact["order"].index(old),
        "more": lambda: set(new) > set(old),
        "outward": lambda: new > old >= fact["normal"] or new < old <= fact["normal"],
    }
    return old is not None and new is not None and worse[fact["worse"]]()


def not_milder(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """UNKNOWN clears nobody, so it is never milder than a result up to medical review."""
    rank = [*ORDER[:4], "UNKNOWN", *ORDER[4:]]
    if after["result"] == "UNKNOWN":
        return before["result"] not in ORDER[4:]
    return rank.index(after["result"]) >= rank.index(before["result"])


@settings(max_examples=500, deadline=None)
@given(people(), st.data())
def test_a_more_dangerous_answer_is_never_milder(line: dict[str, Any], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(sorted(FACTS)))
    new, worse = data.draw(any_value(at)), copy.deepcopy(line)
    put(worse, at, new)
    if is_worse(FACTS[at], get(line, at), new):
        assert not_milder(answer(line), answer(worse))


@settings(max_examples=300, deadline=None)
@given(people(), uses, st.data())
def test_more_dangerous_use_is_never_milder(line: dict[str, Any], other: dict[str, Any], data: st.DataObject) -> None:
    if not line["substances"]:
        return
    fact, index = data.draw(st.sampled_from(USE_FACTS)), data.draw(st.integers(0, len(line["substances"]) - 1))
    worse = copy.deepcopy(line)
    worse["substances"][index][fact["at"]] = other[fact["at"]]
    if is_worse(fact, line["substances"][index][fact["at"]], other[fact["at"]]):
        assert not_milder(answer(line), answer(worse))


@settings(max_examples=200, deadline=None)
@given(people(), uses)
def test_one_more_substance_is_never_milder(line: dict[str, Any], other: dict[str, Any]) -> None:
    more = line | {"substances": [*(line["substances"] or []), other]}
    if line["substances"] is not None:
        assert not_milder(answer(line), answer(more))


@settings(max_examples=600, deadline=None)
@given(people(), st.data())
def test_taking_an_answer_away_is_never_milder(line: dict[str, Any], data: st.DataObject) -> None:
    """Same, stricter or UNKNOWN. What is only read when somebody measured it (`optional`) can't be asked back. What is known to
    need a hospital stays INPATIENT_WM when the answer that made it an emergency is gone: that answer is listed as missing."""
    asked = [at for at, fact in FACTS.items() if not fact.get("optional") or at in answer(without(line, at))["missing"]]
    of_uses = [(i, name) for i, each in enumerate(line["substances"] or []) for name in each]
    place = data.draw(st.sampled_from([*asked, "/substances", *of_uses]))
    less = copy.deepcopy(line)
    if isinstance(place, tuple):
        less["substances"][place[0]][place[1]] = None
    else:
        put(less, place, None)
    before, left = answer(line)["result"], answer(less)
    after = left["result"]
    if (before, after) == ("EMERGENCY", "INPATIENT_WM"):
        assert left["missing"]
        return
    assert after == "UNKNOWN" or (before != "UNKNOWN" and ORDER.index(after) >= ORDER.index(before))


def test_without_the_answer_that_makes_an_emergency_a_hospital_is_still_needed_and_the_answer_asked_for() -> None:
    line = copy.deepcopy(CALM_GHB)
    assert answer(line)["result"] == "EMERGENCY"
    line["vitals"]["temp_c"] = None
    assert (answer(line)["result"], answer(line)["missing"]) == ("INPATIENT_WM", ["/vitals/temp_c"])


@settings(max_examples=200, deadline=None)
@given(people(), st.randoms(use_true_random=False))
def test_order_changes_nothing(line: dict[str, Any], random: Any) -> None:
    other = shuffled(line, random)
    first, second = answer(line), answer(other)
    for told in ("result", "reasons", "advice", "monitoring", "version"):
        assert first[told] == second[told]
    assert len(first["missing"]) == len(second["missing"])
    assert len(first["would_change"]) == len(second["would_change"])


def without(line: dict[str, Any], at: str) -> dict[str, Any]:
    less = copy.deepcopy(line)
    put(less, at, None)
    return less


def shuffled(part: Any, random: Any) -> Any:
    if isinstance(part, dict):
        keys = sorted(part)
        random.shuffle(keys)
        return {key: shuffled(part[key], random) for key in keys}
    if isinstance(part, list):
        return random.sample([shuffled(each, random) for each in part], len(part))
    return part


@settings(max_examples=300, deadline=None)
@given(people())
def test_unknown_means_that_something_needed_is_missing(line: dict[str, Any]) -> None:
    told = answer(line)
    assert told["result"] in ("UNKNOWN", *ORDER[4:]) if told["missing"] else told["result"] != "UNKNOWN"
    assert json.dumps(told) == json.dumps(answer(line))


@settings(max_examples=100, deadline=None)
@given(people(), st.data())
def test_every_named_change_gives_what_it_says(line: dict[str, Any], data: st.DataObject) -> None:
    told = answer(line)
    if not told["would_change"]:
        return
    change = data.draw(st.sampled_from(told["would_change"]))
    pointer, value = change["if"].split(" = ")
    other = copy.deepcopy(line)
    put_anywhere(other, pointer, json.loads(value))
    assert answer(other)["result"] == change["then"] != told["result"]


def put_anywhere(line: dict[str, Any], pointer: str, value: Any) -> None:
    if pointer.startswith("/substances/"):
        _, _, index, name = pointer.split("/")
        line["substances"][int(index)][name] = value
    else:
        put(line, pointer, value)


def test_every_rule_has_a_source_and_a_danger_direction() -> None:
    codes = [rule["code"] for rule in RULES]
    assert len(codes) == len(set(codes))
    for rule in RULES:
        assert rule["result"] in ORDER
        assert rule["confidence"] in ("V", "V2", "G", "D")
        assert rule["source"]
        assert rule["text"].endswith(".")
        assert pointers(rule["when"]) <= set(FACTS)


def pointers(conditions: list[dict[str, Any]]) -> set[str]:
    inner = [each for condition in conditions for each in condition.get("any", [condition])]
    return {each["at"] for each in inner if "at" in each}


def test_the_data_name_only_what_the_contract_names() -> None:
    groups = DATA["withdrawal-substances"]["groups"]
    assert {name for members in groups.values() for name in members} <= set(NAMES)
    assert set(DATA["withdrawal-substances"]["windows"]) <= set(NAMES)
    assert set(FACTS["/conditions"]["order"]) == set(typing.get_args(case.Condition))
    assert set(FACTS["/signs"]["order"]) == set(typing.get_args(case.Sign))
    assert [*ORDER, "UNKNOWN"] == list(typing.get_args(case.Outcome))
