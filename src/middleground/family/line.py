"""The listen-only line: anyone may tell us something; we tell them nothing. Source: program handbook 6.3 row 7, 42 CFR 2.13(c)."""

from datetime import timedelta
from typing import Annotated

from django.utils.translation import gettext_lazy as _

from middleground.clinic.queries import staff_with
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.desk import notify
from middleground.kernel.errors import NotAllowed, Refused
from middleground.kernel.who import anyone, role
from middleground.records.actions import ask_for, close_tasks
from middleground.records.models import Client
from middleground.recovery import words as recovery_words
from middleground.recovery.team import owner_of

from .models import FamilyMember, FamilyMessage

LISTENERS = ("counselor", "case-manager", "program-director")
MessageId = Annotated[int, Ask(hidden=True)]


@action("Leave a family message", by=anyone(), purpose="family")
def leave_family_message(
    act: Act,
    from_name: Annotated[str, Ask(_("Your name"), most=120)],
    about_name: Annotated[str, Ask(_("Who is it about?"), most=160)],
    words: Annotated[str, Ask(_("What would you like us to know?"), lines=6, most=4000)],
    phone: Annotated[str, Ask(_("Your phone, if you like"), most=40)] = "",
) -> FamilyMessage:
    """Keep what somebody tells us. Nobody is looked up: the same few statements run whoever is named."""
    made = FamilyMessage.objects.create(
        from_name=from_name,
        phone=phone,
        about_name=about_name,
        words=words,
        received_at=act.now,
        from_user_id=act.user_id,
    )
    for person in staff_with("case-manager", "program-director"):
        notify(act, person.pk, "There is a new message on the family line.", "/family-line/")
    act.says("Left a message on the family line")
    return made


def _unmatched(message_id: int) -> FamilyMessage:
    """The message, as long as it is in nobody's record. Raises `NotAllowed` when there is none."""
    with everything("family line"):
        found = FamilyMessage.objects.select_for_update().filter(pk=message_id, client=None).first()
    if found is None:
        raise NotAllowed("This message is no longer on the line.")
    return found


@action("Say whom a family message is about", by=role(*LISTENERS))
def match_message(
    act: Act,
    client: Client,
    message_id: MessageId,
    member: Annotated[FamilyMember | None, Ask("Who sent it")] = None,
) -> FamilyMessage:
    """Put a message into a client's record, and ask the primary counselor to read it. It discloses nothing to the sender."""
    message = _unmatched(message_id)
    if member is not None and member.client_id != client.pk:
        raise Refused("This person is not family of this client.", "member")
    message.client, message.status = client, FamilyMessage.Status.MATCHED
    message.member = member or _sender(message, client)
    message.save()
    ask_for(
        act,
        "Read a message from family",
        act.now + timedelta(hours=recovery_words.follow_up("family_message")["hours"]),
        client=client,
        why="Listening is always allowed; answering needs a consent",
        key=f"family-message:{message.pk}",
        **owner_of(client),
    )
    act.says("Put a message from the family line into the record")
    return message


def _sender(message: FamilyMessage, client: Client) -> FamilyMember | None:
    if message.from_user_id is None:
        return None
    return FamilyMember.objects.filter(client=client, user=message.from_user_id).first()


@action("Set a family message aside", by=role(*LISTENERS))
def set_message_aside(
    act: Act, message_id: MessageId, outcome: Annotated[str, Ask("Why it goes no further", most=300)]
) -> FamilyMessage:
    """The message is about nobody in care here, or says nothing to act on. It is kept."""
    message = _unmatched(message_id)
    act.says("Set a message of the family line aside")
    return _close(act, message, FamilyMessage.Status.SET_ASIDE, outcome)


@action("Finish a family message", by=role(*LISTENERS), fresh="message")
def finish_message(
    act: Act, message: FamilyMessage, outcome: Annotated[str, Ask("What came of it", lines=2, most=300)]
) -> FamilyMessage:
    """Say what came of a message in a client's record."""
    close_tasks(act, f"family-message:{message.pk}", outcome)
    act.says("Finished a family message")
    return _close(act, message, FamilyMessage.Status.DONE, outcome)


def _close(act: Act, message: FamilyMessage, status: str, outcome: str) -> FamilyMessage:
    message.status, message.outcome = status, outcome
    message.handled_by_id, message.handled_at = act.user_id, act.now
    message.save()
    return message
