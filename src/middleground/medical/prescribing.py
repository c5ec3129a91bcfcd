"""The medication list: listed, changed, stopped, long-acting doses given. Allergies beside it."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for
from middleground.records.models import CareTeamMember, Client

from . import words
from .models import Allergy, DoseGiven, Medication

DOSE = Ask("Dose", help="As written on the label: 8 mg, 380 mg", most=120)
FREQUENCY = Ask("How often", help="Daily, twice a day, every 28 days", most=80)


class OnlyByAnOTP(Refused):
    """Rule M09: methadone for opioid use disorder is not prescribed here (42 CFR 8.11, 8.12)."""


class NotTaken(Refused):
    """The medicine was stopped or replaced already."""

    message = "This medicine was stopped or changed already. Open the list again."


@action("List a medicine", by=role("prescriber"))
def list_medication(
    act: Act,
    client: Client,
    drug: Annotated[str, Ask("Medicine", choices=words.medicine_choices)] = "",
    name: Annotated[str, Ask("Another medicine", help="Only when it is not in the list", most=120)] = "",
    dose: Annotated[str, DOSE] = "",
    route: Annotated[str, Ask("Route", choices=lambda: words.choices("routes"))] = "",
    frequency: Annotated[str, FREQUENCY] = "",
    indication: Annotated[str, Ask("What for", most=120)] = "",
    prescribed_here: Annotated[bool, Ask("Prescribed here")] = False,
    prescriber_name: Annotated[str, Ask("Prescriber or program, if elsewhere", most=120)] = "",
    started_on: Annotated[date | None, Ask("Started on")] = None,
    every_days: Annotated[
        str, Ask("Long-acting: next dose after", help="Only for injections", choices=words.due_choices)
    ] = "",
    last_given_on: Annotated[date | None, Ask("Long-acting: last given on")] = None,
) -> Medication:
    """Put a medicine on the list. Raises `Refused` without a name, or for two, and `OnlyByAnOTP` (rule M09)."""
    drug = named(drug, name)
    refuse_methadone_here(drug, prescribed_here)
    interval = interval_of(drug, every_days)
    made = Medication.objects.create(
        client=client,
        drug=drug,
        name=name.strip() or words.medicine(drug)["generic"],
        is_mat=words.is_recovery_medicine(drug),
        dose=dose,
        route=route or only_route(drug),
        frequency=frequency or (f"every {interval} days" if interval else ""),
        indication=indication,
        prescribed_here=prescribed_here,
        prescriber_name=prescriber_name or (act.actor.name if prescribed_here else ""),
        since=started_on,
        started_on=started_on,
        every_days=interval,
        last_given_on=last_given_on,
        next_due_on=next_due(interval, last_given_on or started_on),
        listed_by_id=act.user_id,
        listed_at=act.now,
    )
    act.says("Listed a medicine")
    return made


def named(drug: str, name: str) -> str:
    """The id of the medicine meant. A known medicine typed by name is found, so that its rules hold."""
    if bool(drug) == bool(name.strip()):
        raise Refused("Choose a medicine from the list, or type one that is not there.", "drug")
    if drug and not words.medicine(drug):
        raise Refused("This medicine is not in the list.", "drug")
    return drug or next((id for id, each in words.medicines().items() if says(name, each["generic"])), "")


def says(typed: str, generic: str) -> bool:
    """Whether a typed name holds the generic name as whole words: "Methadone 40 mg" is methadone."""
    return re.search(rf"\b{re.escape(generic.lower())}\b", typed.lower()) is not None


def refuse_methadone_here(drug: str, prescribed_here: bool) -> None:
    """Rule M09, knowledge/medical: 42 CFR 8.11 and 8.12."""
    rule = words.rule("M09")
    known = words.medicine(drug)
    if (
        prescribed_here
        and known.get("given_at") == rule["given_at"]
        and words.in_classes(drug, {"classes": rule["for_classes"]})
    ):
        raise OnlyByAnOTP(rule["text"], "prescribed_here")


def interval_of(drug: str, every_days: str) -> int | None:
    """Days between long-acting doses. Raises `Refused` for an interval the medicine does not have."""
    allowed = words.due_every(drug)
    if not allowed:
        return None
    if every_days and int(every_days) not in allowed:
        raise Refused(f"This medicine is given every {' or '.join(map(str, allowed))} days.", "every_days")
    if not every_days and len(allowed) > 1:
        raise Refused("Say after how many days the next dose is due.", "every_days")
    return int(every_days) if every_days else allowed[0]


def only_route(drug: str) -> str:
    routes = words.medicine(drug).get("routes", [])
    return routes[0] if len(routes) == 1 else ""


def next_due(interval: int | None, last: date | None) -> date | None:
    return last + timedelta(days=interval) if interval and last else None


@action("Change a dose", by=role("prescriber"), fresh="medication")
def change_dose(
    act: Act,
    medication: Medication,
    dose: Annotated[str, DOSE],
    frequency: Annotated[str, FREQUENCY] = "",
    started_on: Annotated[date | None, Ask("From", help="Empty: today")] = None,
) -> Medication:
    """A new row with the new dose; the old one stays readable as replaced."""
    refuse_if_not_taken(medication)
    first = started_on or timezone.localdate(act.now)
    if medication.started_on and first < medication.started_on:
        raise Refused("The new dose can't begin before the one it replaces.", "started_on")
    made = Medication.objects.create(
        **carried(medication),
        dose=dose,
        frequency=frequency or medication.frequency,
        started_on=first,
        listed_by_id=act.user_id,
        listed_at=act.now,
    )
    medication.superseded_at, medication.superseded_by = act.now, made
    medication.save()
    act.says("Changed a dose")
    return made


def carried(medication: Medication) -> dict[str, Any]:
    """What stays the same when a dose changes."""
    same = (
        "drug",
        "name",
        "is_mat",
        "route",
        "indication",
        "prescriber_name",
        "prescribed_here",
        "since",
        "every_days",
        "last_given_on",
        "next_due_on",
    )
    return {"client": medication.client, **{field: getattr(medication, field) for field in same}}


def refuse_if_not_taken(medication: Medication) -> None:
    if not medication.is_taken:
        raise NotTaken()


@action("Stop a medicine", by=role("prescriber"), fresh="medication")
def stop_medication(
    act: Act,
    medication: Medication,
    reason: Annotated[str, Ask("Why", choices=lambda: words.choices("stop_reasons"))],
    stopped_on: Annotated[date | None, Ask("Last day", help="Empty: today")] = None,
    note: Annotated[str, Ask("Note", lines=2, most=1000)] = "",
) -> Medication:
    """Stop a medicine. A stopped recovery medicine that lowers tolerance makes a task for the same day (rule M24)."""
    refuse_if_not_taken(medication)
    last = stopped_on or timezone.localdate(act.now)
    if last > timezone.localdate(act.now):
        raise Refused("The last day can't be in the future.", "stopped_on")
    medication.stopped_on, medication.stop_reason, medication.stop_note = last, reason, note
    medication.next_due_on = None
    medication.save()
    act.says("Stopped a medicine")
    if words.in_classes(medication.drug, words.rule("M24")):
        warn_of_overdose(act, medication)
    return medication


def warn_of_overdose(act: Act, medication: Medication) -> None:
    """Rule M24: overdose warning, naloxone and a way back on the same day. A task's words name no medicine."""
    client = medication.client
    owner = member(client, CareTeamMember.Part.PRESCRIBER) or act.user_id
    ask_for(
        act,
        words.rule("M24")["task"],
        end_of_day(act.now),
        client=client,
        why="Needed on the same day.",
        key=f"medicine-stopped:{medication.pk}",
        owner=owner,
    )


def member(client: Client, part: str) -> int | None:
    """The user id of somebody on the client's team."""
    with everything("who on the team follows up"):
        return (
            CareTeamMember.objects.filter(client=client, part=part, until=None)
            .values_list("user_id", flat=True)
            .first()
        )


def end_of_day(now: datetime, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(timezone.localdate(now) + timedelta(days=days), time(23, 59)))


@action("Record a long-acting dose", by=role("prescriber"), fresh="medication")
def record_dispensing(
    act: Act,
    medication: Medication,
    given_on: Annotated[date | None, Ask("Given on", help="Empty: today")] = None,
    given_where: Annotated[str, Ask("Where", help="Here, or the other clinic", most=120)] = "",
    note: Annotated[str, Ask("Note", most=200)] = "",
) -> Medication:
    """A long-acting dose was given: the next one is due after the medicine's own interval (knowledge/medications)."""
    refuse_if_not_taken(medication)
    if not medication.every_days:
        raise Refused("This medicine is not given at intervals.")
    day = given_on or timezone.localdate(act.now)
    if day > timezone.localdate(act.now):
        raise Refused("The day can't be in the future.", "given_on")
    DoseGiven.objects.create(
        client=medication.client,
        medication=medication,
        given_on=day,
        given_where=given_where,
        note=note,
        by_id=act.user_id,
        at=act.now,
    )
    medication.last_given_on = max(day, medication.last_given_on or day)
    medication.next_due_on = next_due(medication.every_days, medication.last_given_on)
    medication.save()
    act.says("Recorded a long-acting dose")
    return medication


@action("Record an allergy", by=role("prescriber"))
def record_allergy(
    act: Act,
    client: Client,
    what: Annotated[str, Ask("Allergic to", most=120)],
    reaction: Annotated[str, Ask("What happens", most=200)] = "",
) -> Allergy:
    """Write down what the client must not be given."""
    if Allergy.objects.filter(client=client, what__iexact=what.strip(), withdrawn_at=None).exists():
        raise Refused("This allergy is on the list already.", "what")
    act.says("Recorded an allergy")
    return Allergy.objects.create(
        client=client, what=what.strip(), reaction=reaction, recorded_at=act.now, recorded_by_id=act.user_id
    )


@action("Withdraw an allergy", by=role("prescriber"))
def withdraw_allergy(act: Act, allergy: Allergy, why: Annotated[str, Ask("Why it is not one", most=200)]) -> Allergy:
    """It was entered in error, or tested and ruled out. The entry stays readable."""
    allergy.withdrawn_at, allergy.withdrawn_why = act.now, why
    allergy.save(update_fields=["withdrawn_at", "withdrawn_why"])
    act.says("Withdrew an allergy")
    return allergy
