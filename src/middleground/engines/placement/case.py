"""What placement takes and gives. Null or absent means that it is not known."""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from middleground.engines.safety import Change, Reason

Level = Literal["1", "1.5", "2.1", "2.5", "3.1", "3.5", "3.7", "4"]
Rating = Annotated[int, Meta(ge=0, le=4)]
Withdrawal = Literal[
    "CLEAR", "AMBULATORY_1WM", "AMBULATORY_2WM", "MEDICAL_REVIEW", "INPATIENT_WM", "EMERGENCY", "UNKNOWN"
]
Gate = Literal["suicide-high", "violence-now", "medical-emergency"]
Discrepancy = Literal[
    "not-available", "client-choice", "payer-denial", "legal-mandate", "geography", "wait-list", "clinical-judgement"
]
Status = Literal["final", "provisional", "pending-wm", "emergency", "not-eligible"]
Decision = Literal["continue", "continue-amended", "step-down", "discharge", "step-up", "transfer-medical"]


class Ratings(Struct, frozen=True, forbid_unknown_fields=True):
    """Risk per dimension, 0 (none) to 4 (utmost). Edition 4 rates the first five."""

    d1: Rating | None = field(name="1", default=None)
    d2: Rating | None = field(name="2", default=None)
    d3: Rating | None = field(name="3", default=None)
    d4: Rating | None = field(name="4", default=None)
    d5: Rating | None = field(name="5", default=None)
    d6: Rating | None = field(name="6", default=None)


class Needs(Struct, frozen=True, forbid_unknown_fields=True):
    """The level that an assessor holds necessary for a dimension; it outranks the rating's default."""

    d1: Level | None = field(name="1", default=None)
    d2: Level | None = field(name="2", default=None)
    d3: Level | None = field(name="3", default=None)
    d4: Level | None = field(name="4", default=None)
    d5: Level | None = field(name="5", default=None)
    d6: Level | None = field(name="6", default=None)


class Stay(Struct, frozen=True, forbid_unknown_fields=True):
    """What a continued-stay review found."""

    progress: Literal["yes", "partly", "no", "worse"] | None = None
    goals_met: bool | None = None
    new_problem: bool | None = None
    plan_amended: bool | None = None
    safe_at_level: bool | None = None
    engaged: bool | None = None


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything placement looks at. `hours_needed` each week; `withdrawal` is the withdrawal check's result."""

    edition: Literal[3, 4] | None = None
    pathway: Literal["first-line", "after-withdrawal", "step-down"] | None = None
    sud_diagnosis: bool | None = None
    ratings: Ratings | None = None
    needs: Needs | None = None
    withdrawal: Withdrawal | None = None
    gates: list[Gate] | None = None
    medical_signed: bool | None = None
    clinical_signed: bool | None = None
    hours_needed: Annotated[float, Meta(ge=0, le=168)] | None = None
    reason_below: Literal["step-down", "lower-level-failed"] | None = None
    stay: Stay | None = None
    selected: Level | None = None
    discrepancy_reason: Discrepancy | None = None


class Placement(Struct, frozen=True):
    """The answer; `recommended` is null where placement stops, and the least known level while `missing` is not empty."""

    status: Status
    recommended: Level | None
    selected: Level | None
    discrepancy_reason: Discrepancy | None
    deciding: list[str]
    reasons: list[Reason]
    missing: list[str]
    would_change: list[Change]
    companions: list[str]
    decision: Decision | None
    version: dict[str, str]
