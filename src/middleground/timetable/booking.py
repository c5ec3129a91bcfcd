"""Booking a chosen week: every group of it, or none."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated

from middleground.kernel import clock
from middleground.kernel.act import look_again
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.program import actions as program
from middleground.program.asking import Taken
from middleground.program.joining import memberships_of, over
from middleground.program.models import Group, Membership
from middleground.program.telling import tell_week
from middleground.records.models import Client, Episode

from . import payers, queries
from .models import WeekPlan
from .running import Running, overlaps


class SeatJustTaken(Refused):
    """Somebody else was quicker. The message names the group; other weeks are to be offered."""


class WeekChanged(Refused):
    """Another week was booked for this client since the page was opened."""

    message = "Someone else booked a week for this client since you opened this page. Look at it, then choose again."


@action("Book a week", by=role("intake-coordinator", "counselor", "case-manager", "program-director"))
def book_week(
    act: Act,
    client: Client,
    episode: Episode,
    groups: list,
    since: Annotated[date, Ask("From", help="The first day of the new week plan")],
    seen_plan: Annotated[int | None, Ask(hidden=True)] = None,
) -> WeekPlan:
    """Give the client a seat in every group of a week from a day on, and take them out of their other groups.

    `groups`: ids. `seen_plan`: the id of the week plan on the page, 0 for none; None skips the check.
    Raises `SeatJustTaken` when a group filled up meanwhile, `WeekChanged` when somebody booked another week meanwhile,
    `Refused` for a closed episode, a day in the past, groups that don't run or are held at the same time.
    """
    _may_book(client, episode, since)
    before = plan_in_force(episode, seen_plan)
    chosen = _chosen(client, groups, since)
    _free_seats(chosen)
    kept = {each.id for each in chosen}
    others = [m for m in memberships_of(client, since) if m.group_id not in kept and m.until is None]
    left = _leave(act, others, since)
    _join(act, client, episode, [each for each in chosen if not each.own], since)
    supersede(act, before)
    _tell(act, client, chosen, left)
    act.says(f"Booked a week of {len(chosen)} groups from {since}")
    return _plan(act, client, episode, chosen, since)


def change_week(
    act: Act, client: Client, episode: Episode, joins: Iterable[int], leaves: Iterable[int], since: date
) -> WeekPlan | None:
    """Join and leave these groups (ids) from a day on, or from admission when that is later; every other group of theirs, of
    whatever site, stays. The week plan in force then; None when no group is left. Within a running action.

    Raises as `book_week` does.
    """
    first, gone = max(since, episode.admitted_on), set(leaves)
    _may_book(client, episode, first)
    new = _running(client, joins, first)
    left = _leave(act, [m for m in memberships_of(client, since) if m.group_id in gone], since)
    _join(act, client, episode, [each for each in new if not each.own], first)
    _tell(act, client, new, left)
    held = queries.running(only=[m.group_id for m in memberships_of(client, first) if m.until is None])
    return keep_week(act, client, episode, [each for each in held if each.first_from(first)], first)


def keep_week(act: Act, client: Client, episode: Episode, chosen: Sequence[Running], since: date) -> WeekPlan | None:
    """The week plan in force after groups were joined and left; None when no group is left. Within a running action."""
    supersede(act, plan_in_force(episode))
    return _plan(act, client, episode, chosen, since) if chosen else None


def _may_book(client: Client, episode: Episode, since: date) -> None:
    if episode.client_id != client.pk or not episode.is_open:
        raise Refused("A week can be booked only in this client's open episode of care.")
    if since < max(clock.today(), episode.admitted_on):
        raise Refused("The first day can't be in the past or before admission.", "since")


def plan_in_force(episode: Episode, seen: int | None = None) -> WeekPlan | None:
    with everything("one week in force"):
        found = WeekPlan.objects.filter(episode=episode, status=WeekPlan.Status.BOOKED).first()
    if seen is not None and seen != (found.pk if found else 0):
        raise WeekChanged()
    return found


def _chosen(client: Client, ids: Iterable[int], since: date) -> list[Running]:
    wanted = {int(each) for each in ids}
    if not wanted:
        raise Refused("Choose at least one group.", "groups")
    chosen = _running(client, wanted, since)
    _check_clash(chosen)
    return chosen


def _running(client: Client, ids: Iterable[int], since: date) -> list[Running]:
    """Of the groups at the actor's sites, and of those the client is in wherever they are; none that is over by `since`."""
    wanted = sorted(set(ids))
    running = {each.id: each for each in queries.running(client=client)}
    if elsewhere := set(wanted) - set(running):
        running |= {each.id: each for each in queries.running(client=client, only=elsewhere) if each.own}
    if set(wanted) - set(running):
        raise Refused("One of these groups no longer runs. Choose again.", "groups")
    chosen = [running[each] for each in wanted]
    if ended := next((each for each in chosen if each.first_from(since) is None), None):
        raise Refused(over(ended.name, ended.ends_on), "since")
    return chosen


def _check_clash(chosen: Sequence[Running]) -> None:
    for place, one in enumerate(chosen):
        for other in chosen[place + 1 :]:
            if overlaps(one, other):
                raise Refused(f"{one.name} and {other.name} are held at the same time.", "groups")


def _leave(act: Act, memberships: Sequence[Membership], since: date) -> list[Group]:
    """End them with the day before; their groups."""
    for membership in memberships:
        last_day = since - timedelta(days=1)
        program.leave_group.within(act, membership=membership, last_day=last_day, why="Another week plan")
    return [each.group for each in memberships]


def _tell(act: Act, client: Client, chosen: Sequence[Running], left: Sequence[Group]) -> None:
    """The client, and the leaders of every group they are new in or no longer in."""
    joined = Group.objects.filter(pk__in=[each.id for each in chosen if not each.own])
    staff = [*joined.values_list("leader_id", "co_leader_id"), *((g.leader_id, g.co_leader_id) for g in left)]
    if staff:
        tell_week(act, [client], [user_id for pair in staff for user_id in pair])


def _free_seats(chosen: Sequence[Running]) -> None:
    full = next((each for each in chosen if not each.own and not each.left), None)
    if full is not None:
        raise SeatJustTaken(f"The last seat in {full.name} ({full.when}) was just taken.", "groups")


def _join(act: Act, client: Client, episode: Episode, new: Sequence[Running], since: date) -> None:
    """All groups in one go; when that is refused, one after the other, so that the one without a seat can be named."""
    rows = Group.objects.select_related("room").in_bulk([each.id for each in new])
    if not rows:
        return
    try:
        with act.trying():
            program.enroll(act, client, episode, [rows[each.id] for each in new], since)
            look_again(act)
    except Taken:
        _join_each(act, client, episode, [rows[each.id] for each in new], since)


def _join_each(act: Act, client: Client, episode: Episode, groups: Sequence[Group], since: date) -> None:
    for group in groups:
        try:
            program.join_group.within(act, client=client, group=group, since=since, episode=episode)
            look_again(act)
        except Taken as no:
            raise SeatJustTaken(no.message, "groups") from None


def supersede(act: Act, before: WeekPlan | None) -> None:
    if before is not None:
        before.status, before.superseded_at = WeekPlan.Status.SUPERSEDED, act.now
        before.save(update_fields=["status", "superseded_at"])


def _plan(act: Act, client: Client, episode: Episode, chosen: Sequence[Running], since: date) -> WeekPlan:
    need = queries.need(episode, payers.rule_of(client, since))
    week = {
        "groups": [each.id for each in chosen],
        "minutes": sum(each.minutes for each in chosen),
        "days": len({each.day for each in chosen}),
        "payer_met": need.payer_met(chosen),
    }
    return WeekPlan.objects.create(
        client=client,
        episode=episode,
        prescribed_minutes=need.prescribed,
        week=week,
        since=since,
        booked_at=act.now,
        booked_by_id=act.user_id,
    )
