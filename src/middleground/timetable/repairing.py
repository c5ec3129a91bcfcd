"""Applying a proposed repair: this week's dated sessions change, everything or nothing, and everybody touched hears of it.

The weekly groups, who is in them and every other week stay as they are.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext

from middleground.clinic.models import Room, User
from middleground.engines.timetabling.times import moment
from middleground.kernel import ledger
from middleground.kernel.actions import Act, action
from middleground.kernel.asking import Ask
from middleground.kernel.context import everything
from middleground.kernel.errors import NotBookable, Refused
from middleground.program import scheduling
from middleground.program.asking import Taken
from middleground.program.joining import place
from middleground.program.models import Membership, Modality, Session
from middleground.program.opening import when
from middleground.program.rules import rule
from middleground.program.scheduling import call_off_session, people_expected, rebook, schedule_session
from middleground.program.sheets import day_of
from middleground.program.telling import (
    Words,
    by_video_or_not,
    in_another_room,
    led_by_another,
    new_leader_or_room,
    not_expected,
    other_people,
    tell,
)
from middleground.records.actions import put_on_team
from middleground.records.models import Client, Episode

from .changes import Change, changes, number
from .coming_going import as_before, come_and_go, first_day, joining, leaving, seats_again
from .instance import state_of
from .kept import check_leaders, check_site
from .planning import PLANNERS
from .proposed import Proposal
from .sitting_out import sit_again, sit_out
from .standing import moment_of

Row = dict[str, Any]


class WeekMoved(Refused):
    """Somebody changed a session the proposal is about; the message says what. Work the repair out again."""


@action("Apply a repair of the week", by=PLANNERS, purpose="operations")
def apply_repair(act: Act, proposal: Proposal, end: Annotated[str, Ask(hidden=True)]) -> Proposal:
    """Change the week's sessions as one end of the proposal says ("hours" or "changes").

    Raises `WeekMoved` when one of them was changed since or has begun, `Taken` when a room or a person was booked meanwhile,
    `SiteClosed` or `StaffAway` when a session would come to stand where the site is not open or be led by somebody away.
    """
    _still_open(proposal)
    if proposal.question != "repair" or end not in proposal.answers:
        raise Refused("Choose one of the two ways.", "end")
    wanted = changes(proposal.standing, proposal.answers[end])
    sessions = locked(each.session for each in wanted if each.session)
    unchanged(sessions, proposal.standing["seen"], act.now)
    proposal.done = Applying(act, proposal, sessions).all(wanted)
    proposal.done |= come_and_go(act, proposal.asked, wanted)
    proposal.asked |= {"chosen": end}
    decide(act, proposal, Proposal.Status.APPLIED)
    act.says(f"Applied a repair of the week of {proposal.monday}: {len(wanted)} sessions changed")
    return proposal


def _still_open(proposal: Proposal) -> None:
    if not proposal.is_open:
        raise Refused(f"This proposal is closed already: {proposal.get_status_display().lower()}. Work out a new one.")


def decide(act: Act, proposal: Proposal, status: Proposal.Status) -> None:
    proposal.status, proposal.decided_at, proposal.decided_by_id = status, act.now, act.user_id
    proposal.save()


def locked(ids: Iterable[int]) -> dict[int, Session]:
    """The sessions, locked in one order. Whole: the planner may change those they may plan, and their site was checked."""
    with everything("the sessions of a proposal"):
        rows = Session.objects.select_for_update(of=("self",)).filter(pk__in=sorted(set(ids))).order_by("pk")
        return {s.pk: s for s in rows.select_related("site", "group__room", "room", "leader", "co_leader")}


def unchanged(sessions: dict[int, Session], seen: Row, now: datetime, then: str = "Work it out again.") -> None:
    moved = [words_of(s) for s in sessions.values() if seen.get(str(s.pk)) != state_of(s)]
    if moved:
        raise WeekMoved(f"Somebody changed this week since it was worked out: {' '.join(moved)} {then}")
    begun = [s.title for s in sessions.values() if s.start <= now]
    if begun:
        raise WeekMoved(f"{begun[0]} has begun meanwhile. {then}")


def words_of(session: Session) -> str:
    """How a session stands now."""
    if session.status == Session.Status.NOT_HELD:
        return f"{session.title} on {when(session.start)} was called off."
    where = f" in {session.room.name}" if session.room else ""
    return f"{session.title} is now on {when(session.start)}{where} with {session.leader.name}."


def start_of(monday: date, text: str) -> datetime:
    return moment_of(monday, moment(text))


def reason_of(proposal: Proposal) -> str:
    """The program's reason for calling off, by what happened."""
    if proposal.question == "plan":
        return "other"
    return {"room": "building", "client": "other", "leaves": "other", "joins": "other"}.get(
        proposal.asked.get("sort", ""), "staff-ill"
    )


class Applying:
    """One repair being carried out inside its action. What was before is kept, so that it can be taken back."""

    def __init__(self, act: Act, proposal: Proposal, sessions: dict[int, Session]) -> None:
        self.act, self.proposal, self.sessions = act, proposal, sessions
        self.done: Row = {"before": {}, "off": [], "walk_ins": [], "out": [], "talks": [], "made": {}, "after": {}}
        self.news: list[tuple[list[Client], list[int | None], Words]] = []

    def all(self, wanted: Sequence[Change]) -> Row:
        self.lift(wanted)
        self.book()
        self.settle()
        return self.done

    def lift(self, wanted: Sequence[Change]) -> None:
        """What is called off, and all that what changes holds, is given back before any is booked anew, so that two may change
        places."""
        self.wanted, self.changed = wanted, [each for each in wanted if each.was and each.now]
        self.expected = people_expected([self.sessions[each.session] for each in self.changed if each.session])
        for each in wanted:
            if each.off:
                self.call_off(each)
        with everything("people of the repair"):
            self.staff = User.objects.in_bulk({number(n) for each in wanted for n in each.staff})
            self.rooms = Room.objects.in_bulk({number(e.now["room"]) for e in wanted if e.now and e.now["room"]})
            self.clients = Client.objects.in_bulk({number(n) for each in wanted for n in each.people})
        for each in self.changed:
            self.give_back(each)

    def settle(self) -> None:
        """Seats and what is new, and everybody hears of it."""
        for each in self.changed:
            self.seat(each, self.expected)
        for each in self.wanted:
            if each.was is None:
                self.talk(each)
        self.done["after"] = {str(pk): state_of(s) for pk, s in self.sessions.items()}
        self.tell_all()

    def call_off(self, each: Change) -> None:
        session = self.sessions[each.session]  # type: ignore[index]
        done = call_off_session.within(self.act, session=session, reason=reason_of(self.proposal))
        self.sessions[session.pk] = done
        self.done["off"].append(session.pk)

    def give_back(self, each: Change) -> None:
        session = self.sessions[each.session]  # type: ignore[index]
        scheduling.check_open(session)
        self.done["before"][str(session.pk)] = state_of(session)
        give_back(self.act, session, self.expected[session.pk] if session.group_id and each.moved else ())
        for name in each.lost:
            ledger.release(self.act, f"{session.subject}|client:{number(name)}", "another week")
        self.change(session, each)

    def book(self) -> None:
        sessions = [self.sessions[each.session] for each in self.changed]  # type: ignore[index]
        self.keep_to(sessions)
        for session in sessions:
            rebook(self.act, session)

    def keep_to(self, sessions: Sequence[Session]) -> None:
        """When the site is open and who is away may have changed since the week was worked out."""
        before = {session.pk: self.done["before"][str(session.pk)] for session in sessions}
        for session in sessions:
            check_site(session, before[session.pk])
        check_leaders(sessions, before)

    def change(self, session: Session, each: Change) -> None:
        now: Row = each.now  # type: ignore[assignment]
        if each.moved:
            length = session.end - session.start
            session.start = start_of(self.proposal.monday, now["start"])
            session.end = session.start + length
        room = self.rooms.get(number(now["room"]) or 0)
        meets(session, on_site=room is not None)
        session.room = room
        session.leader = self.staff[number(now["lead"]) or 0]
        session.co_leader = self.staff.get(number(now["co"]) or 0)
        keep_session(self.act, session)

    def seat(self, each: Change, people: dict[int, list[Client]]) -> None:
        session = self.sessions[each.session]  # type: ignore[index]
        lost = {number(name) for name in each.lost}
        staying = [client for client in people[session.pk] if client.pk not in lost]
        if session.group_id and each.moved:
            seats(self.act, session, staying)
        self.done["out"] += sit_out(self.act, session, lost - {leaving(self.proposal.asked)})
        for name in each.gained:
            if name == joining(self.proposal.asked):
                continue  # who joins the groups themselves gets their seats there
            self.walk_in(session, self.clients[number(name) or 0])
        if each.differs("lead"):
            relate(self.act, session, staying)
        self.say(each, session, staying)

    def walk_in(self, session: Session, client: Client) -> None:
        """A seat in this one session, for somebody who is in none of its weeks."""
        on = day_of(session)
        with everything("the episode of somebody who sits in"):
            episode = Episode.objects.filter(client=client, ended_on=None, admitted_on__lte=on).first()
        if episode is None:
            raise WeekMoved("Somebody of this proposal is no longer in care. Work it out again.")
        seats(self.act, session, [client])
        relate(self.act, session, [client])
        made = guest_of(self.act, session, episode, on)
        self.done["walk_ins"].append(made.pk)

    def talk(self, each: Change) -> None:
        now: Row = each.now  # type: ignore[assignment]
        client = self.clients[number(each.client) or 0]
        length = self.proposal.standing.get("talks", {}).get(f"{each.client} {each.about}")
        made = schedule_session.within(
            self.act,
            client=client,
            sort="family" if each.about == "family" else "individual",
            leader=self.staff[number(now["lead"]) or 0],
            start=start_of(self.proposal.monday, now["start"]),
            room=self.rooms.get(number(now["room"]) or 0),
            session_kind=each.about,
            site=self.proposal.site,
            **({"minutes": length} if length else {}),
        )
        self.done["talks"].append(made.pk)
        self.done["made"][str(made.pk)] = state_of(made)

    # ---- who hears what --------------------------------------------------------------------------------------------

    def say(self, each: Change, session: Session, staying: Sequence[Client]) -> None:
        """Words fit for a lock screen: a time, a room; no names of clients, no title."""
        start = session.start
        gained, lost = ([self.clients[number(n) or 0] for n in names] for names in (each.gained, each.lost))
        if each.moved:
            self.note(staying, each.staff, lambda: gettext("A session moved to %(when)s.") % {"when": when(start)})
        elif each.differs("lead"):
            self.note(staying, (), led_by_another(start))
        elif each.differs("room") and not each.by_video_or_back:
            self.note(staying, (), in_another_room(start))
        if each.by_video_or_back:
            self.note(staying, (), by_video_or_not(start, bool(session.room_id)))
        if not each.moved and any(map(each.differs, ("lead", "co", "room"))):
            self.note((), each.staff, new_leader_or_room)
        elif not each.moved and (gained or lost):
            self.note((), each.staff, other_people(start))
        self.note(gained, (), lambda: gettext("You have a seat in a session on %(when)s.") % {"when": when(start)})
        self.note(lost, (), not_expected(start))

    def note(self, clients: Iterable[Client], staff: Iterable[str], words: Words) -> None:
        people = list(clients)
        self.act.about(*people)
        self.news.append((people, [number(name) for name in staff], words))

    def tell_all(self) -> None:
        for people, staff, words in self.news:
            if people or staff:
                tell(self.act, people, staff, words)


def give_back(act: Act, session: Session, clients: Iterable[Client]) -> None:
    ledger.release(act, session.subject, "changed")
    for client in clients:
        ledger.release(act, f"{session.subject}|{ledger.key(client)}", "changed")


def seats(act: Act, session: Session, clients: Iterable[Client]) -> None:
    for client in clients:
        try:
            ledger.take_seats(act, ledger.key(client), [place(session)])
        except NotBookable:
            raise Taken(f"{client.short} has something else on {when(session.start)}, or there is no seat.") from None


def relate(act: Act, session: Session, clients: Iterable[Client]) -> None:
    """Who leads instead may see the people of this session for as long as its note needs."""
    on = day_of(session)
    keeps = on + timedelta(days=rule("cover")["keeps_days"])
    for client in clients:
        put_on_team(act, client, session.leader_id, "cover", min(on, timezone.localdate(act.now)), keeps)


@action("Take back a repair of the week", by=PLANNERS, purpose="operations")
def undo_repair(act: Act, proposal: Proposal) -> Proposal:
    """Put the week's sessions back as they were, while none of them has begun or was changed again, nor a talk that the repair
    made. One of these that somebody called off is no obstacle.

    Raises `WeekMoved`, `Taken`, `SiteClosed` when the site is not open any more where one stood, or `Refused` for a proposal
    that is not applied. Who led before leads again, also who is away: that is what the repair was for.
    """
    if proposal.status != Proposal.Status.APPLIED:
        raise Refused("Only an applied repair can be taken back.")
    done: Row = proposal.done
    sessions = locked([*map(int, done["after"]), *done["talks"]])
    talks = {pk: sessions[pk] for pk in done["talks"] if sessions[pk].status != Session.Status.NOT_HELD}
    touched = {int(pk): sessions[int(pk)] for pk in done["after"]} | talks
    by_then = {str(pk): state_of(talk) for pk, talk in talks.items()}  # for talks made before it was kept how they were
    unchanged(touched, by_then | done.get("made", {}) | done["after"], act.now, "Change it by hand.")
    with everything("people who sat in"):
        guests = list(Membership.objects.filter(pk__in=done["walk_ins"]).select_related("session", "client"))
    for guest in guests:
        guest.until = guest.since - timedelta(days=1)
        guest.save(update_fields=["until"])
        ledger.release(act, f"session:{guest.session_id}|client:{guest.client_id}", "taken back")
        tell(act, [guest.client], [], not_expected(guest.session.start))
    for session in talks.values():
        call_off_session.within(act, session=session, reason="other")
    if changed := sit_again(act, done.get("out", ())):
        raise WeekMoved(f"The groups of {changed[0]} were changed meanwhile. Look at their week.")
    back = as_before(act, done)
    put_back(act, [sessions[int(pk)] for pk in done["after"]], done)
    if back:
        seats_again(act, back, done, first_day(proposal.asked))
    decide(act, proposal, Proposal.Status.UNDONE)
    act.says(f"Took back a repair of the week of {proposal.monday}")
    return proposal


def put_back(act: Act, sessions: Sequence[Session], done: Row) -> None:
    people = people_expected(sessions)
    for session in sessions:
        give_back(act, session, people[session.pk] if session.group_id else ())
    for session in sessions:
        mended = state_of(session)
        if before := done["before"].get(str(session.pk)):
            restore(session, before)
        check_site(session, mended)
        session.status, session.status_reason = Session.Status.SCHEDULED, ""
        session.save()
    for session in sessions:
        rebook(act, session)
        if session.group_id:
            seats(act, session, people[session.pk])
        tell_back(act, session, people[session.pk])
        act.about(*people[session.pk])


def tell_back(act: Act, session: Session, people: Sequence[Client]) -> None:
    start = session.start
    words: Words = lambda: gettext("Your session on %(when)s is as it was before.") % {"when": when(start)}  # noqa: E731
    tell(act, people, [session.leader_id, session.co_leader_id], words)


def restore(session: Session, before: Sequence[Any]) -> None:
    start, room, leader, co, _ = before
    length = session.end - session.start
    session.start = datetime.fromisoformat(start)
    session.end = session.start + length
    meets(session, on_site=room is not None)
    session.room_id, session.leader_id, session.co_leader_id = room, leader, co


def meets(session: Session, on_site: bool) -> None:
    """By video once it has no room any more; on site again once it has one."""
    if bool(session.room_id) != on_site:
        session.modality = Modality.ON_SITE if on_site else Modality.TELEHEALTH


def keep_session(act: Act, session: Session) -> None:
    session.save(update_fields=["start", "end", "room", "modality", "leader", "co_leader"])


def guest_of(act: Act, session: Session, episode: Episode, on: date) -> Membership:
    """A seat for this one session."""
    return Membership.objects.create(
        client_id=episode.client_id, episode=episode, group_id=session.group_id, session=session, since=on, until=on
    )
