"""What the withdrawal check takes and gives. Null or absent means that it is not known."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

SubstanceName = Literal[
    "alcohol", "opioid-short", "fentanyl", "opioid-long", "methadone", "buprenorphine", "benzodiazepine", "z-drug",
    "barbiturate", "ghb", "phenibut", "baclofen", "gabapentinoid", "methamphetamine", "cocaine", "stimulant-other",
    "cannabis", "nicotine", "xylazine", "medetomidine", "kratom", "other",
]  # fmt: skip
Condition = Literal[
    "significant-medical", "significant-psychiatric", "liver-failure", "recent-head-injury", "arrhythmia",
    "electrolyte-disorder", "no-oral-medication", "coronary-disease", "epilepsy",
]  # fmt: skip
Sign = Literal[
    "disoriented", "hallucinating", "seizure-now", "rigid-agitation", "unrousable", "chest-pain", "persistent-vomiting"
]
Outcome = Literal["CLEAR", "AMBULATORY_1WM", "AMBULATORY_2WM", "MEDICAL_REVIEW", "INPATIENT_WM", "EMERGENCY", "UNKNOWN"]
Confidence = Literal["V", "V2", "G", "D"]
Amount = Annotated[float, Meta(ge=0, le=100_000)]
Percent = Annotated[float, Meta(ge=0, le=100)]
Rate = Annotated[float, Meta(ge=0, le=400)]
Moment = Annotated[datetime, Meta(tz=True)]


class Substance(Struct, frozen=True, forbid_unknown_fields=True):
    """One substance in use; `last_use_hours` ago, `weeks` of use."""

    substance: SubstanceName | None = None
    last_use_hours: Amount | None = None
    daily: bool | None = None
    weeks: Amount | None = None


class Scales(Struct, frozen=True, forbid_unknown_fields=True):
    """Total scores, in the range of each published scale."""

    ciwa_ar: Annotated[int, Meta(ge=0, le=67)] | None = field(name="ciwa-ar", default=None)
    pawss: Annotated[int, Meta(ge=0, le=10)] | None = None
    cows: Annotated[int, Meta(ge=0, le=48)] | None = None
    ciwa_b: Annotated[int, Meta(ge=0, le=80)] | None = field(name="ciwa-b", default=None)


class History(Struct, frozen=True, forbid_unknown_fields=True):
    """Earlier withdrawals and what happened in them."""

    withdrawal_seizure: bool | None = None
    delirium: bool | None = None
    withdrawals: Annotated[int, Meta(ge=0, le=1000)] | None = None


class Vitals(Struct, frozen=True, forbid_unknown_fields=True):
    """Per minute, mmHg, percent, degrees Celsius, mg/dL."""

    heart_rate: Rate | None = None
    systolic: Rate | None = None
    diastolic: Rate | None = None
    resp_rate: Rate | None = None
    spo2: Percent | None = None
    temp_c: Annotated[float, Meta(ge=20, le=46)] | None = None
    consciousness: Literal["alert", "drowsy", "confused", "unrousable"] | None = None
    glucose_mg_dl: Annotated[float, Meta(ge=0, le=2000)] | None = None


class Setting(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether the client can come daily, what home is like; `transport` is for planning the way and decides nothing."""

    daily_visits: bool | None = None
    home: Literal["supportive", "low-support", "unsafe"] | None = None
    transport: bool | None = None


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything the check looks at. `breath_alcohol` in g/210 L; `as_of` must carry an offset."""

    substances: list[Substance] | None = None
    scales: Scales | None = None
    history: History | None = None
    age: Annotated[float, Meta(ge=0, le=130)] | None = None
    pregnant: bool | None = None
    breath_alcohol: Annotated[float, Meta(ge=0, le=1)] | None = None
    intoxicated: bool | None = None
    conditions: list[Condition] | None = None
    signs: list[Sign] | None = None
    suicide_risk: Literal["none", "low", "moderate", "high"] | None = None
    vitals: Vitals | None = None
    setting: Setting | None = None
    as_of: Moment | None = None


class Reason(Struct, frozen=True):
    """A finding: stable `code`, a sentence to read aloud, its citation and how sure that citation is."""

    code: str
    text: str
    source: str
    confidence: Confidence


class Change(Struct, frozen=True):
    """One answer that, changed alone, gives another result: `if_` is `pointer = JSON value`."""

    if_: str = field(name="if")
    then: str


class Monitoring(Struct, frozen=True):
    """How an ambulatory withdrawal is watched and what ends it."""

    every_hours: int
    until_hours_after_last_use: int
    transfer_if: list[str]


class Result(Struct, frozen=True):
    """The answer; `missing` are JSON pointers, `valid_until` is null when the line has no `as_of`."""

    result: Outcome
    reasons: list[Reason]
    missing: list[str]
    would_change: list[Change]
    advice: list[str]
    monitoring: Monitoring | None
    valid_until: datetime | None
    version: dict[str, str]
