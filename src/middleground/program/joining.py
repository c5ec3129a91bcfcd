"""Joining and leaving groups: dated intervals, seats in the coming sessions, and the leader's care relation."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated

from django.db.models import Q
from django.utils import timezone

from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import NotBookable, Refused
from middleground.kernel.ledger import Place
from middleground.kernel.who import role
from middleground.records.actions import put_on_team, take_off_team
from middleground.records.models import Client, Episode
from middleground.records.queries import open_episode

from .asking import LEADERS, SCHEDULERS, NotHeld, Taken
from .models import Group, Membership, Session
from .opening import WEEK, first_held, when
from .rules import rule
from .sheets import day_of, rosters
from .telling import tell_new, tell_week


def enroll(
    act: Act, client: Client, episode: Episode, groups: Sequence[Group], since: date, until: date | None = None
) -> list[Membership]:
    """Put a client into groups from `since` on: memberships, the leaders' care relation, a seat in every coming session.

    All or nothing, a few queries however many groups. Raises `Refused` (already in it, outside the episode, a group that is not
    held in the week that begins with `since`) and `Taken`.
    """
    if episode.client_id != client.pk or not episode.is_open:
        raise Refused("There is no open episode of care to join a group in.")
    if since < episode.admitted_on or (until and until < since):
        raise Refused("Choose days within the episode of care.", "since")
    for group in groups:
        check_held(group, since)
    _not_in_yet(client, episode, groups)
    made = [Membership(client=client, episode=episode, group=g, since=since, until=until) for g in groups]
    Membership.objects.bulk_create(made)
    keep = until + timedelta(days=rule("cover")["keeps_days"]) if until else None
    for user_id in sorted({u for g in groups for u in (g.leader_id, g.co_leader_id) if u}):
        put_on_team(act, client, user_id, "group-leader", since, keep)
    seat(act, client, coming(act, groups, since, until))
    return made


def check_held(group: Group, since: date) -> None:
    """The group is held in the week that begins with `since`. Raises `Refused`."""
    day = first_held(group.weekday, group.starts_on, group.ends_on, since)
    if day is None:
        raise Refused(over(group.title, group.ends_on), "since")
    if day >= since + WEEK:
        raise Refused(f"{group.title} is first held on {day:%A, %B %-d}. Choose that day or a later one.", "since")


def over(title: str, ends_on: date | None) -> str:
    return (
        f"{title} ends on {ends_on:%A, %B %-d} and isn't held from this day on. Choose an earlier day or another group."
    )


def _not_in_yet(client: Client, episode: Episode, groups: Sequence[Group]) -> None:
    with everything("one membership at a time"):
        already = (
            Membership.objects.filter(episode=episode, group__in=groups, until=None, session=None)
            .values_list("group__title", flat=True)
            .first()
        )
    if already:
        raise Refused(f"{client.called} is in {already} already.", "group")


def coming(act: Act, groups: Iterable[Group], since: date, until: date | None = None) -> list[Session]:
    """Sessions of the groups from `since` on that are not over. The ledger goes by the wall clock, so do we: what has
    ended in truth needs no seat, also while a past month is being told."""
    after = max(act.now, timezone.now())
    with everything("sessions to come"):
        found = Session.objects.filter(
            group__in=list(groups), end__gt=after, status=Session.Status.SCHEDULED
        ).select_related("group__room", "room")
        return [s for s in found if since <= day_of(s) <= (until or day_of(s))]


def place(session: Session) -> Place:
    assert session.group is not None  # noqa: S101  only group sessions have seats
    return Place(session.subject, session.seats, session.start, session.end)


def seat(act: Act, client: Client, sessions: Sequence[Session]) -> None:
    """A seat in each session. Raises `Taken` in words."""
    try:
        ledger.take_seats(act, ledger.key(client), [place(s) for s in sessions])
    except NotBookable as no:
        full = next((s for s in sessions if s.subject in no.taken), None)
        if full:
            raise Taken(f"{full.title} on {when(full.start)} has no free seat.") from None
        raise Taken(f"{client.called} has something else at the time of a session of this group.") from None


def seat_members(act: Act, group: Group, sessions: Sequence[Session]) -> None:
    """Seats for the group's members in newly laid out sessions. Raises `Taken` for the first who has no room there."""
    after = max(act.now, timezone.now())
    open_ones = [s for s in sessions if s.end > after]
    if not open_ones:
        return
    expected = rosters(open_ones)
    with everything("members of the group"):
        people = {c.pk: c for c in Client.objects.filter(pk__in={c for ids in expected.values() for c in ids})}
    for client_id, person in sorted(people.items()):
        seat(act, person, [s for s in open_ones if client_id in expected[s.pk]])


@action("Put a client into a group", by=SCHEDULERS)
def join_group(
    act: Act,
    client: Client,
    group: Annotated[Group, Ask("Group")],
    since: Annotated[date | None, Ask("From")] = None,
    until: Annotated[date | None, Ask("Until", help="Leave empty when it goes on")] = None,
    episode: Episode | None = None,
) -> Membership:
    """From this day on the client belongs to the group; earlier sessions stay as they were. Without a day it is today, or the
    group's own first day when that is to come."""
    care = episode or open_episode(client)
    if care is None:
        raise Refused("There is no open episode of care to join a group in.")
    first = since or max(timezone.localdate(act.now), group.starts_on)
    made = enroll(act, client, care, [group], first, until)[0]
    tell_week(act, [client], [group.leader_id, group.co_leader_id])
    act.says(f"Put the client into {group.title} from {made.since}")
    return made


def depart(act: Act, memberships: Sequence[Membership], last_day: date, why: str) -> None:
    """End memberships with `last_day` included and give back the seats after it. Earlier sessions stay as they were.

    A leader in none of whose groups the client remains loses the record a few days later, when the last notes are written.
    """
    for membership in memberships:
        membership.until, membership.why_left = max(last_day, membership.since - timedelta(days=1)), why[:120]
        membership.save(update_fields=["until", "why_left"])
        for session in coming(act, [membership.group], last_day + timedelta(days=1)):
            ledger.release(act, f"{session.subject}|client:{membership.client_id}", "left the group")
    for client_id in {m.client_id for m in memberships}:
        _let_leaders_go(act, client_id, [m.group for m in memberships if m.client_id == client_id], last_day)


def _let_leaders_go(act: Act, client_id: int, left: Sequence[Group], last_day: date) -> None:
    with everything("leaders of the groups left and kept"):
        kept = Group.objects.filter(
            memberships__client_id=client_id, memberships__until=None, memberships__session=None
        )
        still = {user for group in kept for user in (group.leader_id, group.co_leader_id)}
    keep = last_day + timedelta(days=rule("cover")["keeps_days"])
    for user_id in {u for g in left for u in (g.leader_id, g.co_leader_id) if u} - still:
        take_off_team(act, [client_id], user_id, "group-leader", keep)


def let_former_leaders_go(act: Act, group: Group, before: Iterable[int | None]) -> None:
    """Whoever of those `before` leads the group no more loses the records of members they lead in no other group: some days
    (`cover.keeps_days`) after the last session of the group that is or was theirs, when its note is written. Inside a running
    action, once the group and its sessions stand with whoever leads now. Other relations (counselor, cover) stay."""
    leads = set(Group.objects.filter(pk=group.pk).values_list("leader", "co_leader")[0])
    today = timezone.localdate(act.now)
    for user_id in sorted({u for u in before if u} - leads):
        with everything("whom a former leader leads no more"):
            theirs = Q(group__leader=user_id) | Q(group__co_leader=user_id)
            members = Membership.objects.filter(session=None).filter(Q(until=None) | Q(until__gte=today))
            kept = members.filter(theirs).values("client")
            gone = set(members.filter(group=group).exclude(client__in=kept).values_list("client", flat=True))
            last = _last_led(group, user_id) or today
        keep = max(last, today) + timedelta(days=rule("cover")["keeps_days"])
        take_off_team(act, gone, user_id, "group-leader", keep)


def _last_led(group: Group, user_id: int) -> date | None:
    """The day of the last session of the group that somebody leads or led: one may still be to come, moved on its own."""
    held = Session.objects.filter(group=group).exclude(status=Session.Status.NOT_HELD)
    last = held.filter(Q(leader=user_id) | Q(co_leader=user_id)).order_by("-start").first()
    return day_of(last) if last else None


@action("Take a client out of a group", by=SCHEDULERS)
def leave_group(
    act: Act,
    membership: Membership,
    last_day: Annotated[date | None, Ask("Last day in the group")] = None,
    why: Annotated[str, Ask("Why", most=120)] = "",
) -> Membership:
    """The client's last day in a group. Their seats after it are free again."""
    depart(act, [membership], last_day or timezone.localdate(act.now), why)
    tell_week(act, [membership.client], [membership.group.leader_id, membership.group.co_leader_id])
    act.says(f"Took the client out of {membership.group.title} after {membership.until}")
    return membership


def memberships_of(client: Client, on: date) -> list[Membership]:
    """The client's memberships in force on a day or later, inside actions."""
    with everything("memberships of the client"):
        return list(
            Membership.objects.filter(client=client, session=None)
            .filter(Q(until=None) | Q(until__gte=on))
            .select_related("group")
        )


@action(
    "Take a client out of all groups", by=role("counselor", "case-manager", "intake-coordinator", "program-director")
)
def leave_all_groups(
    act: Act,
    client: Client,
    last_day: Annotated[date | None, Ask("Last day")] = None,
    why: Annotated[str, Ask("Why", most=120)] = "",
) -> Client:
    """End every membership (another week plan, the end of the episode)."""
    on = last_day or timezone.localdate(act.now)
    left = memberships_of(client, on)
    depart(act, left, on, why)
    tell_week(act, [client] if left else [], [u for m in left for u in (m.group.leader_id, m.group.co_leader_id)])
    act.says(f"Took the client out of all groups after {on}")
    return client


@action("Add a walk-in", by=LEADERS | role("intake-coordinator"))
def add_walk_in(act: Act, session: Session, client: Annotated[Client, Ask("Client")]) -> Membership:
    """Somebody of the program sits in on this one session. They are unrecorded until marked; nobody else's row is touched."""
    made = sit_in(act, session, client)
    act.says(f"Added a walk-in to {session.title} on {made.since}")
    return made


def sit_in(act: Act, session: Session, client: Client) -> Membership:
    """A seat in one session of a group, and the leader's care relation for it, inside a running action. Raises `Refused`."""
    if session.group_id is None:
        raise Refused("Only a group takes walk-ins.", "client")
    if session.status == Session.Status.NOT_HELD:
        raise NotHeld()
    on = day_of(session)
    care = open_episode(client)
    if care is None or care.admitted_on > on:
        raise Refused("This person has no open episode of care on that day.", "client")
    if client.pk in rosters([session])[session.pk]:
        raise Refused(f"{client.called} is on the list already.", "client")
    keeps = on + timedelta(days=rule("cover")["keeps_days"])
    put_on_team(act, client, session.leader_id, "cover", min(on, timezone.localdate(act.now)), keeps)
    seat(act, client, [session])
    if session.start > act.now:
        tell_new(act, [client], [session.leader_id, session.co_leader_id], session.start)
    return Membership.objects.create(
        client=client, episode=care, group_id=session.group_id, session=session, since=on, until=on
    )
