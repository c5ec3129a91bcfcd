"""The one policy behind the record gate: which rows of a protected model an access may see.

The scope (all, caseload, author, own, consented, none) for the actor's roles and the model's kind of record comes from
`engines.disclosure`; this module turns it into a WHERE clause. Anything it does not know is narrowed to nothing.
"""

from typing import Any

from django.db.models import Q, QuerySet

from middleground.engines import disclosure
from middleground.kernel import clock
from middleground.kernel.context import Access, Actor

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
    today, now = clock.today(), clock.now()
    team = (
        QuerySet(CareTeamMember)
        .filter(user_id=actor.user_id, since__lte=today)
        .filter(Q(until=None) | Q(until__gte=today))
    )
    glass = QuerySet(EmergencyAccess).filter(user_id=actor.user_id, since__lte=now, until__gt=now)
    return team.values("client_id").union(glass.values("client_id"))


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
