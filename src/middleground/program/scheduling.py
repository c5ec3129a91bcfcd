"""Changing what is planned: cover, moving, calling off; and appointments with one client."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from django.utils import timezone
from django.utils.translation import gettext

from middleground.clinic.models import Room, Site, User
from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import NotBookable, Refused
from middleground.records.actions import put_on_team
from middleground.records.models import Client
from middleground.records.queries import team

from .asking import LEADERS, SCHEDULERS, NotHeld, SessionSigned, Taken
from .joining import coming, let_former_leaders_go, place
from .keeping import away_from, away_words, check_site_open, check_staff_there
from .models import Group, Modality, Session
from .opening import book, check_leader, check_place, named, when
from .rules import rule, vocabulary
from .sheets import day_of, rosters, sheet
from .telling import by_video_or_not, in_another_room, led_by_another, new_leader_or_room, tell, tell_new

SORTS = [("individual", "Individual session"), ("family", "Family session")]
Expected = dict[int, list[Client]]


def reasons() -> list[tuple[str, str]]:
    return [(i, item["label"]["en"]) for i, item in vocabulary("program-cancellation-reasons").items()]


def check_open(session: Session) -> None:
    """Raises when a session is past changing: signed, or it did not happen."""
    if session.status == Session.Status.NOT_HELD:
        raise NotHeld()
    if sheet(session).signed:
        raise SessionSigned()


def people_expected(sessions: Sequence[Session]) -> Expected:
    """Session id -> the clients expected there, inside actions."""
    expected = rosters(sessions)
    with everything("who must be told"):
        people = Client.objects.in_bulk({c for ids in expected.values() for c in ids})
    return {pk: [people[c] for c in ids] for pk, ids in expected.items()}


@action("Cover a session", by=LEADERS, fresh="session")
def cover_session(
    act: Act,
    session: Session,
    leader: Annotated[User, Ask("Who leads instead")],
    following: Annotated[bool, Ask("This and all following sessions of the group")] = False,
) -> Session:
    """Somebody else leads: this session, or this and the following. They get the care relation that writing the note needs;
    whoever led the group before and hands it over keeps theirs as long (`joining.let_former_leaders_go`).

    Raises `Taken` when they are booked then, `StaffAway` when they are away on the day of this session. Whoever takes a group
    over may have days off later: these stand in the way of nothing and are covered one by one, but they are told, in the
    audit entry and by `queries.days_to_cover`. Time and place stay, so opening hours are not asked again.
    """
    check_open(session)
    check_leader(leader, "leader")
    if leader.pk == session.co_leader_id:
        raise Refused("This person co-leads it already.", "leader")
    check_staff_there([leader], session.start, "leader")
    changed, former = [session], [session.leader_id]
    if following and session.group is not None:
        former.append(session.group.leader_id)
        later = coming(act, [session.group], day_of(session) + timedelta(days=1))
        changed += [s for s in later if s.start > session.start and s.leader_id == session.leader_id]
        Group.objects.filter(pk=session.group_id).update(leader=leader)
    for each in changed:
        each.leader = leader
        each.save(update_fields=["leader"])
        rebook(act, each)
    expected = people_expected(changed)
    _relate(act, changed, expected, leader, following)
    if following and session.group is not None:
        let_former_leaders_go(act, session.group, former)
    tell(act, [], [former[0], leader.pk], lambda: gettext("A session has a new leader. Please look at your day."))
    if leader.pk != former[0]:
        _tell_of_cover(act, changed, expected)
    gone = away_words(each for each in away_from(changed[1:]) if each.person.pk == leader.pk)
    after = f" and after{', but ' * bool(gone)}{gone}" if following else ""
    act.says(f"{leader.name} leads {session.title} on {when(session.start)}{after}")
    return session


def _relate(act: Act, sessions: Sequence[Session], expected: Expected, leader: User, following: bool) -> None:
    today = timezone.localdate(act.now)
    keeps = day_of(sessions[0]) + timedelta(days=rule("cover")["keeps_days"])
    people = {c.pk: c for ids in expected.values() for c in ids}
    for client in people.values():
        if following:
            put_on_team(act, client, leader, "group-leader", min(today, day_of(sessions[0])))
        else:
            put_on_team(act, client, leader, "cover", min(today, day_of(sessions[0])), keeps)


def _tell_of_cover(act: Act, sessions: Sequence[Session], expected: Expected) -> None:
    """Everybody expected hears once: of the first that is still to come for them, and whether those after it are meant too."""
    theirs: dict[Client, list[datetime]] = {}
    for session in sorted(sessions, key=lambda each: each.start):
        for client in expected[session.pk] if session.start > act.now else ():
            theirs.setdefault(client, []).append(session.start)
    told: dict[tuple[datetime, bool], list[Client]] = {}
    for client, starts in theirs.items():
        told.setdefault((starts[0], len(starts) > 1), []).append(client)
    for (start, weekly), clients in told.items():
        tell(act, clients, [], led_by_another(start, weekly))
    act.about(*theirs)


def rebook(act: Act, session: Session) -> None:
    """Give back a session's room and staff (and client, for an appointment) and book them as they now are."""
    ledger.release(act, session.subject, "changed")
    people = named(session.room, session.leader, session.co_leader)
    if session.client_id:
        people[f"client:{session.client_id}"] = "the client"
    book(act, session, people, "group" if session.group_id else "appointment")


@action("Move a session", by=LEADERS, fresh="session")
def move_session(
    act: Act,
    session: Session,
    start: Annotated[datetime, Ask("New start")],
    room: Annotated[Room | None, Ask("Room", help="Leave empty to keep the room")] = None,
) -> Session:
    """Another time or room for one session; its length stays, and by video it is on site once it has a room. Raises `Taken`
    naming the room, the leader or the client who has something else then, `SiteClosed` or `StaffAway`: move it elsewhere, or
    call it off."""
    check_open(session)
    if session.status != Session.Status.SCHEDULED:
        raise Refused("This session was held already.")
    check_place(session.site_id, room, "room")
    clients = people_expected([session])[session.pk]
    length = session.end - session.start
    check_site_open(session.site, room or session.room, start, start + length, "start")
    check_staff_there([session.leader, session.co_leader], start, "start")
    for client in clients if session.group_id else ():
        ledger.release(act, f"{session.subject}|{ledger.key(client)}", "moved")
    was = session.start, session.room_id
    session.start, session.end = start, start + length
    if room is not None:
        session.room, session.modality = room, Modality.ON_SITE
    session.save(update_fields=["start", "end", "room", "modality"])
    rebook(act, session)
    if session.group_id:
        _reseat(act, session, clients)
    _tell_of_move(act, session, clients, *was)
    act.about(*clients)
    act.says(f"Moved {session.title} to {when(start)}")
    return session


def _tell_of_move(act: Act, session: Session, clients: Sequence[Client], was: datetime, room: int | None) -> None:
    """Of its new time; where only the room is another, of that. `was`, `room`: before."""
    start, leaders = session.start, [session.leader_id, session.co_leader_id]
    if start != was:
        tell(act, clients, leaders, lambda: gettext("A session moved to %(when)s.") % {"when": when(start)})
    elif room != session.room_id:
        tell(act, [], leaders, new_leader_or_room)
        tell(act, clients if room else [], [], in_another_room(start))
    if room is None and session.room_id:
        tell(act, clients, [], by_video_or_not(start, on_site=True))


def _reseat(act: Act, session: Session, clients: Sequence[Client]) -> None:
    for client in clients:
        try:
            ledger.take_seats(act, ledger.key(client), [place(session)])
        except NotBookable:
            raise Taken(f"{client.short} has something else at that time, or there is no seat.", "start") from None


@action("Call off a session", by=LEADERS, fresh="session")
def call_off_session(
    act: Act, session: Session, reason: Annotated[str, Ask("Why the program cancels", choices=reasons)]
) -> Session:
    """The session does not happen, by the program's doing: nobody is marked absent. Everything booked is free again."""
    check_open(session)
    if reason not in dict(reasons()):
        raise Refused("Choose a reason from the list.", "reason")
    if sheet(session).there:
        raise Refused("Somebody is marked as having been there. Correct the attendance first.")
    session.status, session.status_reason = Session.Status.NOT_HELD, reason
    session.save(update_fields=["status", "status_reason"])
    clients = people_expected([session])[session.pk]
    ledger.release(act, session.subject, "called off")
    for client in clients if session.group_id else ():
        ledger.release(act, f"{session.subject}|{ledger.key(client)}", "called off")
    told = [session.leader_id, session.co_leader_id]
    tell(act, clients, told, lambda: gettext("There is no session on %(when)s.") % {"when": when(session.start)})
    act.about(*clients)
    act.says(f"Called off {session.title} on {when(session.start)}: {dict(reasons())[reason]}")
    return session


@action("Schedule an appointment", by=SCHEDULERS)
def schedule_session(
    act: Act,
    client: Client,
    sort: Annotated[str, Ask("Kind", choices=SORTS, radio=True)],
    leader: Annotated[User, Ask("With")],
    start: Annotated[datetime, Ask("When")],
    minutes: Annotated[int, Ask("Minutes", low=15, high=240)] = 50,
    room: Annotated[Room | None, Ask("Room", help="Leave empty for telehealth")] = None,
    session_kind: Annotated[str, Ask(hidden=True)] = "",
    site: Annotated[Site | None, Ask(hidden=True)] = None,
) -> Session:
    """An individual or family session. Books the client, the staff member and the room together, or none of them.

    `site`: another than the client's own only where a planned week has them there, so no page asks for it.
    Raises `Taken`, `SiteClosed` (field start) and `StaffAway` (field leader).
    """
    check_leader(leader, "leader")
    held_at = site or client.site
    check_place(held_at.pk, room, "room")
    check_site_open(held_at, room, start, start + timedelta(minutes=minutes), "start")
    check_staff_there([leader], start, "leader")
    if sort not in dict(SORTS):
        raise Refused("Choose individual or family.", "sort")
    made = Session.objects.create(
        sort=sort,
        session_kind=session_kind or sort,
        client=client,
        site=held_at,
        room=room,
        leader=leader,
        start=start,
        end=start + timedelta(minutes=minutes),
        title=dict(SORTS)[sort],
        modality=Modality.ON_SITE if room else Modality.TELEHEALTH,
    )
    book(act, made, {**named(room, leader), ledger.key(client): client.called}, "appointment")
    with everything("care team"):
        known = leader.pk in {m.user_id for m in team(client)}
    if not known:
        keeps = day_of(made) + timedelta(days=rule("cover")["keeps_days"])
        put_on_team(act, client, leader, "cover", min(day_of(made), timezone.localdate(act.now)), keeps)
    tell_new(act, [client], [leader.pk], start)
    act.says(f"Scheduled an appointment with {leader.name} on {when(start)}")
    return made
