"""Admission: what must be there before the first day, and the named, time-boxed override when something isn't yet."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from django.utils import timezone

from middleground.assessment.models import PlacementDecision
from middleground.assessment.queries import Readiness, readiness
from middleground.clinic.models import User
from middleground.clinic.queries import everyone, staff_with
from middleground.engines import knowing
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client, Episode
from middleground.records.queries import consents, is_in_force

from .asking import INTAKE
from .following import close
from .models import AdmissionOverride, Inquiry
from .words import choices, rules


@dataclass(frozen=True)
class Checked:
    """One line of the admission checklist: `missing` is empty when it is done. `hard` ones can't be overridden."""

    id: str
    label: str
    missing: str
    hard: bool = False

    @property
    def is_done(self) -> bool:
        return not self.missing


class NotReady(Refused):
    """Something needed before admission is missing: `lines` names it."""

    def __init__(self, lines: list[Checked], field: str | None = None) -> None:
        self.lines = lines
        super().__init__("Not ready to admit: " + "; ".join(line.missing for line in lines) + ".", field)


def checklist(client: Client, level: str = "") -> list[Checked]:
    """What must be there before admission (42 CFR 2.22 for the notice; handbook 1.4: both assessments, the gate, a decision).

    `level` is the level of care to admit to; without it any level given here will do.
    """
    return [*_assessed(client, level), *_forms(client)]


def _assessed(client: Client, level: str) -> list[Checked]:
    with everything("is the assessment complete?"):
        ready = readiness(client)
    return [
        Checked(
            "medical", "Medical assessment", "" if ready.medical_signed else "the medical assessment is not signed"
        ),
        Checked(
            "clinical", "Clinical assessment", "" if ready.clinical_signed else "the clinical assessment is not signed"
        ),
        _gate(ready),
        _decision(ready.decision, level),
    ]


def _gate(ready: Readiness) -> Checked:
    """A signed check, in date, that lets care begin. One that asks for medical care first keeps its word after its time."""
    told, check = rules()["withdrawal"], ready.withdrawal
    if check is not None and check.result in told["never_overridden"]:
        return Checked("withdrawal", "Withdrawal check", "medically managed withdrawal care comes first", True)
    clear = ready.withdrawal_valid and check is not None and check.result in told["may_begin"]
    return Checked(
        "withdrawal",
        "Withdrawal check",
        "" if clear else "there is no withdrawal check in date that a prescriber signed",
    )


def _decision(chosen: PlacementDecision | None, level: str) -> Checked:
    here, name = rules()["levels_here"], "Level of care"
    if chosen is None:
        return Checked("decision", name, "no clinician has decided on a level of care")
    if chosen.selected not in here:
        return Checked("decision", name, f"the decision is for level {chosen.selected}, which isn't given here", True)
    if level and chosen.selected != level:
        return Checked("decision", name, f"the decision is for level {chosen.selected}, not {level}", True)
    return Checked("decision", name, "" if chosen.status == "final" else "the level of care is decided, but not final")


def _forms(client: Client) -> list[Checked]:
    with everything("are the forms signed?"):
        signed = {c.form for c in consents(client).prefetch_related(None) if is_in_force(c)}
    return [_signed(name, name in signed) for name in rules()["forms"]]


def _signed(name: str, done: bool) -> Checked:
    title = knowing.load("consents")[name]["title"]["en"]
    return Checked(f"form-{name}", title, "" if done else f"\u201c{title}\u201d is not signed", True)


def _levels() -> list[tuple[str, str]]:
    return [(value, words) for value, words in choices("levels-of-care") if value in rules()["levels_here"]]


@action("Admit", by=role(*INTAKE))
def admit(
    act: Act,
    client: Client,
    level_of_care: Annotated[str, Ask("Level of care", choices=_levels)],
    admitted_on: Annotated[date, Ask("First day of care")],
    primary_counselor: Annotated[User, Ask("Primary counselor", among=everyone)],
    prescribed_minutes: Annotated[
        int, Ask("Prescribed minutes a week", help="540 is nine hours", low=60, high=3000)
    ] = 540,
    expected_end_on: Annotated[date | None, Ask("Expected last day")] = None,
    prescriber: Annotated[User | None, Ask("Prescriber", among=everyone)] = None,
    case_manager: Annotated[User | None, Ask("Case manager", among=everyone)] = None,
    inquiry: Inquiry | None = None,
    override_reason: Annotated[str, Ask("Why admit before everything is there?", lines=3, most=1000)] = "",
) -> Episode:
    """Open an episode of care and set the treatment team.

    Needs both assessments signed, a withdrawal gate that lets begin, a clinician's decision for a level given here, and
    the forms. Raises `NotReady` naming what is missing. The program director may override a missing assessment, gate or
    decision with a reason, for a stated time; the forms, and a gate that asks for medical withdrawal care, never.
    """
    lacks = [line for line in checklist(client, level_of_care) if not line.is_done]
    _check_override(act, lacks, override_reason)
    if expected_end_on and expected_end_on < admitted_on:
        raise Refused("The expected last day is before the first.", "expected_end_on")
    episode = _open(
        act,
        client,
        inquiry,
        level_of_care=level_of_care,
        prescribed_minutes=prescribed_minutes,
        admitted_on=admitted_on,
        expected_end_on=expected_end_on,
    )
    records.set_team.within(
        act, client=client, primary_counselor=primary_counselor, prescriber=prescriber, case_manager=case_manager
    )
    if lacks:
        _override(act, client, episode, lacks, override_reason)
    act.says(f"Admitted to level {level_of_care}" + (" with an override by the program director" if lacks else ""))
    return episode


def _check_override(act: Act, lacks: list[Checked], reason: str) -> None:
    hard = [line for line in lacks if line.hard]
    if hard or (lacks and not reason.strip()):
        raise NotReady(hard or lacks)
    if lacks and "program-director" not in act.actor.roles and not act.actor.is_system:
        raise Refused("Only the program director can admit before everything is there.", "override_reason")
    if lacks and len(reason.strip()) < rules()["override"]["reason_letters"]:
        raise Refused("Say in a full sentence why it can't wait.", "override_reason")


def _open(act: Act, client: Client, inquiry: Inquiry | None, **facts: Any) -> Episode:
    if inquiry is not None and inquiry.client_id != client.pk:
        raise Refused("This inquiry belongs to someone else.")
    came = (
        {
            "pathway": inquiry.pathway,
            "referral_source": inquiry.referral_source,
            "first_contact_on": timezone.localdate(inquiry.received_at),
        }
        if inquiry
        else {"pathway": "first-line"}
    )
    episode = records.open_episode(act, client, **came, **facts)
    if inquiry is not None:
        close(act, inquiry, Inquiry.Status.ADMITTED, "First session")
        inquiry.save()
    return episode


def _override(act: Act, client: Client, episode: Episode, lacks: list[Checked], reason: str) -> None:
    until = act.now + timedelta(hours=rules()["override"]["hours"])
    made = AdmissionOverride.objects.create(
        client=client,
        episode=episode,
        missing=[line.id for line in lacks],
        reason=reason.strip(),
        by_id=act.user_id,
        at=act.now,
        until=until,
    )
    records.ask_for(
        act,
        "Complete what was missing at admission",
        until,
        client=client,
        key=f"admission-override:{made.pk}",
        owner=act.user_id,
        why="Admitted by override: " + ", ".join(line.label.lower() for line in lacks),
    )
    for officer in staff_with("compliance-officer"):
        notify(act, officer.pk, "An admission was overridden. Please review.", "/compliance/")


@action("Settle an admission override", by=role("program-director"))
def settle_override(act: Act, override: AdmissionOverride) -> AdmissionOverride:
    """What was missing at admission is there now. Raises `NotReady` while it isn't."""
    lacks = [line for line in checklist(override.client) if not line.is_done and line.id in override.missing]
    if lacks:
        raise NotReady(lacks)
    override.settled_at = act.now
    override.save(update_fields=["settled_at"])
    records.close_tasks(act, f"admission-override:{override.pk}", "Everything is there now")
    act.says("Settled an admission override")
    return override
