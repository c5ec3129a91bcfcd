"""Every way to change who a client's family are here. The listen-only line: `line.py`; what they may see: `sharing.py`."""

import secrets
from typing import Annotated

from django.utils.translation import gettext_lazy as _

from middleground.clinic.actions import give_code, set_roles
from middleground.clinic.models import User
from middleground.kernel import clock
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.records.actions import revoke_consent
from middleground.records.models import Client, Consent
from middleground.recovery import words

from .line import finish_message, leave_family_message, match_message, set_message_aside
from .models import FamilyLesson, FamilyMember
from .sharing import share_with_family

__all__ = ["finish_message", "leave_family_message", "match_message", "set_message_aside", "share_with_family"]

INVITERS = role("client", "counselor", "case-manager")


def relations() -> list[tuple[str, str]]:
    return list(words.labels("family-relations").items())


@action("Invite a family member", by=INVITERS)
def invite_family_member(
    act: Act,
    client: Client,
    name: Annotated[str, Ask(_("Their name"), most=120)],
    relation: Annotated[str, Ask(_("Who they are to you"), choices=relations)],
) -> FamilyMember:
    """Give somebody a sign-in of their own. It opens the family lessons and nothing of the record: for that the client signs.

    The row that comes back carries `sign_in` ("name / CODE") once, to hand over in person. Raises `Refused` for someone who is
    already here under this name.
    """
    if relation not in words.labels("family-relations"):
        raise Refused(str(_("Choose one from the list.")), "relation")
    if FamilyMember.objects.filter(client=client, name__iexact=name.strip(), until=None).exists():
        raise Refused(str(_("This person is already invited.")), "name")
    user = _family_user(act, name)
    made = FamilyMember.objects.create(
        client=client, user=user, name=name.strip(), relation=relation, since=clock.today(), invited_by_id=act.user_id
    )
    made.sign_in = f"{user.username} / {give_code(act, user)}"
    act.says("Invited a family member; nothing is shared without a signed consent")
    return made


def _family_user(act: Act, name: str) -> User:
    """A sign-in name that says nothing about anyone."""
    user = User(username=f"family-{secrets.token_hex(3)}", name=name.strip(), roles=["family"])
    user.set_unusable_password()
    user.save()
    return user


@action("Give a family member a new code", by=INVITERS)
def give_family_code(act: Act, member: FamilyMember) -> str:
    """A fresh one-time sign-in code as "name / CODE", to hand over in person. Raises `Refused` once access has ended."""
    if member.user is None or member.until is not None:
        raise Refused(str(_("This person's access has ended. Invite them again.")))
    act.says("Gave a family member a sign-in code")
    return f"{member.user.username} / {give_code(act, member.user)}"


@action("End a family member's access", by=INVITERS)
def end_family_access(act: Act, member: FamilyMember) -> FamilyMember:
    """From now on they see nothing: their consents are revoked and, unless they stand by someone else too, their sign-in stops."""
    if member.until is None:
        FamilyMember.objects.filter(pk=member.pk).update(until=clock.today())
        member.until = clock.today()
    if member.user_id is not None:
        _revoke_all(act, member)
        _stop_sign_in(act, member)
    act.says("Ended a family member's access")
    return member


def _revoke_all(act: Act, member: FamilyMember) -> None:
    for consent in Consent.objects.filter(client=member.client_id, recipient_user=member.user_id, revoked_at=None):
        revoke_consent.within(act, consent=consent, how="family access ended")


def _stop_sign_in(act: Act, member: FamilyMember) -> None:
    with everything("a family member of more than one client"):
        elsewhere = FamilyMember.objects.filter(user=member.user_id, until=None).exclude(pk=member.pk).exists()
    if not elsewhere and member.user is not None:
        set_roles.within(act, user=member.user, roles=["family"], is_active=False)


@action("Finish a family lesson", by=role("family"), purpose="family")
def finish_family_lesson(
    act: Act, lesson: Annotated[str, Ask(hidden=True, most=60)], answers: dict | None = None
) -> FamilyLesson:
    """Keep that a family member finished a lesson. There is no failing. Raises `Refused` for an answer not offered."""
    found = words.lesson(lesson, "family")
    if found is None:
        raise Refused(str(_("There is no such lesson.")), "lesson")
    try:
        words.marked(found, answers or {})
    except ValueError as no:
        raise Refused(str(_("Choose one of the answers.")), str(no)) from None
    done, _new = FamilyLesson.objects.update_or_create(
        user_id=act.user_id,  # type: ignore[misc]
        lesson=lesson,
        defaults={"finished_at": act.now, "answers": answers or {}},
    )
    act.says("Finished a family lesson")
    return done
