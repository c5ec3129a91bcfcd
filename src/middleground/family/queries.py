"""Reading family members, the line, and what a family member's own consents let them see."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from middleground.kernel import clock
from middleground.kernel.context import everything, required
from middleground.records.access import in_force
from middleground.records.models import Client, ConsentKind

from .line import LISTENERS
from .models import FamilyLesson, FamilyMember, FamilyMessage


def members(client: Client) -> QuerySet[FamilyMember]:
    """Everyone who stands or stood by the client, those with access first."""
    return FamilyMember.objects.filter(client=client).select_related("user").order_by("until", "name")


def member(member_id: int) -> FamilyMember | None:
    return FamilyMember.objects.filter(pk=member_id).select_related("user", "client").first()


def messages(client: Client) -> QuerySet[FamilyMessage]:
    """Messages in the client's record, the latest first."""
    return FamilyMessage.objects.filter(client=client).select_related("member", "handled_by")


def consents_in_force(client: Client) -> dict[int, list[str]]:
    """{user id of a family member: kinds they may see now} for one client, as the actor may know it."""
    found = ConsentKind.objects.filter(client=client, consent__in=in_force().exclude(recipient_user=None))
    kinds: dict[int, list[str]] = {}
    for user_id, kind in found.values_list("consent__recipient_user_id", "record_kind"):
        kinds.setdefault(user_id, []).append(kind)
    return kinds


def may_answer(message: FamilyMessage) -> bool:
    """Whether a consent lets us speak with the sender at all."""
    if message.client is None or message.member is None or message.member.user_id is None:
        return False
    return message.member.user_id in consents_in_force(message.client)


def line(waiting: bool = True) -> list[FamilyMessage]:
    """Messages that are in nobody's record: those waiting, or those set aside. Only for those who listen."""
    access = required()
    if not access.actor.roles & set(LISTENERS):
        return []
    access.lists.add("family")
    status = FamilyMessage.Status.NEW if waiting else FamilyMessage.Status.SET_ASIDE
    with everything("family line"):
        return list(FamilyMessage.objects.filter(client=None, status=status).select_related("handled_by")[:50])


def waiting_in_records() -> QuerySet[FamilyMessage]:
    """Messages in records the actor may see that nobody has finished."""
    found = FamilyMessage.objects.filter(status=FamilyMessage.Status.MATCHED)
    return found.select_related("client", "member")


@dataclass(frozen=True)
class Shared:
    """What one client lets this family member see now: the name they go by, and the kinds of record."""

    client_id: int
    called: str
    kinds: frozenset[str]


def shared_with(user_id: int | None) -> list[Shared]:
    """Whose consents let this family member see what, at this moment. Nothing without a consent in force.

    A consent names its client to its recipient, so reading it and the name beside it tells no more than it already said.
    """
    if user_id is None:
        return []
    with everything("a family member's own consents"):
        mine = in_force().filter(recipient_user_id=user_id)
        rows = list(ConsentKind.objects.filter(consent__in=mine).select_related("client"))
    kinds: dict[int, set[str]] = {}
    for row in rows:
        kinds.setdefault(row.client_id, set()).add(row.record_kind)
    names = {row.client_id: row.client.called for row in rows}
    return [Shared(pk, names[pk], frozenset(kinds[pk])) for pk in sorted(kinds)]


def lessons_finished(user_id: int | None) -> set[str]:
    return set(FamilyLesson.objects.filter(user=user_id).values_list("lesson", flat=True))


def current(client: Client) -> QuerySet[FamilyMember]:
    """Those with access today."""
    return members(client).filter(Q(until=None) | Q(until__gt=clock.today()))
