"""Booking people's weeks out of a planned one: each person's week whole or not at all, through the same door as by hand."""

from django.db.models import Q

from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.program.models import Membership
from middleground.records.models import Client, Episode

from . import counselors
from .booking import WeekChanged, change_week
from .changes import number
from .plan_facts import PlanFacts
from .planning import PLANNERS
from .proposed import Proposal
from .repairing import Applying, decide, locked, unchanged


@action("Book a planned week", by=PLANNERS, purpose="operations")
def book_planned_week(act: Act, proposal: Proposal, client: Client) -> Proposal:
    """From the planned week's Monday on a client joins and leaves the groups it says; what it does not hold (groups of other
    sites, or not held that week) stays. The week's talks are made, and who has no primary counselor gets the one chosen.

    Raises `WeekChanged` when the client's groups are others than when it was planned, `SeatJustTaken`, `Taken`, `WeekMoved`,
    `Refused` for a plan that moves groups (its times are not those that are held).
    """
    if proposal.question != "plan" or proposal.asked.get("keep") != "groups":
        raise Refused("This plan is to look at. Plan with the groups kept to book it.")
    if not proposal.is_open:
        raise Refused("This plan is closed already. Plan the week again.")
    if client.pk in booked(proposal):
        raise Refused(f"{client.called}'s week is booked already.")
    wanted, had = (groups_of(each, client.pk) for each in (proposal.answers["plan"], proposal.standing["current"]))
    if groups_now(client, proposal) != had:
        raise WeekChanged()
    facts = PlanFacts(proposal)
    if not facts.bookable(client.pk):
        raise Refused(f"The plan has no group for {client.called}. Look at the reasons on their chart.")
    episode, joins, leaves = episode_of(client), wanted - had, had - wanted
    if joins or leaves:
        change_week(act, client, episode, joins, leaves, proposal.monday)
    counselors.give(act, client, facts)
    book_talks(act, facts, client)
    proposal.done = {"booked": [*booked(proposal), client.pk]}
    proposal.save(update_fields=["done"])
    if changed_clients(facts) <= set(booked(proposal)):
        decide(act, proposal, Proposal.Status.APPLIED)
    act.says(f"Booked a planned week from {proposal.monday}: {len(joins)} groups joined, {len(leaves)} left")
    return proposal


def booked(proposal: Proposal) -> list[int]:
    return list(proposal.done.get("booked", ()))


def groups_of(plan: dict, client: int) -> set[int]:  # type: ignore[type-arg]
    """Ids of the groups a client sits in."""
    return {number(row["id"]) or 0 for row in plan["groups"] if f"c{client}" in row["members"]}


def changed_clients(facts: PlanFacts) -> set[int]:
    """Whose week the plan changes, or who gets a counselor with it."""
    return {*facts.changed, *facts.to_give}


def groups_now(client: Client, proposal: Proposal) -> set[int]:
    """The groups they sit in when the planned week begins, of those that were planned."""
    planned = {number(row["id"]) for row in proposal.standing["current"]["groups"]}
    with everything("one week at a time"):
        rows = Membership.objects.filter(client=client, session=None, group__in=planned, since__lte=proposal.monday)
        rows = rows.filter(Q(until=None) | Q(until__gte=proposal.monday))
        return set(rows.values_list("group_id", flat=True))


def episode_of(client: Client) -> Episode:
    with everything("the open episode"):
        found = Episode.objects.filter(client=client, ended_on=None).first()
    if found is None:
        raise Refused(f"{client.called} is no longer in care.")
    return found


def book_talks(act: Act, facts: PlanFacts, client: Client) -> None:
    """The talks that the plan adds or moves in its week."""
    own, proposal = facts.talks_of(client.pk), facts.proposal
    if not own:
        return
    sessions = locked(each.session for each in own if each.session)
    unchanged(sessions, proposal.standing["seen"], act.now)
    Applying(act, proposal, sessions).all(own)
