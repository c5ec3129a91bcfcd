"""Reading what is assessed. Everything here passes the record gate."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from middleground.engines import scoring
from middleground.engines.errors import BadLine
from middleground.kernel import clock
from middleground.records.models import Client

from .models import Assessment, DimensionRating, InstrumentResult, PlacementDecision, WithdrawalCheck

UNKNOWN = "UNKNOWN"
SIGNABLE = ("CLEAR", "AMBULATORY_1WM", "AMBULATORY_2WM")
MEDICAL_FIRST = ("MEDICAL_REVIEW", "INPATIENT_WM", "EMERGENCY")


@dataclass(frozen=True)
class Readiness:
    """Whether somebody can be admitted, as far as assessment goes. `problems` are plain sentences, empty when nothing stands in the way.

    `withdrawal_valid`: in date and, as every result that lets care begin, signed by a prescriber.
    `withdrawal_result` is what the placement rules are told: UNKNOWN without a check in date.
    """

    medical_signed: bool
    clinical_signed: bool
    withdrawal: WithdrawalCheck | None
    withdrawal_valid: bool
    decision: PlacementDecision | None
    withdrawal_result: str = UNKNOWN
    problems: list[str] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return not self.problems


def readiness(client: Client) -> Readiness:
    """What is signed, checked and decided for this client, and what is still missing. Three queries."""
    rows = list(assessments(client))
    signed = {str(row.sort) for row in rows if row.is_signed}
    check, decision = latest_check(client), latest_decision(client)
    in_date = check is not None and is_in_date(check)
    valid = bool(check and in_date and check.result in SIGNABLE and check.signed_at)
    return Readiness(
        "medical" in signed,
        "clinical" in signed,
        check,
        valid,
        decision,
        check.result if check is not None and in_date else UNKNOWN,
        [*unsigned_problems(signed), *withdrawal_problems(check, in_date), *decision_problems(decision)],
        rows,
    )


def unsigned_problems(signed: set[str]) -> list[str]:
    told = {
        "medical": "The medical assessment isn't signed by a prescriber yet.",
        "clinical": "The clinical assessment isn't signed by a counselor yet.",
    }
    return [words for sort, words in told.items() if sort not in signed]


def withdrawal_problems(check: WithdrawalCheck | None, in_date: bool) -> list[str]:
    if check is None:
        return ["There is no withdrawal check yet."]
    if not in_date:
        return ["The withdrawal check is out of date."]
    if check.result == UNKNOWN:
        return ["The withdrawal check lacks answers, so it clears nobody."]
    if check.result in MEDICAL_FIRST:
        return ["Withdrawal needs medical care first."]
    return [] if check.signed_at else ["The withdrawal check isn't signed by a prescriber yet."]


def decision_problems(decision: PlacementDecision | None) -> list[str]:
    if decision is None:
        return ["No level of care has been decided yet."]
    return [] if decision.status == "final" else ["The level of care is decided, but not final."]


def is_in_date(check: WithdrawalCheck) -> bool:
    """A check holds until its own time; one without a time holds for the day it was made."""
    if check.valid_until is not None:
        return check.valid_until > clock.now()
    return clock.today() == timezone.localdate(check.at)


def latest_check(client: Client) -> WithdrawalCheck | None:
    return WithdrawalCheck.objects.filter(client=client).select_related("by", "signed_by").first()


def latest_decision(client: Client) -> PlacementDecision | None:
    return PlacementDecision.objects.filter(client=client).select_related("decided_by").first()


def decisions(client: Client) -> QuerySet[PlacementDecision]:
    """All placement decisions, the newest first."""
    return PlacementDecision.objects.filter(client=client).select_related("decided_by")


def check(check_id: int) -> WithdrawalCheck | None:
    return WithdrawalCheck.objects.filter(pk=check_id).select_related("client", "by", "signed_by").first()


def assessments(client: Client) -> QuerySet[Assessment]:
    """Drafts and signed ones, the newest first, without the wording they were signed with."""
    return Assessment.objects.filter(client=client).defer("form").select_related("signed_by", "saved_by")


def assessment(assessment_id: int) -> Assessment | None:
    return Assessment.objects.filter(pk=assessment_id).select_related("client", "signed_by", "saved_by").first()


def told(client: Client) -> dict[str, Any]:
    """Answers by question id over both assessments, the newest winning: what need not be asked again."""
    return told_in(list(assessments(client)))


def told_in(rows: list[Assessment]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for each in sorted(rows, key=lambda row: row.saved_at):
        content.update(each.content)
    return content


# ---- ratings ---------------------------------------------------------------------------------------------------


def ratings(client: Client, edition: int | None = None) -> QuerySet[DimensionRating]:
    """The current rating of each dimension."""
    found = DimensionRating.objects.filter(client=client, superseded_at=None).select_related("rated_by")
    return found.filter(edition=edition) if edition else found


def ratings_line(client: Client, edition: int) -> dict[str, dict[str, Any]]:
    """The ratings as the placement engine takes them."""
    rows = list(ratings(client, edition))
    return {
        "ratings": {str(row.dimension): row.rating for row in rows if row.rating is not None},
        "needs": {str(row.dimension): row.need for row in rows if row.need},
    }


# ---- instruments -----------------------------------------------------------------------------------------------


def results(client: Client) -> QuerySet[InstrumentResult]:
    """Results that stand, the newest first, without the answers."""
    return (
        InstrumentResult.objects.filter(client=client, superseded_at=None).defer("answers").select_related("given_by")
    )


def result(result_id: int) -> InstrumentResult | None:
    return InstrumentResult.objects.filter(pk=result_id).select_related("client", "given_by", "superseded_by").first()


def latest(client: Client, instrument: str) -> InstrumentResult | None:
    """The last result that stands, or None."""
    return results(client).filter(instrument=instrument).first()


def scores_over_time(client: Client, instrument: str) -> list[tuple[datetime, float, str]]:
    """(when, total, band id) of every result that stands, the oldest first."""
    rows = InstrumentResult.objects.filter(client=client, instrument=instrument, superseded_at=None).only(
        "client_id", "given_at", "total", "band"
    )
    return [(row.given_at, row.total, row.band) for row in rows.order_by("given_at", "pk")]


@dataclass(frozen=True)
class ThenAndNow:
    """One measure at its first and its last giving, and whether the change is more than chance (`scoring.change`)."""

    instrument: str
    title: str
    first_at: datetime
    first: float
    first_band: str
    last_at: datetime
    last: float
    last_band: str
    most: float
    change: str
    times: int


def measures_then_and_now(client: Client, since: datetime | None = None) -> list[ThenAndNow]:
    """Every instrument given, first against last; `since` begins at an episode. One query."""
    rows = results(client).order_by("given_at", "pk")
    by_instrument: dict[str, list[InstrumentResult]] = {}
    for row in rows.filter(given_at__gte=since) if since else rows:
        by_instrument.setdefault(row.instrument, []).append(row)
    return [then_and_now(rows_of) for _, rows_of in sorted(by_instrument.items())]


def then_and_now(rows: list[InstrumentResult]) -> ThenAndNow:
    first, last = rows[0], rows[-1]
    return ThenAndNow(
        first.instrument,
        first.title,
        first.given_at,
        first.total,
        first.band_label,
        last.given_at,
        last.total,
        last.band_label,
        last.most,
        changed(first, last),
        len(rows),
    )


def changed(first: InstrumentResult, last: InstrumentResult) -> str:
    """improved, worse, no-reliable-change or not-established; an instrument no longer in force has no established change."""
    try:
        return scoring.change(first.instrument, first.total, last.total)
    except BadLine:
        return "not-established"
