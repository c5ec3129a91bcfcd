"""The withdrawal check on invented people and at every limit."""

import json
from typing import Any

import pytest

from middleground.engines.errors import BadLine
from middleground.engines.safety import answer

CALM = {
    "heart_rate": 82,
    "systolic": 126,
    "diastolic": 80,
    "resp_rate": 14,
    "spo2": 98,
    "temp_c": 36.8,
    "consciousness": "alert",
}


def somebody(*substances: dict[str, Any], **known: Any) -> dict[str, Any]:
    """A line about a person in whom everything is known and nothing else is dangerous; `vitals` etc. add to it."""
    line: dict[str, Any] = {
        "substances": list(substances),
        "scales": {"ciwa-ar": 6, "pawss": 2, "cows": 3},
        "history": {"withdrawal_seizure": False, "delirium": False, "withdrawals": 0},
        "age": 41,
        "pregnant": False,
        "breath_alcohol": 0.0,
        "intoxicated": False,
        "conditions": [],
        "signs": [],
        "suicide_risk": "none",
        "vitals": dict(CALM),
        "setting": {"daily_visits": True, "home": "supportive", "transport": True},
        "as_of": "2026-11-02T09:00:00-05:00",
    }
    for key, value in known.items():
        line[key] = {**line[key], **value} if isinstance(value, dict) else value
    return line


def use(substance: str, hours: float = 30, daily: bool = True, weeks: float = 400) -> dict[str, Any]:
    return {"substance": substance, "last_use_hours": hours, "daily": daily, "weeks": weeks}


def result(line: dict[str, Any]) -> str:
    return answer(line)["result"]


def codes(line: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in answer(line)["reasons"]]


def test_v01_dana_may_withdraw_at_home_with_daily_checks() -> None:
    dana = answer(somebody(use("alcohol")))
    assert dana["result"] == "AMBULATORY_1WM"
    assert [reason["code"] for reason in dana["reasons"]] == ["ciwa-mild"]
    assert dana["advice"] == ["offer-aud-medication"]
    assert dana["missing"] == []
    assert {"if": "/history/withdrawal_seizure = true", "then": "INPATIENT_WM"} in dana["would_change"]
    assert dana["monitoring"]["every_hours"] == 24
    assert dana["monitoring"]["until_hours_after_last_use"] == 120
    assert {"ciwa-ar>=19", "seizure", "missed-daily-check"} <= set(dana["monitoring"]["transfer_if"])
    assert dana["valid_until"] == "2026-11-03T09:00:00-05:00"


def test_v02_ruis_past_seizure_outranks_his_score() -> None:
    rui = somebody(use("alcohol"), age=52, scales={"ciwa-ar": 14}, history={"withdrawal_seizure": True})
    assert result(rui) == "INPATIENT_WM"
    assert codes(rui) == ["past-withdrawal-seizure", "ciwa-moderate"]
    assert answer(rui)["monitoring"] is None


def test_v03_kei_is_treated_and_not_turned_away() -> None:
    kei = somebody(use("fentanyl", 10), age=29, scales={"cows": 7})
    assert result(kei) == "AMBULATORY_1WM"
    assert {"offer-moud", "offer-naloxone"} <= set(answer(kei)["advice"])


def test_v05_ines_must_not_stop_alprazolam_at_home() -> None:
    ines = somebody(use("benzodiazepine", 24, weeks=156), age=47, vitals={"heart_rate": 118})
    assert result(ines) == "INPATIENT_WM"
    assert {"sedative-daily-over-four-weeks", "heart-rate-raised"} <= set(codes(ines))
    assert {"do-not-stop-abruptly", "specialist-taper", "same-day-medical-review"} <= set(answer(ines)["advice"])
    assert result(somebody(use("benzodiazepine", 24, weeks=156), vitals={"heart_rate": 120})) == "EMERGENCY"


def test_v06_mae_starts_medication_with_an_obstetric_link_instead_of_withdrawal() -> None:
    mae = answer(somebody(use("fentanyl", 12), use("opioid-short", 12), age=24, pregnant=True))
    assert mae["result"] == "MEDICAL_REVIEW"
    assert {"no-supervised-withdrawal", "obstetric-link", "offer-moud", "offer-naloxone"} <= set(mae["advice"])


def test_v07_sol_has_no_withdrawal_danger() -> None:
    sol = answer(somebody(use("methamphetamine"), age=33))
    assert sol["result"] == "CLEAR"
    assert [reason["code"] for reason in sol["reasons"]] == ["no-withdrawal-finding"]
    assert sol["advice"] == ["offer-naloxone", "watch-suicidality"]


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (9, "AMBULATORY_1WM"),
        (10, "AMBULATORY_2WM"),
        (18, "AMBULATORY_2WM"),
        (19, "INPATIENT_WM"),
    ],
)
def test_ciwa_bands(score: int, expected: str) -> None:
    assert result(somebody(use("alcohol"), scales={"ciwa-ar": score})) == expected


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({"history": {"delirium": True}}, "INPATIENT_WM"),
        ({"scales": {"pawss": 3}}, "AMBULATORY_1WM"),
        ({"scales": {"pawss": 4}}, "INPATIENT_WM"),
        ({"conditions": ["significant-psychiatric"]}, "INPATIENT_WM"),
        ({"conditions": ["liver-failure"]}, "MEDICAL_REVIEW"),
        ({"setting": {"daily_visits": False}}, "INPATIENT_WM"),
        ({"setting": {"home": "low-support"}}, "AMBULATORY_2WM"),
        ({"setting": {"home": "low-support"}, "scales": {"ciwa-ar": 12}}, "INPATIENT_WM"),
        ({"setting": {"home": "unsafe"}}, "INPATIENT_WM"),
        ({"pregnant": True}, "INPATIENT_WM"),
        ({"age": 65}, "AMBULATORY_1WM"),
        ({"age": 66}, "MEDICAL_REVIEW"),
        ({"history": {"withdrawals": 2}}, "MEDICAL_REVIEW"),
        ({"intoxicated": True}, "MEDICAL_REVIEW"),
        ({"breath_alcohol": 0.08}, "MEDICAL_REVIEW"),
        ({"breath_alcohol": 0.3}, "EMERGENCY"),
        ({"suicide_risk": "moderate"}, "MEDICAL_REVIEW"),
        ({"suicide_risk": "high"}, "EMERGENCY"),
        ({"vitals": {"temp_c": 38.3}}, "EMERGENCY"),
    ],
)
def test_what_stands_beside_a_mild_alcohol_score(known: dict[str, Any], expected: str) -> None:
    assert result(somebody(use("alcohol"), **known)) == expected


@pytest.mark.parametrize(
    ("vitals", "expected"),
    [
        ({"heart_rate": 99}, "CLEAR"),
        ({"heart_rate": 100}, "MEDICAL_REVIEW"),
        ({"heart_rate": 39}, "EMERGENCY"),
        ({"systolic": 150}, "MEDICAL_REVIEW"),
        ({"systolic": 180}, "EMERGENCY"),
        ({"systolic": 89}, "EMERGENCY"),
        ({"diastolic": 95}, "MEDICAL_REVIEW"),
        ({"diastolic": 120}, "EMERGENCY"),
        ({"resp_rate": 21}, "MEDICAL_REVIEW"),
        ({"resp_rate": 9}, "EMERGENCY"),
        ({"resp_rate": 29}, "EMERGENCY"),
        ({"spo2": 94}, "MEDICAL_REVIEW"),
        ({"spo2": 89}, "EMERGENCY"),
        ({"temp_c": 37.8}, "MEDICAL_REVIEW"),
        ({"temp_c": 38.5}, "EMERGENCY"),
        ({"temp_c": 34.9}, "EMERGENCY"),
        ({"consciousness": "drowsy"}, "MEDICAL_REVIEW"),
        ({"consciousness": "confused"}, "EMERGENCY"),
        ({"glucose_mg_dl": 69}, "MEDICAL_REVIEW"),
        ({"glucose_mg_dl": 53}, "EMERGENCY"),
        ({"glucose_mg_dl": 301}, "MEDICAL_REVIEW"),
        ({"glucose_mg_dl": 301, "consciousness": "drowsy"}, "EMERGENCY"),
    ],
)
def test_red_flags_count_for_everybody(vitals: dict[str, Any], expected: str) -> None:
    assert result(somebody(vitals=vitals)) == expected


@pytest.mark.parametrize(
    ("uses", "known", "expected"),
    [
        ([use("alcohol"), use("benzodiazepine", daily=False)], {}, "INPATIENT_WM"),
        ([use("benzodiazepine", weeks=4)], {}, "MEDICAL_REVIEW"),
        ([use("z-drug", weeks=4)], {"history": {"withdrawal_seizure": True}}, "INPATIENT_WM"),
        ([use("benzodiazepine", daily=False), use("barbiturate", daily=False)], {}, "INPATIENT_WM"),
        ([use("benzodiazepine", 400)], {}, "CLEAR"),
        ([use("ghb")], {}, "INPATIENT_WM"),
        ([use("phenibut")], {}, "INPATIENT_WM"),
        ([use("baclofen")], {}, "INPATIENT_WM"),
        ([use("gabapentinoid")], {}, "MEDICAL_REVIEW"),
        ([use("gabapentinoid", daily=False)], {}, "CLEAR"),
        ([use("opioid-short", 8)], {"scales": {"cows": 13}}, "AMBULATORY_2WM"),
        ([use("opioid-short", 8)], {"scales": {"cows": 25}}, "MEDICAL_REVIEW"),
        ([use("opioid-short", 8)], {"scales": {"cows": 37}}, "INPATIENT_WM"),
        ([use("fentanyl"), use("benzodiazepine", weeks=1)], {}, "INPATIENT_WM"),
        ([use("buprenorphine", 12)], {}, "CLEAR"),
        ([use("xylazine")], {}, "MEDICAL_REVIEW"),
        ([use("medetomidine")], {}, "MEDICAL_REVIEW"),
        ([use("medetomidine")], {"signs": ["persistent-vomiting"]}, "EMERGENCY"),
        ([use("medetomidine")], {"vitals": {"heart_rate": 100}}, "EMERGENCY"),
        ([use("cannabis")], {"signs": ["persistent-vomiting"]}, "EMERGENCY"),
        ([use("cocaine")], {"signs": ["chest-pain"]}, "EMERGENCY"),
        ([use("nicotine")], {}, "CLEAR"),
        ([use("other")], {}, "MEDICAL_REVIEW"),
        ([use("alcohol", 120)], {}, "AMBULATORY_1WM"),
        ([use("alcohol", 121)], {}, "CLEAR"),
    ],
)
def test_other_substances_and_their_company(uses: list[dict], known: dict[str, Any], expected: str) -> None:
    assert result(somebody(*uses, **known)) == expected


@pytest.mark.parametrize("substance", ["alcohol", "fentanyl", "benzodiazepine"])
def test_nothing_known_clears_nobody(substance: str) -> None:
    assert result({}) == "UNKNOWN"
    assert result({"substances": [{"substance": substance}]}) == "UNKNOWN"


@pytest.mark.parametrize(("breath", "expected"), [(0.01, "MEDICAL_REVIEW"), (0.3, "EMERGENCY")])
def test_a_positive_breath_test_counts_although_nobody_named_alcohol(breath: float, expected: str) -> None:
    assert result(somebody(breath_alcohol=breath)) == expected


def test_missing_answers_are_pointed_at_beside_a_known_danger() -> None:
    line = somebody(use("alcohol"), history={"delirium": True}, scales={"ciwa-ar": None}, age=None)
    assert result(line) == "INPATIENT_WM"
    assert answer(line)["missing"] == ["/age", "/scales/ciwa-ar"]


def test_each_substance_asks_for_its_own_answers() -> None:
    line = somebody({"substance": "benzodiazepine"}, {"substance": "methadone", "last_use_hours": 10}, {})
    line["scales"]["cows"] = None
    assert answer(line)["missing"] == [
        "/scales/cows",
        "/substances/0/daily",
        "/substances/0/last_use_hours",
        "/substances/0/weeks",
        "/substances/2/substance",
    ]
    assert answer(somebody({"substance": "nicotine"}, scales={"ciwa-ar": None}))["missing"] == []


def test_impairment_brings_its_cautions() -> None:
    wanted = {"re-evaluate-when-sober", "no-driving", "no-consent-while-impaired", "same-day-medical-review"}
    assert wanted <= set(answer(somebody(intoxicated=True))["advice"])
    assert "wound-care" in answer(somebody(use("xylazine")))["advice"]


def test_what_would_change_the_result_does_change_it() -> None:
    line = somebody(use("alcohol"), use("benzodiazepine", 400))
    changes = answer(line)["would_change"]
    assert changes
    for change in changes:
        pointer, value = change["if"].split(" = ")
        assert result(with_answer(line, pointer, json.loads(value))) == change["then"] != result(line)


def with_answer(line: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(line))
    *path, last = [int(step) if step.isdigit() else step for step in pointer.split("/")[1:]]
    at = copy
    for step in path:
        at = at[step]
    at[last] = value
    return copy


@pytest.mark.parametrize(
    ("line", "code", "where"),
    [
        ({"sings": []}, "unknown-key", "/sings"),
        ({"vitals": {"hr": 80}}, "unknown-key", "/vitals/hr"),
        ({"substances": [{"a/b": 1}]}, "unknown-key", "/substances/0/a~1b"),
        ({"vitals": {"heart_rate": "80"}}, "wrong-type", "/vitals/heart_rate"),
        ({"pregnant": 1}, "wrong-type", "/pregnant"),
        ({"signs": [None]}, "wrong-type", "/signs/0"),
        ({"substances": [{}, {"substance": "gin"}]}, "unknown-value", "/substances/1/substance"),
        ({"scales": {"ciwa-ar": 68}}, "out-of-range", "/scales/ciwa-ar"),
        ({"age": float("inf")}, "out-of-range", "/age"),
        ({"as_of": "yesterday"}, "wrong-type", "/as_of"),
        ({"as_of": "2026-11-02T09:00:00"}, "out-of-range", "/as_of"),
        ({"as_of": "9999-12-31T09:00:00Z"}, "out-of-range", "/as_of"),
    ],
)
def test_a_line_that_cannot_be_used_says_where(line: dict[str, Any], code: str, where: str) -> None:
    with pytest.raises(BadLine) as fault:
        answer(line)
    assert (fault.value.code, fault.value.where) == (code, where)


def test_a_case_name_is_no_obstacle() -> None:
    assert answer({"case": 7} | somebody()) == answer(somebody())
