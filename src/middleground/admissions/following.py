"""Following an inquiry up: owner, contacts, the assessment visit, closing and reopening."""

from datetime import datetime, timedelta
from typing import Annotated

from django.utils import timezone

from middleground.clinic.models import Room, StaffAbsence, User
from middleground.clinic.queries import everyone, rooms
from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records import actions as records
from middleground.records.models import Client
from middleground.records.queries import consents, is_in_force

from .asking import INTAKE, check_times
from .models import ContactAttempt, Inquiry
from .words import choices, fact, label, rules

ASSESSORS = ("counselor", "prescriber", "intake-coordinator", "program-director")


class AlreadyClosed(Refused):
    """The inquiry ended: it must be reopened first."""

    message = "This inquiry is closed. Reopen it first."


def still_open(inquiry: Inquiry) -> Inquiry:
    """The inquiry. Raises `AlreadyClosed`."""
    if inquiry.is_closed:
        raise AlreadyClosed()
    return inquiry


def _channels() -> list[tuple[str, str]]:
    return choices("contact-channels")


def _outcomes() -> list[tuple[str, str]]:
    return choices("contact-outcomes")


def _lost_reasons() -> list[tuple[str, str]]:
    return choices("lost-reasons")


@action("Take over an inquiry", by=role(*INTAKE), fresh="inquiry")
def own_inquiry(
    act: Act,
    inquiry: Inquiry,
    owner: Annotated[User | None, Ask("Owner", among=everyone)] = None,
    next_step: Annotated[str, Ask("Next step", most=200)] = "",
) -> Inquiry:
    """Say who looks after an inquiry (nobody named: the actor) and what they do next."""
    still_open(inquiry)
    if owner is not None and not set(owner.roles) & set(INTAKE):
        raise Refused(f"{owner.name} doesn't work with inquiries.", "owner")
    inquiry.owner_id = owner.pk if owner else act.user_id
    inquiry.next_step = next_step or inquiry.next_step
    inquiry.save(update_fields=["owner", "next_step"])
    notify(act, inquiry.owner_id, "You have a new inquiry to look after.", f"/inquiries/{inquiry.pk}/")
    act.says(f"{owner.name if owner else act.actor.name} looks after inquiry {inquiry.reference}")
    return inquiry


@action("Log a contact", by=role(*INTAKE))
def log_contact(
    act: Act,
    inquiry: Inquiry,
    channel: Annotated[str, Ask("How", choices=_channels)],
    outcome: Annotated[str, Ask("What came of it", choices=_outcomes)],
    note: Annotated[str, Ask("Note", lines=2, most=500)] = "",
    next_step: Annotated[str, Ask("Next step", most=200)] = "",
) -> ContactAttempt:
    """One try to reach the person. The first one keeps the promise of a first call; reaching them makes it "contacted".

    Raises `Refused` for a call to the emergency contact without a consent that names family (42 CFR 2.31).
    """
    still_open(inquiry)
    if fact("contact-channels", channel, "needs_consent") and not _may_call_family(inquiry):
        raise Refused("Calling someone else needs the person's signed consent.", "channel")
    made = ContactAttempt.objects.create(
        inquiry=inquiry,
        client_id=inquiry.client_id,
        at=act.now,
        channel=channel,
        outcome=outcome,
        note=note,
        by_id=act.user_id,
    )
    _move_on(act, inquiry, bool(fact("contact-outcomes", outcome, "reached")), next_step)
    act.says(f"Contact on inquiry {inquiry.reference}: {label('contact-outcomes', outcome).lower()}")
    return made


def _may_call_family(inquiry: Inquiry) -> bool:
    return inquiry.client is not None and any(
        c.recipient_kind == "family" and is_in_force(c) for c in consents(inquiry.client)
    )


def _move_on(act: Act, inquiry: Inquiry, reached: bool, next_step: str) -> None:
    inquiry.first_called_at = inquiry.first_called_at or act.now
    inquiry.owner_id = inquiry.owner_id or act.user_id
    if reached and inquiry.status == Inquiry.Status.NEW:
        inquiry.status, inquiry.next_step = Inquiry.Status.CONTACTED, "Book the assessment"
    inquiry.next_step = next_step or inquiry.next_step
    inquiry.save()


@action("Book an assessment", by=role(*INTAKE), fresh="inquiry")
def book_assessment(
    act: Act,
    inquiry: Inquiry,
    assessor: Annotated[User, Ask("Who assesses", among=everyone)],
    at: Annotated[datetime, Ask("When")],
    room: Annotated[Room | None, Ask("Room", among=lambda: rooms(), help="Leave empty for a video visit")] = None,
    minutes: Annotated[int, Ask("Minutes", low=15, high=240)] = 90,
) -> Inquiry:
    """Reserve the person who assesses and a room, or neither. A booking made earlier for this inquiry is given back.

    Raises `NotBookable` naming what is taken, `Refused` for a time gone by, an absence, or someone who doesn't assess.
    """
    still_open(inquiry)
    if not set(assessor.roles) & set(ASSESSORS):
        raise Refused(f"{assessor.name} doesn't do assessments.", "assessor")
    if at <= act.now:
        raise Refused("This time has gone by.", "at")
    day = timezone.localdate(at)
    if StaffAbsence.objects.filter(user=assessor, first__lte=day, last__gte=day).exists():
        raise Refused(f"{assessor.name} is away on that day.", "at")
    subject = f"inquiry:{inquiry.pk}"
    ledger.release(act, subject, "booked anew")
    ledger.reserve(
        act, subject, "appointment", at, at + timedelta(minutes=minutes), [ledger.key(t) for t in (assessor, room) if t]
    )
    inquiry.assessment_at, inquiry.assessor, inquiry.room = at, assessor, room
    inquiry.first_called_at = inquiry.first_called_at or act.now  # a time is agreed on by talking
    if inquiry.status in (Inquiry.Status.NEW, Inquiry.Status.CONTACTED):
        inquiry.status = Inquiry.Status.BOOKED
    inquiry.next_step, inquiry.owner_id = "Meet for the assessment", inquiry.owner_id or act.user_id
    inquiry.save()
    notify(act, assessor.pk, "You have a new appointment.", "/day/")
    act.says(f"Booked the assessment of inquiry {inquiry.reference} with {assessor.name}")
    return inquiry


@action("Begin an assessment", by=role(*INTAKE), fresh="inquiry")
def begin_assessment(
    act: Act,
    inquiry: Inquiry,
    last_name: Annotated[str, Ask("Last name", most=80)] = "",
    known_client: Annotated[Client | None, Ask("Was here before", help="Leave empty for someone new")] = None,
) -> Inquiry:
    """The person is here: begin their record from what they told us (or reopen the one they have) and link it.

    Twice changes nothing. Raises `Refused` when the last name is still unknown. `.client` of the result is the client.
    """
    if inquiry.client_id is not None:
        return inquiry
    still_open(inquiry)
    client = known_client or _register(act, inquiry, last_name or inquiry.last_name)
    inquiry.client, inquiry.last_name = client, inquiry.last_name or client.last_name
    inquiry.assessed_at, inquiry.status = inquiry.assessed_at or act.now, Inquiry.Status.ASSESSING
    inquiry.first_called_at = inquiry.first_called_at or act.now
    inquiry.next_step, inquiry.owner_id = "Finish both assessments", inquiry.owner_id or act.user_id
    inquiry.save()
    with everything("linking contacts to the client's record"):
        ContactAttempt.objects.filter(inquiry=inquiry).update(client=client)
    for person in {each for each in (inquiry.assessor_id, act.user_id) if each is not None}:
        records.put_on_team(act, client, person, "assessor", act.now.date() - timedelta(days=1))
    act.about(client)
    act.says(f"Began the assessment of inquiry {inquiry.reference}")
    return inquiry


def _register(act: Act, inquiry: Inquiry, last_name: str) -> Client:
    if not last_name.strip():
        raise Refused("Ask for their last name first: the record needs it.", "last_name")
    return records.register_client.within(
        act,
        site=inquiry.site,
        first_name=inquiry.first_name,
        last_name=last_name.strip(),
        phone=inquiry.phone,
        safe_contact=inquiry.safe_contact,
        language="es" if inquiry.language == "es" else "en",
    )


@action("Change when someone is free", by=role(*INTAKE), fresh="inquiry")
def change_availability(act: Act, inquiry: Inquiry, availability: list) -> Inquiry:
    """Write down anew when the person is free in a week, as "mon 18:00-21:15"."""
    check_times(availability)
    inquiry.availability = availability
    inquiry.save(update_fields=["availability"])
    act.says(f"Changed the free times of inquiry {inquiry.reference}")
    return inquiry


@action("Close an inquiry without care", by=role(*INTAKE), fresh="inquiry")
def mark_lost(
    act: Act,
    inquiry: Inquiry,
    reason: Annotated[str, Ask("Why", choices=_lost_reasons)],
    note: Annotated[str, Ask("Note", most=200)] = "",
) -> Inquiry:
    """The inquiry ends without care; its appointment is given back. The reason feeds what the clinic can mend."""
    still_open(inquiry)
    if fact("lost-reasons", reason, "needs_text") and not note.strip():
        raise Refused("Say in a few words why.", "note")
    ledger.release(act, f"inquiry:{inquiry.pk}", "inquiry closed")
    close(act, inquiry, Inquiry.Status.LOST, note)
    inquiry.lost_reason = reason
    inquiry.save()
    act.says(f"Closed inquiry {inquiry.reference} without care: {label('lost-reasons', reason).lower()}")
    return inquiry


def close(act: Act, inquiry: Inquiry, status: Inquiry.Status, next_step: str = "") -> None:
    """Set an inquiry's end, inside a running action; the caller saves."""
    inquiry.status, inquiry.closed_at, inquiry.next_step = status, act.now, next_step


@action("Reopen an inquiry", by=role(*INTAKE), fresh="inquiry")
def reopen(act: Act, inquiry: Inquiry) -> Inquiry:
    """Take a closed inquiry up again where it stood. Raises `Refused` for one that became an admission."""
    if inquiry.status == Inquiry.Status.ADMITTED:
        raise Refused("This person was admitted. Start a new inquiry instead.")
    stands = (
        Inquiry.Status.ASSESSING
        if inquiry.client_id
        else Inquiry.Status.CONTACTED
        if inquiry.first_called_at
        else Inquiry.Status.NEW
    )
    inquiry.status, inquiry.closed_at, inquiry.lost_reason = stands, None, ""
    inquiry.assessment_at, inquiry.next_step, inquiry.owner_id = None, "Call back", act.user_id
    inquiry.save()
    act.says(f"Reopened inquiry {inquiry.reference}")
    return inquiry


def note_first_sessions(act: Act, came: dict[int, datetime]) -> None:
    """Clients who came (id -> when): for whom it was the first session of an admission, the promise is kept.

    A building block for the room that records attendance; one query when nobody's first session is among them.
    """
    with everything("the first session of an admission"):
        waiting = Inquiry.objects.filter(
            client_id__in=list(came), status=Inquiry.Status.ADMITTED, first_session_at=None
        )
        for inquiry in waiting:
            Inquiry.objects.filter(pk=inquiry.pk).update(first_session_at=came[inquiry.client_id])


def usual_minutes() -> int:
    """How long an assessment visit usually is."""
    return int(rules()["assessment_minutes"])
