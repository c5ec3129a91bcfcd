"""Every way to change supports: needs, referrals with the loop closed, steps, the directory."""

from datetime import date, datetime, time
from typing import Annotated, Any

from django.utils import timezone

from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import ask_for, close_tasks, disclose
from middleground.records.models import Client, Consent
from middleground.records.queries import is_in_force

from . import words
from .models import Need, SupportReferral, SupportResource, SupportStep

HELPERS = role("case-manager", "counselor")
DIRECTORY = role("case-manager", "counselor", "program-director")
AREA = Ask("Kind of support", choices=lambda: words.choices("need-areas"))


class ConsentMissing(Refused):
    """Telling another place who is coming needs a consent in force that names it (42 CFR 2.31)."""


class AlreadyClosed(Refused):
    """The need or referral was closed by somebody else."""

    message = "This was closed already. Open the page again."


@action("Identify a need", by=HELPERS)
def identify_need(
    act: Act,
    client: Client,
    area: Annotated[str, AREA],
    client_words: Annotated[str, Ask("In the client's words", lines=3, most=2000)],
    priority: Annotated[Need.Priority, Ask("How soon", radio=True)] = Need.Priority.SOON,
) -> Need:
    """Write down what the client wants help with."""
    act.says("Identified a need for support")
    return Need.objects.create(
        client=client, area=area, words=client_words, priority=priority, opened_at=act.now, opened_by_id=act.user_id
    )


@action("Mark a need as met", by=HELPERS, fresh="need")
def meet_need(act: Act, need: Need, note: Annotated[str, Ask("What helped", most=300)] = "") -> Need:
    """The client says it is taken care of. Referrals still open for it stay open until their outcome is known."""
    if need.met_at:
        raise AlreadyClosed()
    met(act, need, note)
    act.says("A need for support is met")
    return need


def met(act: Act, need: Need, note: str) -> None:
    need.met_at, need.met_note = act.now, note
    need.save()
    close_tasks(act, next_choice_key(need), "The need is met.")


@action("Note a step", by=HELPERS)
def take_step(
    act: Act,
    client: Client,
    what: Annotated[str, Ask("What was done", help="A form sent, a resume written, a bus route tried", most=300)],
    need: Need | None = None,
    done_on: Annotated[date | None, Ask("On", help="Empty: today")] = None,
    minutes: Annotated[int | None, Ask("Minutes", low=1, high=600)] = None,
) -> SupportStep:
    """Note a step towards work, housing or daily life."""
    if need is not None and need.client_id != client.pk:
        raise Refused("This need belongs to someone else.", "need")
    day = done_on or timezone.localdate(act.now)
    if day > timezone.localdate(act.now):
        raise Refused("The day can't be in the future.", "done_on")
    act.says("Noted a step in supports")
    return SupportStep.objects.create(
        client=client, need=need, what=what, done_on=day, minutes=minutes, by_id=act.user_id, at=act.now
    )


# ---- referrals -------------------------------------------------------------------------------------------------


@action("Refer to a support", by=HELPERS)
def refer(
    act: Act,
    need: Need,
    organization: Annotated[
        str, Ask("Where to", help="Leave empty for the place chosen from the directory", most=120)
    ] = "",
    resource: Annotated[SupportResource | None, Ask("From the directory")] = None,
    contact: Annotated[str, Ask("Contact there", help="Name, phone", most=160)] = "",
    consent: Annotated[Consent | None, Ask("Consent to tell them who is coming")] = None,
    next_check_on: Annotated[date | None, Ask("Ask how it went on", help="Empty: the usual time")] = None,
) -> SupportReferral:
    """Refer, and see to it that somebody asks how it went.

    Without a consent the client takes it themself and the clinic tells no one anything. With one, the other place is told
    who is coming, and that is written down as a disclosure. Raises `ConsentMissing`.
    """
    where = organization.strip() or (resource.name if resource else "")
    if not where:
        raise Refused("Choose a place from the directory, or type one.", "organization")
    if need.met_at:
        raise AlreadyClosed("This need is met already.")
    if consent is not None:
        tell(act, need.client, consent, where)
    made = SupportReferral.objects.create(
        client=need.client,
        need=need,
        resource=resource,
        organization=where,
        contact=contact or (resource.phone if resource else ""),
        consent=consent,
        sent_at=act.now,
        sent_by_id=act.user_id,
        history=[entry(act, "sent", "")],
        next_check_on=check_day(act, "sent", need, next_check_on),
    )
    close_tasks(act, next_choice_key(need), "Another place was chosen.")
    watch(act, made)
    act.says("Referred to a support", by_client=consent is None)
    return made


def tell(act: Act, client: Client, consent: Consent, where: str) -> None:
    """Record what the other place is told, under a consent in force that names it (42 CFR 2.31(a), 2.25)."""
    if consent.client_id != client.pk or not is_in_force(consent):
        raise ConsentMissing(
            "This consent is not in force. Ask for a new one, or let the client make the contact.", "consent"
        )
    if consent.recipient.strip().casefold() != where.casefold():
        raise ConsentMissing(f"This consent is for {consent.recipient}, not for {where}.", "consent")
    disclose.within(
        act,
        client=client,
        consent=consent,
        kinds=["supports"],
        what_for=purpose_of(consent),
        description="Who is coming, and what they would like help with.",
    )


def purpose_of(consent: Consent) -> str:
    """Treatment where the consent says so; else the client's own request, as releases to other places are signed."""
    return next((each for each in ("treatment", "own-request") if each in consent.purposes), "treatment")


def entry(act: Act, status: str, note: str) -> dict[str, Any]:
    return {"at": act.now.isoformat(), "by": act.actor.name, "status": status, "note": note}


def check_day(act: Act, status: str, need: Need, asked: date | None) -> date | None:
    """The day on which somebody asks how it went. Raises `Refused` for a day in the past."""
    today = timezone.localdate(act.now)
    if asked is not None and asked < today:
        raise Refused("Choose today or a later day.", "next_check_on")
    wait = words.check_after(status, need.priority == Need.Priority.URGENT)
    return asked or (timezone.localdate(act.now + wait) if wait else None)


def watch(act: Act, referral: SupportReferral) -> None:
    """A task until the outcome is known. Its words name no place and no need."""
    if referral.next_check_on is None:
        return
    due = timezone.make_aware(datetime.combine(referral.next_check_on, time(17)))
    ask_for(
        act,
        "Ask the client how a referral went",
        due,
        client=referral.client,
        key=task_key(referral),
        owner=referral.sent_by_id,
        owner_role="" if referral.sent_by_id else words.loop()["owner"],
    )


def task_key(referral: SupportReferral) -> str:
    return f"support-referral:{referral.pk}"


def next_choice_key(need: Need) -> str:
    return f"support-need:{need.pk}"


def later_statuses() -> words.Choices:
    return [
        (row["id"], row["label"]["en"])
        for row in words.rows("referral-statuses")
        if row["id"] in ("accepted", "attended", "not-a-fit")
    ]


@action("Update a referral", by=HELPERS, fresh="referral")
def update_referral(
    act: Act,
    referral: SupportReferral,
    status: Annotated[str, Ask("Where it stands", help="Empty: no change, only a note", choices=later_statuses)] = "",
    note: Annotated[str, Ask("Note", help="For not a fit: why", most=300)] = "",
    next_check_on: Annotated[date | None, Ask("Ask again on", help="Empty: the usual time")] = None,
) -> SupportReferral:
    """Say where a referral stands. Not a fit needs a reason, closes it, and asks for the next choice."""
    refuse_closed(referral)
    now_at = status or referral.status
    if status and status != referral.status and status not in words.item("referral-statuses", referral.status)["next"]:
        raise Refused(f"A referral that is {label(referral.status)} can't become {label(status)}.", "status")
    if words.item("referral-statuses", now_at).get("needs_reason") and not note.strip():
        raise Refused("Say why it was not a fit.", "note")
    check = check_day(act, now_at, referral.need, next_check_on)
    move(act, referral, now_at, note)
    if words.item("referral-statuses", now_at)["open"]:
        referral.next_check_on = check
        referral.save()
        watch(act, referral)
    else:
        referral.reason = note
        end(act, referral)
        ask_for(
            act,
            "Choose another place with the client",
            act.now + words.next_choice_within(),
            client=referral.client,
            key=next_choice_key(referral.need),
            owner=referral.sent_by_id or act.user_id,
        )
    act.says(f"A referral is now: {label(now_at).lower()}")
    return referral


def label(status: str) -> str:
    return words.label("referral-statuses", status)


def refuse_closed(referral: SupportReferral) -> None:
    if not referral.is_open:
        raise AlreadyClosed()


def move(act: Act, referral: SupportReferral, status: str, note: str) -> None:
    referral.status = status
    referral.history = [*referral.history, entry(act, status, note)]
    close_tasks(act, task_key(referral), label(status))


def end(act: Act, referral: SupportReferral) -> None:
    referral.closed_at, referral.next_check_on = act.now, None
    referral.save()


@action("Close a referral", by=HELPERS, fresh="referral")
def close_referral(
    act: Act,
    referral: SupportReferral,
    outcome: Annotated[str, Ask("How it went", choices=words.closing_outcomes)],
    note: Annotated[str, Ask("In the client's words", most=300)] = "",
    need_met: Annotated[bool, Ask("The need is met")] = False,
) -> SupportReferral:
    """Close the loop with what came of it; only an outcome closes a referral. A need that is met is closed with it."""
    refuse_closed(referral)
    move(act, referral, "closed", note)
    referral.outcome = outcome
    end(act, referral)
    if need_met and referral.need.met_at is None:
        met(act, referral.need, note)
    act.says("Closed a referral with its outcome")
    return referral


# ---- the directory ---------------------------------------------------------------------------------------------


@action("Add a place to the directory", by=DIRECTORY, purpose="operations")
def add_resource(
    act: Act,
    name: Annotated[str, Ask("Name", most=120)],
    area: Annotated[str, AREA],
    phone: Annotated[str, Ask("Phone", most=40)] = "",
    address: Annotated[str, Ask("Address", most=200)] = "",
    eligibility: Annotated[str, Ask("Who can go there", most=300)] = "",
    languages: Annotated[list | None, Ask("Languages spoken", choices=words.languages)] = None,
    note: Annotated[str, Ask("Good to know", most=300)] = "",
) -> SupportResource:
    """Add a place that helps. No client data."""
    if SupportResource.objects.filter(name__iexact=name.strip(), area=area).exists():
        raise Refused("This place is in the directory already.", "name")
    act.says(f"Added {name} to the directory")
    return SupportResource.objects.create(
        name=name.strip(),
        area=area,
        phone=phone,
        address=address,
        eligibility=eligibility,
        languages=list(languages or []),
        note=note,
        checked_on=timezone.localdate(act.now),
    )


@action("Bring a place in the directory up to date", by=DIRECTORY, purpose="operations", fresh="resource")
def update_resource(
    act: Act,
    resource: SupportResource,
    phone: Annotated[str, Ask("Phone", most=40)] = "",
    address: Annotated[str, Ask("Address", most=200)] = "",
    eligibility: Annotated[str, Ask("Who can go there", most=300)] = "",
    languages: Annotated[list | None, Ask("Languages spoken", choices=words.languages)] = None,
    note: Annotated[str, Ask("Good to know", most=300)] = "",
    is_current: Annotated[bool, Ask("Still there")] = True,
) -> SupportResource:
    """What is there was checked today. A place that is gone leaves the directory; old referrals still name it."""
    resource.phone, resource.address, resource.eligibility = phone, address, eligibility
    resource.languages, resource.note, resource.is_current = list(languages or []), note, is_current
    resource.checked_on = timezone.localdate(act.now)
    resource.save()
    act.says(f"Brought {resource.name} in the directory up to date")
    return resource
