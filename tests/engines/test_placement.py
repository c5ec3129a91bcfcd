"""Level of care: invented people, the status rules, the default table and the review decisions."""

import json
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from middleground.engines import knowing
from middleground.engines.errors import BadLine
from middleground.engines.placement import answer, case

DATA = knowing.load("placement")
ORDER = DATA["placement-levels"]["order"]
EDITIONS = DATA["placement-levels"]["editions"]
DISCREPANCIES = typing.get_args(case.Discrepancy)


def somebody(**known: Any) -> dict[str, Any]:
    """A line in edition 4 about a person who needs a group several times a week, signed and complete."""
    return {
        "edition": 4,
        "pathway": "first-line",
        "sud_diagnosis": True,
        "ratings": {"1": 0, "2": 0, "3": 1, "4": 2, "5": 1},
        "withdrawal": "CLEAR",
        "gates": [],
        "medical_signed": True,
        "clinical_signed": True,
    } | known


def in_review(**found: Any) -> dict[str, Any]:
    calm = {
        "progress": "partly",
        "goals_met": False,
        "new_problem": False,
        "plan_amended": True,
        "safe_at_level": True,
        "engaged": True,
    }
    return somebody(stay=calm | found)


def codes(line: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer(line)["reasons"]]


def test_the_contracts_example() -> None:
    told = answer(
        somebody(
            ratings={"1": 0, "2": 0, "3": 1, "4": 2, "5": 2},
            needs={"5": "3.1"},
            selected="2.1",
            discrepancy_reason="client-choice",
        )
    )
    assert (told["status"], told["recommended"], told["selected"]) == ("final", "3.1", "2.1")
    assert told["deciding"] == ["5"]
    assert told["companions"] == ["recovery-residence"]
    assert told["missing"] == []
    assert "decision" not in told
    assert {"if": "/needs/5 = null", "then": "2.1"} in told["would_change"]


def test_v01_dana_is_placed_in_the_program_with_withdrawal_care_beside_it() -> None:
    ratings = {"1": 1, "2": 0, "3": 0, "4": 2, "5": 2, "6": 0}
    dana = answer(somebody(edition=3, ratings=ratings, withdrawal="AMBULATORY_1WM", medical_signed=False))
    assert (dana["status"], dana["recommended"], dana["deciding"]) == ("provisional", "2.1", ["4", "5"])
    assert dana["companions"] == ["ambulatory-wm"]


def test_v02_rui_waits_for_inpatient_withdrawal_care() -> None:
    rui = answer(somebody(withdrawal="INPATIENT_WM"))
    assert (rui["status"], rui["recommended"], rui["companions"]) == ("pending-wm", "2.1", [])


def test_v07_sol_gets_the_program_and_a_recovery_residence() -> None:
    sol = answer(somebody(ratings={"1": 0, "2": 0, "3": 0, "4": 2, "5": 2}))
    assert (sol["status"], sol["recommended"], sol["companions"]) == ("final", "2.1", ["recovery-residence"])


@pytest.mark.parametrize("result", ["MEDICAL_REVIEW", "INPATIENT_WM", "UNKNOWN", None])
def test_withdrawal_that_is_not_clear_comes_first(result: str | None) -> None:
    assert answer(somebody(withdrawal=result))["status"] == "pending-wm"


def test_an_ambulatory_withdrawal_runs_beside_the_program_once_a_prescriber_signed() -> None:
    signed, unsigned = (
        answer(somebody(withdrawal="AMBULATORY_2WM", medical_signed=signed)) for signed in (True, False)
    )
    assert (signed["status"], unsigned["status"]) == ("final", "provisional")
    assert signed["companions"] == unsigned["companions"] == ["ambulatory-wm"]


@pytest.mark.parametrize("gate", typing.get_args(case.Gate))
def test_an_emergency_stops_placement(gate: str) -> None:
    told = answer(somebody(gates=[gate], sud_diagnosis=False, selected="2.1"))
    assert (told["status"], told["recommended"], told["companions"]) == ("emergency", None, [])
    assert told["reasons"][0]["code"] == gate
    assert answer(somebody(withdrawal="EMERGENCY"))["status"] == "emergency"


def test_no_diagnosis_is_not_eligible_and_an_unknown_one_is_not_final() -> None:
    assert answer(somebody(sud_diagnosis=False))["status"] == "not-eligible"
    unknown = answer(somebody(sud_diagnosis=None))
    assert (unknown["status"], unknown["missing"]) == ("provisional", ["/sud_diagnosis"])


@pytest.mark.parametrize("name", ["medical_signed", "clinical_signed"])
def test_both_assessments_are_signed_before_it_is_final(name: str) -> None:
    line = somebody(**{name: False})
    assert answer(line)["status"] == "provisional"
    assert "not-signed" in codes(line)


def test_less_than_the_program_needs_no_program_unless_there_is_a_reason() -> None:
    low = {"1": 0, "2": 0, "3": 1, "4": 1, "5": 1}
    assert answer(somebody(ratings=low))["recommended"] == "1.5"
    assert answer(somebody(ratings=low | {"6": 1}, edition=3))["recommended"] == "1"
    assert answer(somebody(ratings=low, reason_below="step-down"))["recommended"] == "2.1"
    assert "lower-level-failed" in codes(somebody(ratings=low, reason_below="lower-level-failed"))


def test_twenty_hours_are_more_than_the_program_gives() -> None:
    assert answer(somebody(hours_needed=19.5))["recommended"] == "2.1"
    assert answer(somebody(hours_needed=20))["recommended"] == "2.5"


def test_edition_three_rates_six_dimensions_and_edition_four_five() -> None:
    ratings = {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0, "6": 4}
    assert answer(somebody(ratings=ratings, edition=3))["recommended"] == "3.5"
    assert answer(somebody(ratings=ratings, edition=4))["recommended"] == "1.5"
    assert answer(somebody(edition=3))["missing"] == ["/ratings/6"]


def test_a_missing_rating_leaves_the_least_known_level() -> None:
    told = answer(somebody(ratings={"1": 0, "4": 4}))
    assert (told["status"], told["recommended"]) == ("provisional", "3.5")
    assert told["missing"] == ["/ratings/2", "/ratings/3", "/ratings/5"]


def test_another_level_than_recommended_needs_its_reason() -> None:
    with pytest.raises(BadLine) as fault:
        answer(somebody(selected="1.5"))
    assert (fault.value.code, fault.value.where) == ("reason-needed", "/discrepancy_reason")
    assert answer(somebody(selected="1.5", discrepancy_reason="payer-denial"))["discrepancy_reason"] == "payer-denial"
    assert answer(somebody(selected="2.1"))["discrepancy_reason"] is None


@pytest.mark.parametrize(
    ("found", "decision"),
    [
        ({}, "continue"),
        ({"progress": "yes"}, "continue"),
        ({"engaged": False}, "continue-amended"),
        ({"new_problem": True}, "continue-amended"),
        ({"progress": "no", "plan_amended": False}, "continue-amended"),
        ({"progress": "no"}, "step-up"),
        ({"progress": "worse"}, "step-up"),
        ({"safe_at_level": False}, "step-up"),
        ({"progress": "yes", "goals_met": True}, "step-down"),
        ({"progress": "yes", "goals_met": True, "new_problem": True}, "continue-amended"),
        ({"safe_at_level": None, "progress": "worse"}, "step-up"),
        ({"safe_at_level": None}, None),
    ],
)
def test_review_decisions(found: dict[str, Any], decision: str | None) -> None:
    assert answer(in_review(**found))["decision"] == decision


def test_a_review_with_nothing_left_ends_in_discharge_and_danger_in_transfer() -> None:
    calm = {str(number): 0 for number in range(1, 6)}
    done = in_review(progress="yes", goals_met=True)
    assert answer(done | {"ratings": calm})["decision"] == "discharge"
    assert answer(done | {"withdrawal": "INPATIENT_WM"})["decision"] == "transfer-medical"
    assert answer(done | {"gates": ["suicide-high"]})["decision"] == "transfer-medical"
    assert answer(done | {"ratings": calm | {"2": 3}})["decision"] == "transfer-medical"


def test_an_open_review_points_at_what_it_needs() -> None:
    told = answer(in_review(safe_at_level=None))
    assert (told["status"], told["missing"]) == ("provisional", ["/stay/safe_at_level"])


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ({"rating": {}}, "unknown-key", "/rating"),
        ({"ratings": {"7": 1}}, "unknown-key", "/ratings/7"),
        ({"ratings": {"1": 5}}, "out-of-range", "/ratings/1"),
        ({"ratings": {"1": "2"}}, "wrong-type", "/ratings/1"),
        ({"needs": {"1": "2.2"}}, "unknown-value", "/needs/1"),
        ({"gates": ["fire"]}, "unknown-value", "/gates/0"),
        ({"edition": 5}, "unknown-value", "/edition"),
        ({"edition": "4"}, "wrong-type", "/edition"),
        ({"stay": {"progress": "some"}}, "unknown-value", "/stay/progress"),
    ],
)
def test_a_line_that_cannot_be_used_says_where(line: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(BadLine) as fault:
        answer(line)
    assert (fault.value.code, fault.value.where) == (code, where)


ratings = st.dictionaries(st.sampled_from("123456"), st.integers(0, 4) | st.none())
lines = st.fixed_dictionaries(
    {
        "edition": st.sampled_from([3, 4]),
        "sud_diagnosis": st.sampled_from([True, True, False, None]),
        "ratings": st.one_of(ratings, st.fixed_dictionaries({each: st.integers(0, 4) for each in "123456"})),
        "needs": st.dictionaries(st.sampled_from("123456"), st.sampled_from(ORDER), max_size=1) | st.none(),
        "withdrawal": st.sampled_from([*typing.get_args(case.Withdrawal), "CLEAR", "CLEAR", None]),
        "gates": st.lists(st.sampled_from(typing.get_args(case.Gate)), max_size=1) | st.none(),
        "medical_signed": st.booleans() | st.none(),
        "clinical_signed": st.booleans() | st.none(),
        "hours_needed": st.sampled_from([None, 9, 20]),
        "reason_below": st.sampled_from([None, "step-down"]),
        "stay": st.none()
        | st.fixed_dictionaries(
            {"progress": st.sampled_from(["yes", "partly", "no", "worse", None])}
            | {
                name: st.booleans() | st.none()
                for name in ("goals_met", "new_problem", "plan_amended", "safe_at_level", "engaged")
            }
        ),
    }
)


def rank(told: dict[str, Any]) -> int:
    return -1 if told["recommended"] is None else ORDER.index(told["recommended"])


@settings(max_examples=300, deadline=None)
@given(lines, st.sampled_from("123456"))
def test_a_higher_rating_never_asks_for_less(line: dict[str, Any], dimension: str) -> None:
    rating = line["ratings"].get(dimension)
    if rating not in (None, 4):
        higher = line | {"ratings": line["ratings"] | {dimension: rating + 1}}
        assert rank(answer(higher)) >= rank(answer(line))


@settings(max_examples=400, deadline=None)
@given(lines, st.data())
def test_taking_an_answer_away_never_makes_it_final_or_decides_a_review_otherwise(
    line: dict[str, Any], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["edition", "sud_diagnosis", "ratings", "withdrawal", "gates", "medical_signed"]))
    before, after = answer(line), answer(line | {name: None})
    assert after["status"] != "final"
    assert after.get("decision") in (None, before.get("decision"))
    if line["stay"]:
        asked = data.draw(st.sampled_from(sorted(line["stay"])))
        less = answer(line | {"stay": line["stay"] | {asked: None}})
        assert less["decision"] in (None, before["decision"])


@settings(max_examples=200, deadline=None)
@given(lines)
def test_final_means_signed_and_complete_and_named_changes_hold(line: dict[str, Any]) -> None:
    told = answer(line)
    if told["status"] == "final":
        assert line["medical_signed"] and line["clinical_signed"] and line["sud_diagnosis"] and not told["missing"]
    backwards = dict(reversed(line.items())) | {"ratings": dict(reversed(line["ratings"].items()))}
    assert json.dumps(answer(backwards)) == json.dumps(told)
    for change in told["would_change"][:5]:
        pointer, value = change["if"].split(" = ")
        other = answer(with_answer(line, pointer, json.loads(value)))
        assert change["then"] in (other["status"], other["recommended"], other.get("decision"))


def with_answer(line: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    name, *inner = pointer.split("/")[1:]
    return line | {name: (line[name] or {}) | {inner[0]: value} if inner else value}


def test_the_default_table_rises_with_the_rating_and_says_that_it_is_unverified() -> None:
    assert DATA["placement-levels"]["verified"] is False
    assert DATA["placement-levels"]["confidence"] == "G"
    assert list(EDITIONS[3]["dimensions"]) == list("123456")
    assert list(EDITIONS[4]["dimensions"]) == list("12345")
    for edition in EDITIONS.values():
        for dimension in edition["dimensions"].values():
            ranks = [ORDER.index(level) for level in dimension["levels"]]
            assert len(ranks) == 5
            assert ranks == sorted(ranks)


def test_every_review_rule_decides_something_and_cites_its_source() -> None:
    rules = DATA["placement-stay"]["rules"]
    assert {rule["decision"] for rule in rules} == set(typing.get_args(case.Decision))
    assert all(rule["source"] and rule["confidence"] in ("V", "V2", "G", "D") for rule in rules)
