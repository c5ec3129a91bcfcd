"""Reading the medical record. Everything passes the record gate: a role without drug screens gets none of them."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import JSONObject
from django.utils import timezone

from middleground.kernel import clock
from middleground.kernel.gate import Protected
from middleground.records.models import Client, Episode

from . import words
from .models import (
    Allergy,
    Condition,
    DoseGiven,
    DrugScreen,
    Medication,
    NaloxoneRecord,
    PainPlan,
    WithdrawalMonitoring,
)


def medications(client: Client, stopped: bool = False) -> QuerySet[Medication]:
    """Medicines in use, recovery medicines first; `stopped` adds those that ended. Replaced doses are left out."""
    found = Medication.objects.filter(client=client, superseded_at=None)
    return found if stopped else found.filter(stopped_on=None)


def mat(client: Client) -> QuerySet[Medication]:
    """Recovery medicines in use (buprenorphine, methadone, naltrexone, acamprosate, disulfiram)."""
    return medications(client).filter(is_mat=True)


def medication(medication_id: int) -> Medication | None:
    return Medication.objects.filter(pk=medication_id).select_related("client", "listed_by").first()


def doses_before(row: Medication) -> QuerySet[Medication]:
    """Earlier doses of the same medicine, the newest first."""
    return (
        Medication.objects.filter(client=row.client, drug=row.drug, name=row.name)
        .exclude(pk=row.pk)
        .order_by("-listed_at")
    )


def doses_given(row: Medication) -> QuerySet[DoseGiven]:
    """Long-acting doses given, over changes of dose, the newest first."""
    return DoseGiven.objects.filter(client=row.client, medication__drug=row.drug).select_related("by")


def medicine_course(client: Client) -> QuerySet[Medication]:
    """Every row ever listed, by day: starts, changes and stops for the timeline."""
    return Medication.objects.filter(client=client).order_by("started_on", "pk")


def allergies(client: Client) -> QuerySet[Allergy]:
    return Allergy.objects.filter(client=client, withdrawn_at=None)


def allergy(allergy_id: int) -> Allergy | None:
    return Allergy.objects.filter(pk=allergy_id).select_related("client").first()


def conditions(client: Client) -> QuerySet[Condition]:
    """Active ones first."""
    return Condition.objects.filter(client=client)


def condition(condition_id: int) -> Condition | None:
    return Condition.objects.filter(pk=condition_id).select_related("client").first()


def pain_plan(client: Client) -> PainPlan | None:
    return PainPlan.objects.filter(client=client, superseded_at=None).select_related("peg", "written_by").first()


def drug_screens(client: Client) -> QuerySet[DrugScreen]:
    """The newest first."""
    return DrugScreen.objects.filter(client=client)


def drug_screen(screen_id: int) -> DrugScreen | None:
    people = ("client", "ordered_by", "collected_by", "resulted_by", "discussed_by")
    return DrugScreen.objects.filter(pk=screen_id).select_related(*people).first()


def naloxone(client: Client) -> QuerySet[NaloxoneRecord]:
    return NaloxoneRecord.objects.filter(client=client).select_related("by")


def withdrawal_checks(client: Client) -> QuerySet[WithdrawalMonitoring]:
    return WithdrawalMonitoring.objects.filter(client=client).select_related("by")


# ---- reading a result -------------------------------------------------------------------------------------------


def cautions(screen: DrugScreen, taken: list[Medication]) -> list[str]:
    """What to think of before believing a presumptive result: common false positives, and what the test can't see.

    A medicine on the client's list that can cause the positive is named first. Source: knowledge/medical/drug-screens.
    """
    if screen.method != "presumptive":
        return []
    positives, file = set(screen.found("positive")), words.screens()
    said = [each for each in file["false_positives"] if each["panel"] in positives]
    said.sort(key=lambda each: not named_in(each["medicines"], taken))
    blind = [each for each in file["not_seen"] if screen.panel.get(each["panel"]) == "negative"]
    return [with_medicine(each, taken) for each in said] + [each["text"]["en"] for each in blind]


def not_seen_though_taken(screen: DrugScreen, taken: list[Medication]) -> list[str]:
    """Tests that came back negative for a medicine on the list: a thing to ask about, never proof."""
    listed = {row.drug for row in taken}
    return [
        row["panel"]
        for row in words.rows("expected_with")
        if screen.panel.get(row["panel"]) == "negative" and listed & set(row["medicines"])
    ]


def named_in(names: list[str], taken: list[Medication]) -> list[str]:
    return [row.name for row in taken if any(name in f"{row.name} {row.drug}".lower() for name in names)]


def with_medicine(each: dict[str, Any], taken: list[Medication]) -> str:
    own = named_in(each["medicines"], taken)
    return f"{each['text']['en']} This client takes {' and '.join(own)}." if own else each["text"]["en"]


# ---- the chart -------------------------------------------------------------------------------------------------

GLANCE: dict[str, tuple[type[Protected], tuple[str, ...]]] = {
    "allergies": (Allergy, ("what", "reaction", "recorded_at", "withdrawn_at")),
    "conditions": (Condition, ("name", "sort", "status", "since", "note", "resolved_on", "recorded_at")),
    "naloxone": (NaloxoneRecord, ("mark", "form", "at", "expires_on", "note")),
    "checks": (
        WithdrawalMonitoring,
        ("at", "scale", "score", "band_label", "concern", "vitals", "next_due_at", "followed_at", "note"),
    ),
}
MOMENTS = ("at", "recorded_at", "withdrawn_at", "next_due_at", "followed_at")
DAYS = ("expires_on", "resolved_on")


def glance(client: Client) -> dict[str, list[dict[str, Any]]]:
    """Allergies, conditions, naloxone records and withdrawal checks as plain rows, the newest first, in one query."""
    parts = [
        model.objects.filter(client=client)
        .order_by()
        .values_list(Value(name, CharField()), "pk", JSONObject(**{f: f for f in fields}))
        for name, (model, fields) in GLANCE.items()
    ]
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in GLANCE}
    for name, pk, row in parts[0].union(*parts[1:], all=True).order_by():
        seen[name].append({"pk": pk, **{field: read_back(field, value) for field, value in row.items()}})
    seen["allergies"] = [row for row in seen["allergies"] if row["withdrawn_at"] is None]
    for rows in seen.values():
        rows.sort(key=lambda row: (row.get("at") or row["recorded_at"], row["pk"]), reverse=True)
    seen["conditions"].sort(key=lambda row: row["status"])
    return seen


def read_back(field: str, value: Any) -> Any:
    """A day or a moment as it was, from its form in JSON (SQLite writes moments in UTC without saying so, and JSON as text)."""
    if value is None:
        return None
    if field in DAYS:
        return date.fromisoformat(value)
    if field in MOMENTS:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return json.loads(value) if field == "vitals" and isinstance(value, str) else value


# ---- naloxone (rule M25) ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NaloxoneState:
    """The last offer, whether it still holds (12 months, not expired), and whether it is time to offer again."""

    last: dict[str, Any] | None
    holds: bool
    declined: bool

    @property
    def offer(self) -> bool:
        return not self.holds


def year_ago(today: date) -> date:
    """The day from which an offer counts: rule M25, months as 365 days to the year."""
    return today - timedelta(days=round(words.rule("M25")["months"] * 365 / 12))


def closing_marks() -> list[str]:
    return [row["id"] for row in words.rows("naloxone-marks") if row["closes"]]


def naloxone_state(records: list[dict[str, Any]]) -> NaloxoneState:
    """What the rows of `glance` say today; the newest record first."""
    today = clock.today()
    last = records[0] if records else None
    holds = any(
        row["mark"] in closing_marks()
        and timezone.localdate(row["at"]) >= year_ago(today)
        and (row["expires_on"] is None or row["expires_on"] >= today)
        for row in records
    )
    return NaloxoneState(last, holds, bool(last and last["mark"] == "declined"))


def in_hand(today: date) -> QuerySet[NaloxoneRecord]:
    """Records by which the client of the outer row has naloxone, or was asked in this time and declined."""
    return NaloxoneRecord.objects.filter(
        Q(expires_on=None) | Q(expires_on__gte=today),
        client=OuterRef("client"),
        at__date__gte=year_ago(today),
        mark__in=[*closing_marks(), "declined"],
    )


def exposed_by_medicine() -> Exists:
    rule = words.rule("M25")
    drugs = words.of_classes(rule, "exposure_classes")
    return Exists(
        Medication.objects.filter(client=OuterRef("client"), superseded_at=None, stopped_on=None, drug__in=drugs)
    )


def exposed_by_screen() -> Exists:
    positive = Q()
    for test in words.rule("M25")["exposure_panel"]:
        positive |= Q(**{f"panel__{test}": "positive"})
    return Exists(DrugScreen.objects.filter(positive, client=OuterRef("client")))


def without_naloxone() -> QuerySet[Episode]:
    """Open episodes whose client has no naloxone on record, known exposure first (`by_medicine`, `by_screen`).

    An exposure that nobody asked about is not known to be absent, so everybody without a record is listed. Rule M25.
    """
    return (
        Episode.objects.filter(ended_on=None)
        .exclude(Exists(in_hand(clock.today())))
        .annotate(by_medicine=exposed_by_medicine(), by_screen=exposed_by_screen())
        .select_related("client")
        .order_by("-by_medicine", "-by_screen", "client__last_name", "client__first_name")
    )


# ---- the medical board -------------------------------------------------------------------------------------------


def due_injections(within_days: int | None = None) -> QuerySet[Medication]:
    """Long-acting medicines due by then (default: knowledge/medical `injection.soon_days`), overdue ones first."""
    days = words.rule("injection")["soon_days"] if within_days is None else within_days
    return (
        Medication.objects.filter(
            superseded_at=None, stopped_on=None, next_due_on__lte=clock.today() + timedelta(days=days)
        )
        .select_related("client")
        .order_by("next_due_on")
    )


def open_screens() -> QuerySet[DrugScreen]:
    """Screens to collect, and results not talked over yet."""
    return (
        DrugScreen.objects.filter(Q(resulted_at=None) | Q(talk_due=True), closed_at=None)
        .select_related("client")
        .order_by("collect_on", "pk")
    )


def due_withdrawal_checks() -> QuerySet[WithdrawalMonitoring]:
    """People watched in withdrawal, the next check first."""
    return (
        WithdrawalMonitoring.objects.filter(followed_at=None)
        .select_related("client")
        .order_by(F("next_due_at").asc(nulls_last=True))
    )
