"""What somebody changed in a week since a plan of it was made, in words: sessions, who is in the groups, when people can come."""

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from django.db.models import Q
from django.utils import timezone

from middleground.kernel.context import everything
from middleground.program.models import Session
from middleground.program.sheets import rosters
from middleground.records.models import Client, Episode

from .changes import number
from .instance import state_of
from .models import Availability
from .proposed import Proposal
from .repairing import words_of
from .standing import WEEK
from .whole_plan import Whole

NAMED = 3


def since_then(proposal: Proposal, whole: Whole, *, all_of_it: bool = False) -> list[str]:
    """What changed of that which the plan changes; or of the whole week. Within an action: names are those its actor may know."""
    sessions = of_the_week(proposal)
    return [
        *sessions_changed(proposal, whole, sessions, all_of_it),
        *members_changed(proposal, whole, sessions, all_of_it),
        *people_changed(proposal, whole),
    ]


def of_the_week(proposal: Proposal) -> list[Session]:
    """Those of the planned week at its site, and those that were."""
    first, last = (timezone.make_aware(datetime.combine(day, time())) for day in week_of(proposal))
    known = [int(pk) for pk in proposal.standing["seen"]]
    wanted = Q(pk__in=known) | Q(site=proposal.site_id, start__gte=first, start__lt=last)
    with everything("what changed since the plan was made"):
        found = Session.objects.filter(wanted).select_related("room", "leader", "group")
        return list(found.order_by("start", "pk"))


def week_of(proposal: Proposal) -> tuple[Any, Any]:
    return proposal.monday, proposal.monday + WEEK


def sessions_changed(proposal: Proposal, whole: Whole, sessions: list[Session], all_of_it: bool) -> Iterator[str]:
    seen, concerned = proposal.standing["seen"], whole.changed_groups
    for session in sessions:
        theirs = session.group_id in concerned or session.client_id in whole.touched
        if not (all_of_it or theirs) or session.client_id in proposal.done.get("booked", ()):
            continue
        before = seen.get(str(session.pk))
        if before is None and session.status != Session.Status.NOT_HELD:
            yield f"{words_of(session).rstrip('.')}: that is new."
        elif before is not None and before != state_of(session):
            yield words_of(session)


def members_changed(proposal: Proposal, whole: Whole, sessions: list[Session], all_of_it: bool) -> Iterator[str]:
    rows = {row["id"]: {number(name) or 0 for name in row["members"]} for row in proposal.standing["current"]["groups"]}
    by_session = {pk: rows[name] for name, pk in proposal.standing["session_of"].items() if name in rows}
    held = [s for s in sessions if s.pk in by_session]
    now, booked = rosters(held), set(proposal.done.get("booked", ()))
    for session in held:
        came, went = (
            set(now[session.pk]) - by_session[session.pk] - booked,
            by_session[session.pk] - set(now[session.pk]),
        )
        if not (all_of_it or session.group_id in whole.changed_groups):
            came, went = came & whole.touched, went & whole.touched
        went -= booked
        told = [f"{len(who)} {what}" for who, what in ((came, "joined"), (went, "left")) if who]
        if told:
            yield f"{session.title}: {' and '.join(told)}."


def people_changed(proposal: Proposal, whole: Whole) -> Iterator[str]:
    with everything("when the people of a plan can come"):
        said = Availability.objects.filter(client_id__in=whole.touched, given_at__gt=proposal.made_at, until=None)
        newly = sorted(said.values_list("client_id", flat=True))
        there = Episode.objects.filter(client_id__in=whole.touched, ended_on=None)
        gone = sorted(whole.touched - set(there.values_list("client_id", flat=True)))
    if newly:
        yield f"Other times were given for {people(newly)}."
    if gone:
        yield f"No longer in care: {people(gone)}."


def people(ids: list[int]) -> str:
    """ "Wren A., Lark B. and 2 more": names of those one may know."""
    names = sorted(client.short for client in Client.objects.filter(pk__in=ids))[:NAMED]
    rest = len(ids) - len(names)
    return " and ".join(filter(None, [", ".join(names), f"{rest} {'more' if names else 'people'}" if rest else ""]))
