"""Reading people and episodes, consents, disclosures and tasks. Everything here passes the record gate."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet

from middleground.kernel import clock
from middleground.kernel.context import required

from .models import CareTeamMember, Client, Consent, Disclosure, EmergencyAccess, Episode, Task


def clients(search: str = "") -> QuerySet[Client]:
    """Clients the access may see, by name; `search` matches any part of a name."""
    found = Client.objects.order_by("last_name", "first_name", "pk")
    for word in search.split()[:4]:
        found = found.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(chosen_name__icontains=word)
        )
    return found


def client(client_id: int) -> Client | None:
    """The client, or None when there is none that this access may see."""
    return Client.objects.filter(pk=client_id).first()


def open_episode(client: Client) -> Episode | None:
    return Episode.objects.filter(client=client, ended_on=None).first()


def latest_episode(client: Client) -> Episode | None:
    """The open episode, else the last one."""
    return Episode.objects.filter(client=client).order_by("-admitted_on").first()


def episodes(**where: Any) -> QuerySet[Episode]:
    return Episode.objects.filter(**where).select_related("client", "site")


def team(client: Client) -> QuerySet[CareTeamMember]:
    """Who has a treatment relation with the client today."""
    today = clock.today()
    return (
        CareTeamMember.objects.filter(client=client, since__lte=today)
        .filter(Q(until=None) | Q(until__gte=today))
        .select_related("user")
        .order_by("part")
    )


def consents(client: Client) -> QuerySet[Consent]:
    """All consents, the newest first, revoked and ended ones too."""
    return Consent.objects.filter(client=client).prefetch_related("kinds")


def is_in_force(consent: Consent) -> bool:
    today, now = clock.today(), clock.now()
    return (
        consent.starts_on <= today
        and (consent.ends_on is None or consent.ends_on >= today)
        and (consent.revoked_at is None or consent.revoked_at > now)
    )


def disclosures(client: Client) -> QuerySet[Disclosure]:
    return Disclosure.objects.filter(client=client).select_related("consent", "by")


def my_tasks() -> QuerySet[Task]:
    """Open tasks of the actor: owned by them, or by one of their roles with no owner."""
    actor = required().actor
    mine = Q(owner_id=actor.user_id) | Q(owner=None, owner_role__in=actor.roles)
    return Task.objects.filter(mine, done_at=None).select_related("client", "owner")


def task(task_id: int) -> Task | None:
    """One task, finished or not."""
    return Task.objects.filter(pk=task_id).select_related("client", "owner").first()


def open_tasks() -> QuerySet[Task]:
    return Task.objects.filter(done_at=None).select_related("client", "owner")


def emergency_accesses() -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.select_related("client", "user", "reviewed_by").order_by("-since")


def consents_ending(days: int) -> QuerySet[Consent]:
    """Consents in force that end within so many days."""
    today = clock.today()
    return (
        Consent.objects.filter(revoked_at=None, ends_on__range=(today, today + timedelta(days=days)))
        .select_related("client")
        .order_by("ends_on")
    )
