"""The one policy behind the record gate: which rows of a protected model an access may see.

The scope (all, caseload, author, own, consented, none) for the actor's roles and the model's kind of record comes from
`engines.disclosure`; this module turns it into a WHERE clause. Anything it does not know is narrowed to nothing.
"""

from typing import Any

from django.db.models import Q, QuerySet

from middleground.engines import disclosure
from middleground.kernel import clock, gate
from middleground.kernel.context import Access, Actor
from middleground.kernel.who import CLINICAL

from .models import CareTeamMember, Consent, ConsentKind, EmergencyAccess


def narrow(rows: Any, access: Access) -> Any:
    """The rows of `rows` this access may see: by kind and reach, then by what the model itself says `concerning` a reader."""
    reached = by_reach(rows, access)
    concerning = getattr(rows.model, "concerning", None)
    return reached if concerning is None else reached.filter(concerning(access.actor))


def by_reach(rows: Any, access: Access) -> Any:
    model, actor = rows.model, access.actor
    scope = disclosure.scope(actor.roles, model.kind).name
    if scope == "all":
        return at_sites(rows, actor)
    if scope == "caseload":
        return at_sites(rows, actor) if model.client_path is None else rows.filter(of(model, caseload(actor)))
    if scope == "author" and model.author_path:
        access.withheld.add(model.kind)  # those of others
        return rows.filter(**{model.author_path: actor.user_id})
    if scope == "own" and model.client_path and actor.client_id is not None:
        return rows.filter(**{model.client_path: actor.client_id})
    if scope == "consented" and model.client_path:
        return rows.filter(of(model, consenting(actor, model.kind)))
    access.withheld.add(model.kind)
    return rows.none()


def of(model: Any, clients: Any) -> Q:
    return Q(**{f"{model.client_path}__in": clients}) | about_nobody(model)


def about_nobody(model: Any) -> Q:
    """Rows that name no client yet, where the model lets its readers see those."""
    return Q(**{model.client_path: None}) if model.open_without_client else Q()


def at_sites(rows: Any, actor: Actor) -> Any:
    if actor.site_ids is None:
        return rows
    if rows.model.client_path is None and rows.model.site_path == "client__site_id":
        return rows
    return rows.filter(Q(**{f"{rows.model.site_path}__in": actor.site_ids}) | about_nobody(rows.model))


def caseload(actor: Actor) -> Any:
    """Clients this person has a treatment relation with today, and those opened by break-glass just now."""
    return related(actor).union(opened(actor).values("client_id"))


def related(actor: Actor) -> Any:
    """Clients on whose care team this person is today."""
    today = clock.today()
    team = QuerySet(CareTeamMember).filter(user_id=actor.user_id, since__lte=today)
    return team.filter(Q(until=None) | Q(until__gte=today)).values("client_id")


def opened(actor: Actor) -> QuerySet[EmergencyAccess]:
    """Records this person opened by break-glass and may still read."""
    now = clock.now()
    return QuerySet(EmergencyAccess).filter(user_id=actor.user_id, since__lte=now, until__gt=now)


def log_emergency(read: Access) -> None:
    """Put on the chain, as an emergency (42 CFR 2.51), what was read of clients this person sees only through break-glass.

    The rest of `read` is logged for its own purpose when the access ends. Nothing in the access is narrowed by this.
    """
    if not read.seen or not read.actor.roles.intersection(CLINICAL):
        return
    strangers = opened(read.actor).filter(client_id__in=list(read.seen)).exclude(client_id__in=related(read.actor))
    apart = Access(read.actor, "emergency", read.where, reason=read.reason)
    for client_id in set(strangers.values_list("client_id", flat=True)):
        apart.seen[client_id] = read.seen.pop(client_id)
    gate.log(apart)


def consenting(actor: Actor, kind: str) -> Any:
    """Clients with a consent in force that lets this person see this kind of record."""
    return (
        QuerySet(ConsentKind)
        .filter(record_kind=kind, consent__in=in_force().filter(recipient_user_id=actor.user_id))
        .values("client_id")
    )


def in_force() -> QuerySet[Consent]:
    """Consents signed, begun, not ended and not revoked at this moment."""
    today, now = clock.today(), clock.now()
    return (
        QuerySet(Consent)
        .filter(signed_at__lte=now, starts_on__lte=today)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=now))
    )
