"""Conditions, pain plans, withdrawal monitoring and naloxone."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone

from middleground.assessment.actions import give_instrument
from middleground.engines import knowing, safety, scoring
from middleground.engines.errors import BadLine
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.desk import forget
from middleground.kernel.errors import Refused, Stale
from middleground.kernel.who import role
from middleground.records.actions import ask_for, close_tasks
from middleground.records.models import CareTeamMember, Client

from . import words
from .models import Condition, Medication, NaloxoneRecord, PainPlan, WithdrawalMonitoring
from .prescribing import end_of_day, member

GIVEN = ("given", "has-it", "replaced", "prescribed")
DANGERS = ("EMERGENCY", "INPATIENT_WM", "MEDICAL_REVIEW")


@action("Record a condition", by=role("prescriber"))
def record_condition(
    act: Act,
    client: Client,
    name: Annotated[str, Ask("Condition", most=120)],
    sort: Annotated[Condition.Sort, Ask("What kind")],
    since: Annotated[str, Ask("Since when", help="As the client tells it", most=40)] = "",
    note: Annotated[str, Ask("Note", lines=2, most=2000)] = "",
) -> Condition:
    """Write down a condition that care must know of."""
    act.says("Recorded a condition")
    return Condition.objects.create(
        client=client, name=name, sort=sort, since=since, note=note, recorded_at=act.now, recorded_by_id=act.user_id
    )


@action("Resolve a condition", by=role("prescriber"))
def resolve_condition(
    act: Act,
    condition: Condition,
    resolved_on: Annotated[date | None, Ask("Since", help="Empty: today")] = None,
    note: Annotated[str, Ask("Note", most=200)] = "",
) -> Condition:
    """It is over, or it was never so (the note says which). The entry stays."""
    if condition.status == Condition.Status.RESOLVED:
        raise Refused("This condition is marked as resolved already.")
    condition.status, condition.resolved_on = Condition.Status.RESOLVED, resolved_on or timezone.localdate(act.now)
    condition.resolved_by_id, condition.resolved_note = act.user_id, note
    condition.save(update_fields=["status", "resolved_on", "resolved_by", "resolved_note"])
    act.says("Resolved a condition")
    return condition


# ---- pain ------------------------------------------------------------------------------------------------------


@action("Write a pain plan", by=role("prescriber"))
def write_pain_plan(
    act: Act,
    client: Client,
    site: Annotated[str, Ask("Where it hurts", most=120)],
    goal: Annotated[str, Ask("What the client wants to do again", most=300)],
    plan: Annotated[str, Ask("What comes next", lines=4, most=5000, help="Options without opioids first")],
    recovery_medicine: Annotated[
        str, Ask("How the recovery medicine goes on", lines=2, most=1000, help="It continues, also through surgery")
    ] = "",
    review_on: Annotated[date | None, Ask("Look at it again on", help="Empty: in four weeks")] = None,
    tried: dict | None = None,
    peg: list | None = None,
    replaces: PainPlan | None = None,
) -> PainPlan:
    """Write the pain plan, or write it anew on the one it `replaces`. Handbook 5.3: non-opioid first, MOUD goes on.

    `tried`: {pain step: result}; `peg`: three answers 0 to 10 (scored by the instrument "peg"), kept with the assessments.
    Raises `Refused` when a client on MOUD has no word on how it goes on, `Stale` when another plan was written meanwhile.
    """
    before = PainPlan.objects.filter(client=client, superseded_at=None).first()
    if before != replaces:
        raise Stale()
    if not recovery_medicine and taking(client, words.rule("M24")):
        raise Refused(
            "Say how the medicine for recovery goes on: it is not stopped for pain care.", "recovery_medicine"
        )
    today = timezone.localdate(act.now)
    if review_on and review_on <= today:
        raise Refused("The next look must be after today.", "review_on")
    if before:
        before.superseded_at = act.now
        before.save()
    score = (
        give_instrument.within(act, client=client, instrument=words.rule("pain-plan")["instrument"], answers=peg)
        if peg
        else None
    )
    act.says("Wrote a pain plan")
    forget(act, f"pain-plan:{client.pk}")
    return PainPlan.objects.create(
        client=client,
        site=site,
        goal=goal,
        plan=plan,
        recovery_medicine=recovery_medicine,
        tried=checked_tried(tried or {}),
        peg=score,
        review_on=review_on or today + timedelta(days=words.rule("pain-plan")["every_days"]),
        written_at=act.now,
        written_by_id=act.user_id,
    )


def taking(client: Client, rule: dict[str, Any]) -> bool:
    """Whether the client takes a medicine of the rule's classes."""
    return Medication.objects.filter(
        client=client, superseded_at=None, stopped_on=None, drug__in=words.of_classes(rule)
    ).exists()


def checked_tried(tried: dict[str, str]) -> dict[str, str]:
    """Only steps and results the files know. Raises `Refused` for others."""
    steps, results = ({row["id"] for row in words.rows(name)} for name in ("pain_steps", "tried_results"))
    given = {step: result for step, result in tried.items() if result}
    if set(given) - steps or set(given.values()) - results:
        raise Refused("Choose what was tried, and how it went, from the list.", "tried")
    return given


# ---- withdrawal ------------------------------------------------------------------------------------------------


def scale_choices() -> list[tuple[str, str]]:
    return [(id, scoring.instrument(id).title.en) for id in words.rule("withdrawal-check")["scales"]]


@action("Record a withdrawal check", by=role("prescriber"))
def record_withdrawal_check(
    act: Act,
    client: Client,
    scale: Annotated[str, Ask("Scale", choices=scale_choices)],
    answers: list,
    vitals: dict | None = None,
    last_use_hours: Annotated[int | None, Ask("Hours since last use", low=0, high=9999)] = None,
    note: Annotated[str, Ask("Note", lines=2, most=2000)] = "",
    last_one: Annotated[bool, Ask("Withdrawal is over: no further check")] = False,
    next_due_at: Annotated[datetime | None, Ask("Next check", help="Empty: in 24 hours")] = None,
) -> WithdrawalMonitoring:
    """Score the scale, look at the vital signs with the withdrawal rules, and say when to look again.

    `answers` in published order; `vitals` as the withdrawal engine takes them (heart_rate, systolic, diastolic, resp_rate,
    spo2, temp_c, consciousness). A danger sign makes a task for the same day. It never clears anybody for a level of care.
    """
    score, label = scored(scale, answers)
    concern, reasons, version = danger_of(scale, score.total, vitals or {}, last_use_hours)
    rule = words.rule("withdrawal-check")
    if concern and last_one:
        raise Refused("There are danger signs: plan a next check.", "last_one")
    due = None if last_one else next_due_at or act.now + timedelta(hours=rule["every_hours"])
    if due and due <= act.now:
        raise Refused("The next check must be in the future.", "next_due_at")
    WithdrawalMonitoring.objects.filter(client=client, followed_at=None).update(followed_at=act.now)
    made = WithdrawalMonitoring.objects.create(
        client=client,
        at=act.now,
        by_id=act.user_id,
        scale=scale,
        answers=list(answers),
        score=score.total,
        band=score.band,
        band_label=label,
        vitals=vitals or {},
        concern=concern,
        reasons=reasons,
        knowledge=version,
        note=note,
        next_due_at=due,
        followed_at=act.now if last_one else None,
    )
    act.says("Recorded a withdrawal check")
    if concern:
        ask_for(
            act,
            rule["task"],
            end_of_day(act.now),
            client=client,
            why="Seen at a check today.",
            key=f"withdrawal-danger:{client.pk}",
            owner=member(client, CareTeamMember.Part.PRESCRIBER) or act.user_id,
        )
    return made


def scored(scale: str, answers: list[int | None]) -> tuple[scoring.Score, str]:
    """The score and its band's words. Raises `Refused` for answers the scale does not allow."""
    try:
        score = scoring.score(scale, answers)
    except BadLine as no:
        raise Refused(str(no), "answers") from no
    return score, next(band.label.en for band in scoring.instrument(scale).bands if band.id == score.band)


def danger_of(
    scale: str, total: float, vitals: dict[str, Any], last_use_hours: int | None
) -> tuple[str, list[dict[str, Any]], dict[str, str]]:
    """(concern, findings, version): what the withdrawal rules see in a score and vital signs alone.

    The rules answer UNKNOWN for all that was not asked here; only their danger signs count. Raises `Refused` for vital
    signs out of range.
    """
    rule = words.rule("withdrawal-check")
    hours = rule["assumed_last_use_hours"] if last_use_hours is None else last_use_hours
    line = {
        "scales": {scale: total},
        "substances": [{"substance": rule["scales"].get(scale, "other"), "last_use_hours": hours}],
        "vitals": {name: value for name, value in vitals.items() if value not in (None, "")},
    }
    try:
        answer = safety.answer(line)
    except BadLine as no:
        raise Refused(str(no), "vitals") from no
    reasons = [reason for reason in answer["reasons"] if reason["code"] not in rule["not_reasons"]]
    reviews = reviewed_codes()
    concern = answer["result"] if answer["result"] in DANGERS else ""
    if not concern and any(reason["code"] in reviews for reason in reasons):
        concern = "MEDICAL_REVIEW"
    return concern, reasons, answer["version"]


def reviewed_codes() -> set[str]:
    """Codes of the withdrawal rules whose finding asks for a medical review."""
    files = knowing.load("withdrawal").values()
    return {rule["code"] for file in files for rule in file.get("rules", ()) if rule.get("result") == "MEDICAL_REVIEW"}


# ---- naloxone --------------------------------------------------------------------------------------------------


def given_choices() -> list[tuple[str, str]]:
    return [(id, label) for id, label in words.choices("naloxone-marks") if id in GIVEN]


@action("Give naloxone", by=role("prescriber", "counselor"))
def give_naloxone(
    act: Act,
    client: Client,
    mark: Annotated[str, Ask("What happened", choices=given_choices)] = "given",
    form: Annotated[str, Ask("Form", choices=lambda: words.choices("naloxone_forms"))] = "nasal",
    expires_on: Annotated[date | None, Ask("Expires on")] = None,
    note: Annotated[str, Ask("Note", most=200)] = "",
) -> NaloxoneRecord:
    """The client has naloxone, or it is on its way from the pharmacy (rule M25)."""
    if mark not in GIVEN:
        raise Refused("Choose what happened from the list.", "mark")
    if expires_on and expires_on <= timezone.localdate(act.now):
        raise Refused("This kit has expired. Give another one.", "expires_on")
    return naloxone_record(act, client, mark, form=form, expires_on=expires_on, note=note)


@action("Note that naloxone was declined", by=role("prescriber", "counselor"))
def decline_naloxone(
    act: Act, client: Client, note: Annotated[str, Ask("What the client said", most=200)] = ""
) -> NaloxoneRecord:
    """It was offered and the client did not want it now. It is offered again."""
    return naloxone_record(act, client, "declined", note=note)


def naloxone_record(act: Act, client: Client, mark: str, **facts: Any) -> NaloxoneRecord:
    act.says("Recorded an offer of naloxone")
    close_tasks(act, f"naloxone:{client.pk}", words.label("naloxone-marks", mark))
    return NaloxoneRecord.objects.create(client=client, mark=mark, at=act.now, by_id=act.user_id, **facts)
