"""Moving a weekly group: another day, time, room or leader from a Monday on (`moving_back`: taking it back).

Sessions already held, and those that somebody changed on their own, stay as they are; weeks in which only its closed day stood in
the way are held as well (`going_along`). Everything is booked anew through the ledger, or nothing changes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext

from middleground.clinic.models import Room, User
from middleground.clinic.queries import closures
from middleground.kernel import clock, ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.program.joining import coming, let_former_leaders_go, seat
from middleground.program.keeping import Away, StaffAway, away_from, away_words, check_hours, days_words
from middleground.program.models import Group, Membership, Session
from middleground.program.opening import WEEKDAYS, begins, check_leader, check_place, laid_out, when
from middleground.program.rules import topics
from middleground.program.scheduling import call_off_session, people_expected, rebook
from middleground.program.sheets import day_of
from middleground.program.telling import tell
from middleground.records.actions import put_on_team
from middleground.records.models import Client

from . import words
from .going_along import HOLIDAY, closed_out, like_every_week, not_held, regular
from .instance import state_of
from .kept import newly_asked, newly_placed
from .planning import PLANNERS, reach
from .proposed import MOVE, Proposal
from .repairing import give_back, locked
from .standing import WEEK, monday_of

Row = dict[str, Any]


class GroupMoved(Refused):
    """Somebody changed the group since the board was opened; the message says how it stands now and who moved it."""


def place_of(group: Group) -> Row:
    """What a move changes of a group."""
    return {
        "weekday": group.weekday,
        "start": f"{group.start_time:%H:%M}",
        "room": group.room_id,
        "leader": group.leader_id,
    }


def seen_of(group: Group) -> str:
    """What the board showed of the group, to see whether it still stands: "0 18:00 3 5"."""
    return " ".join(str(each) for each in place_of(group).values())


def stands(group: Group) -> str:
    """ "Mondays at 6:00 pm in Maple with Cora Lantern"."""
    at = words.clock(group.start_time.hour * 60 + group.start_time.minute)
    where = f"in {group.room.name}" if group.room else "by telehealth"
    return f"{words.DAYS[group.weekday]}s at {at} {where} with {group.leader.name}"


def last_moves() -> Any:
    """Moves that stand, newest first, of the sites one may see."""
    found = Proposal.objects.filter(question=MOVE, status=Proposal.Status.APPLIED)
    return found.select_related("made_by").order_by("-made_at", "-pk")


@action("Move a group", by=PLANNERS, purpose="operations")
def move_group(
    act: Act,
    group: Group,
    weekday: Annotated[int, Ask("Day", choices=WEEKDAYS)],
    start_time: Annotated[time, Ask("Begins at")],
    leader: Annotated[User, Ask("Leader")],
    since: Annotated[date, Ask("From the week of")],
    room: Annotated[Room | None, Ask("Room")] = None,
    seen: Annotated[str, Ask(hidden=True)] = "",
) -> Proposal:
    """The group is held then and there each week, from the week that begins with the Monday `since`. `seen`: the group as the
    page showed it (`seen_of`). Gives back the move, which `undo_move` takes back.

    A closed day gets no session, and a week whose closed day it leaves gets one: both are told in `asked`. Outside the site's
    weekly hours nothing moves (`SiteClosed`). Whoever leads must be there the first time (`StaffAway`); days on which they are
    away later stand in the way of nothing, to be covered one by one, and are told in `asked["away"]` and the audit entry. What
    was already so before the move is not held against it.
    Raises `GroupMoved` when it was changed meanwhile, `Taken` naming whom or what the ledger has booked already, `Refused`.
    """
    row = whole_group(group)
    sites = reach(act.actor)
    if sites is not None and row.site_id not in sites:
        raise Refused("You don't plan the week of this site.")
    if seen and seen != seen_of(row):
        raise GroupMoved(moved_meanwhile(row))
    check_move(act, row, weekday, start_time, room, leader, since)
    wanted = {"weekday": weekday, "start": f"{start_time:%H:%M}", "room": room and room.pk, "leader": leader.pk}
    if wanted == place_of(row):
        raise Refused("Nothing changes: this is where the group is now.")
    moving = Moving(act, row, since)
    moving.lift(wanted)
    moving.put()
    moving.book()
    move = moving.settle()
    act.says(moving.words)
    return move


def whole_group(group: Group) -> Group:
    return Group.objects.select_related("room", "leader", "co_leader", "site").get(pk=group.pk)


def moved_meanwhile(group: Group) -> str:
    """How it stands now, and who moved it last if that is known."""
    with everything("who moved the group"):
        last = Proposal.objects.filter(question=MOVE, asked__group=group.pk).select_related("made_by", "decided_by")
        move = last.order_by("-made_at", "-pk").first()
    by = (move.decided_by if move.status == Proposal.Status.UNDONE else move.made_by) if move else None
    who = f"{by.name} changed" if by else "Somebody changed"
    return f"{who} {group.title} while you looked: it is now on {stands(group)}. Nothing of yours was booked."


def check_move(act: Act, group: Group, weekday: int, start: time, room: Room | None, leader: User, since: date) -> None:
    """Raises `Refused` for a place no group can go to."""
    if since.weekday() or since <= timezone.localdate(act.now):
        raise Refused("A weekly group moves from a coming Monday on.", "since")
    if start.minute % 15 or start.second:
        raise Refused("Groups begin on a quarter hour.", "start_time")
    if start.hour * 60 + start.minute + group.minutes > words.DAY:
        raise Refused("It would run past midnight.", "start_time")
    if group.modality == "on-site" and room is None:
        raise Refused("Choose a room.", "room")
    if leader.pk == group.co_leader_id:
        raise Refused("This person leads it with somebody already.", "leader")
    check_place(group.site_id, room, "room")
    if leader.pk != group.leader_id:
        check_leader(leader, "leader")


def put_at(act: Act, group: Group, wanted: Row) -> None:
    group.weekday, group.start_time = wanted["weekday"], time.fromisoformat(wanted["start"])
    group.room_id, group.leader_id = wanted["room"], wanted["leader"]
    group.co_leader_id = wanted.get("co_leader", group.co_leader_id)
    group.save(update_fields=["weekday", "start_time", "room", "leader", "co_leader"])


def _record(act: Act, group: Group, since: date) -> Proposal:
    return Proposal.objects.create(
        site_id=group.site_id,
        question=MOVE,
        monday=since,
        asked={"group": group.pk, "title": group.title},
        standing=place_of(group) | {"co_leader": group.co_leader_id},
        status=Proposal.Status.APPLIED,
        made_at=act.now,
        made_by_id=act.user_id,
        decided_at=act.now,
        decided_by_id=act.user_id,
    )


class Moving:
    """The coming sessions of one group on their way to another place in the week, and the record of it that takes it back.

    One step after the other, so that several groups may change places: all of them are lifted and put before any is booked.
    """

    def __init__(self, act: Act, group: Group, since: date) -> None:
        self.act, self.was, self.since = act, place_of(group) | {"co_leader": group.co_leader_id}, since
        self.group, self.stood = group, stands(group)
        self.rows = self._laid_out()
        coming_ones = {s.pk for s in coming(act, [group], since)}
        self.sessions = [s for s in self.rows if s.pk in coming_ones and regular(s, self.was)]
        self.closed = self._closed()
        self.people: set[Client] = set()
        self.held: list[Session] = []
        self.away: list[Away] = []
        self.words = ""

    def _laid_out(self) -> list[Session]:
        """All of its sessions from then on, locked, whatever became of them."""
        with everything("the weeks a group is laid out for"):
            theirs = Session.objects.filter(group=self.group, start__gte=begins(self.since, time()))
            found = locked(theirs.values_list("pk", flat=True)).values()
        for session in found:
            session.group = self.group
        return sorted(found, key=lambda each: each.start)

    def _closed(self) -> set[date]:
        last = max(map(day_of, self.rows), default=self.since) + WEEK
        return {each.on for each in closures(self.since, last) if each.site_id in (None, self.group.site_id)}

    def lift(self, wanted: Row) -> None:
        """Everything it holds is given back. `wanted`: where it goes, as `place_of`; and `co_leader`, if that changes."""
        self.wanted: Row = {"co_leader": self.was["co_leader"]} | wanted
        self.again = self._held_again()
        self.sessions = sorted([*self.sessions, *self.again], key=lambda each: each.start)
        self.before = {str(s.pk): state_of(s) for s in self.sessions}
        for session in self.again:
            like_every_week(session, self.group)
        self.move = _record(self.act, self.group, self.since)
        self.guests = self._give_back()

    def put(self) -> None:
        put_at(self.act, self.group, self.wanted)
        for session in self.sessions:
            self._put(session, self.wanted, self.guests)
        self.held = [s for s in self.sessions if day_of(s) not in self.closed]
        self._keep_to(self.held, self.before)

    def book(self) -> None:
        """Room and leaders; a closed day gets no session."""
        for session in self.sessions:
            rebook(self.act, session)
        for session in (s for s in self.sessions if s not in self.held):
            call_off_session.within(self.act, session=session, reason=HOLIDAY)

    def settle(self) -> Proposal:
        """Seats for everybody, the care relations, the notices. Kept: what stood before, by session, and what stands now;
        "first": the first session at its new place."""
        seat_all(self.act, self.held)
        self.people |= {c for each in people_expected(self.held).values() for c in each}
        self._relate(self.wanted, self.held)
        after = locked([s.pk for s in self.sessions])
        first, gone = min((s.start for s in self.held), default=None), away_words(self.away)
        self.move.done = {
            "before": self.before,
            "sessions": {str(pk): state_of(s) for pk, s in after.items()},
            "first": first and first.isoformat(),
            "after": place_of(self.group),
        }
        again, shut = told_days(self.again), told_days(s for s in self.sessions if s not in self.held)
        self.move.asked |= {"now": stands(whole_group(self.group)), "was": self.stood}
        self.move.asked |= {"away": gone, "again": again, "shut": shut}
        _keep_move(self.act, self.move)
        self.tell_all(self.move.done["first"])
        self.act.about(*self.people)
        also = f"{', also on ' * bool(again)}{again}{', but ' * bool(gone)}{gone}"
        now = f"to {self.move.asked['now']}, from {self.since} on{also}"
        self.words = f"Moved {self.group.title} from {self.stood} {now}"
        return self.move

    def _held_again(self) -> list[Session]:
        """Sessions of weeks in which only the closed day stood in the way: called off, and new where there was none."""
        off, none = not_held(self.group, self.rows, self.since, self.wanted["weekday"], self.closed)
        titles, given = topics(self.group.component), laid_out(self.group)
        new = [closed_out(self.group, day, titles, given + n) for n, day in enumerate(none)]
        for session in new:
            _keep_new(self.act, session)
        return [*off, *new]

    def _give_back(self) -> list[Membership]:
        """All is given back before any is booked anew. The guests of single sessions."""
        expected = people_expected(self.sessions)
        for session in self.sessions:
            people = expected[session.pk]
            give_back(self.act, session, people)
            if session in self.again:
                ledger.stood(self.act, session.subject, who_of(session, people), session.start)
            self.people |= set(people)
        with everything("guests of the sessions"):
            return list(Membership.objects.filter(session__in=self.sessions))

    def _day(self, session: Session, wanted: Row) -> date:
        return monday_of(day_of(session)) + timedelta(days=wanted["weekday"])

    def _put(self, session: Session, wanted: Row, guests: Iterable[Membership]) -> None:
        """Cover and another room for one session stay; what is regular of it follows the group."""
        length = session.end - session.start
        session.start = begins(self._day(session, wanted), time.fromisoformat(wanted["start"]))
        session.end = session.start + length
        if session.room_id == self.was["room"]:
            session.room_id = wanted["room"]
        if session.leader_id == self.was["leader"]:
            session.leader_id = wanted["leader"]
        if session.co_leader_id == self.was["co_leader"]:
            session.co_leader_id = wanted["co_leader"]
        _keep(self.act, session)
        for guest in guests:
            if guest.session_id == session.pk:
                come_along(self.act, guest, day_of(session))

    def _keep_to(self, held: Sequence[Session], before: Row) -> None:
        """The site's weekly hours, and that whoever leads is there the first time. `away`: the later days they are not."""
        for session in held:
            if session.room_id and newly_placed(session, before[str(session.pk)]):
                check_hours(self.group.site, session.start, session.end, "start_time")
        self.away = away_from(held)
        new = [each for each in self.away if each.person.pk in newly_asked(each.session, before[str(each.session.pk)])]
        first = {each.person.pk for each in new if each.session == held[0]}
        if first:
            told = away_words(each for each in new if each.person.pk in first)
            raise StaffAway(f"{told}. Let the move begin later, or let somebody else lead.", "since")

    def _relate(self, wanted: Row, sessions: Sequence[Session]) -> None:
        """Whoever leads it newly gets the care relation that leading needs; that of who leads it no more ends."""
        new = {wanted[each] for each in ("leader", "co_leader")} - {self.was[each] for each in ("leader", "co_leader")}
        people = {c.pk: c for each in people_expected(sessions).values() for c in each} if new else {}
        for user_id in sorted(filter(None, new)):
            for _, client in sorted(people.items()):
                put_on_team(self.act, client, user_id, "group-leader", timezone.localdate(self.act.now))
        let_former_leaders_go(self.act, self.group, [self.was["leader"], self.was["co_leader"]])

    def tell_all(self, first: str | None) -> None:
        leaders = [of[each] for of in (self.was, self.wanted) for each in ("leader", "co_leader")]
        tell_of(self.act, self.people, list(dict.fromkeys(leaders)), first)


def _keep(act: Act, session: Session) -> None:
    session.status, session.status_reason = Session.Status.SCHEDULED, ""
    session.save(update_fields=["start", "end", "room", "leader", "co_leader", "modality", "status", "status_reason"])


def _keep_new(act: Act, session: Session) -> None:
    session.save()


def who_of(session: Session, people: Iterable[Client]) -> list[str]:
    """Everybody at it, as the ledger knows them."""
    leaders = [f"staff:{pk}" for pk in (session.leader_id, session.co_leader_id) if pk]
    return [*map(ledger.key, people), *leaders]


def told_days(sessions: Iterable[Session]) -> str:
    days = [day_of(each) for each in sessions]
    return days_words(days) if days else ""


def _keep_move(act: Act, move: Proposal) -> None:
    move.save(update_fields=["done", "asked"])


def come_along(act: Act, guest: Membership, on: date) -> None:
    """Whoever gave their seat back stays away."""
    if guest.until is not None and guest.until < guest.since:
        return
    guest.since = guest.until = on
    guest.save(update_fields=["since", "until"])


def seat_all(act: Act, sessions: Sequence[Session]) -> None:
    """A seat for everybody expected, in one go for each of them. Raises `Taken` for the first who has something else."""
    expected = people_expected(sessions)
    people = {c.pk: c for each in expected.values() for c in each}
    for pk, client in sorted(people.items()):
        seat(act, client, [s for s in sessions if pk in {c.pk for c in expected[s.pk]}])


def tell_of(act: Act, people: Iterable[Client], staff: Iterable[int | None], first: str | None) -> None:
    """In words fit for a lock screen: a day and a time, no title."""

    def said() -> str:
        if first is None:
            return gettext("Your week changed. Please look at it.")
        at = when(datetime.fromisoformat(first))
        return gettext("A weekly session changed. The next one is on %(when)s.") % {"when": at}

    tell(act, people, staff, said)


def move_of(move_id: int) -> Proposal | None:
    found: Proposal | None = Proposal.objects.filter(pk=move_id, question=MOVE).first()
    return found


def coming_mondays(count: int = 6) -> list[date]:
    """The Mondays a move may begin with."""
    monday = monday_of(clock.today())
    return [monday + timedelta(days=7 * n) for n in range(1, count + 1)]
