"""Who is out of one dated session of a weekly group by a repair: their membership leaves out that day and goes on after it, so
that everything which asks who is expected on a day is right."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from middleground.kernel.actions import Act
from middleground.kernel.context import everything
from middleground.program.models import Membership, Session
from middleground.program.sheets import day_of

Row = dict[str, Any]
WHY = "A repair of the week"
ONE_DAY = timedelta(days=1)


def sit_out(act: Act, session: Session, clients: Iterable[int]) -> list[Row]:
    """Inside the repair. Returns what `sit_again` needs: the membership, its end before, and the one that goes on after the day."""
    on = day_of(session)
    with everything("the memberships of whoever is out of a session"):
        held = Membership.objects.filter(group=session.group_id, client__in=list(clients), since__lte=on)
        held = held.filter(Q(until=None) | Q(until__gte=on), Q(session=None) | Q(session=session.pk))
        return [_leave_out(act, membership, on) for membership in held.order_by("pk")]


def _leave_out(act: Act, membership: Membership, on: date) -> Row:
    until, why, rest = membership.until, membership.why_left, None
    if membership.session_id is None and (until is None or until > on):
        rest = Membership(
            client_id=membership.client_id,
            episode_id=membership.episode_id,
            group_id=membership.group_id,
            since=on + ONE_DAY,
            until=until,
            why_left=why,
        )
    _end(act, membership, on - ONE_DAY, WHY)
    if rest:
        rest.save()
    return {"membership": membership.pk, "until": until and until.isoformat(), "why": why, "rest": rest and rest.pk}


def sit_again(act: Act, rows: Iterable[Row]) -> list[str]:
    """Before the sessions are put back: the memberships are whole again. Returns the names of those whose groups were changed
    meanwhile: then nothing may be taken back."""
    told = list(rows)
    with everything("who was out of a session"):
        found = Membership.objects.select_related("client").in_bulk(
            [pk for row in told for pk in (row["membership"], row["rest"]) if pk]
        )
    changed = []
    for row in told:
        membership, rest = found[row["membership"]], found.get(row["rest"])
        until = date.fromisoformat(row["until"]) if row["until"] else None
        if rest and rest.until != until:
            changed.append(membership.client.called)
            continue
        if rest:
            _end(act, rest, rest.since - ONE_DAY, WHY)
        _end(act, membership, until, row["why"])
    return changed


def _end(act: Act, membership: Membership, until: date | None, why: str) -> None:
    membership.until, membership.why_left = until, why
    membership.save(update_fields=["until", "why_left"])
