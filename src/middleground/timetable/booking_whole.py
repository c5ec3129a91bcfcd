"""Booking a planned week as a whole: groups go where the plan has them, people join and leave, appointments are made; from its
Monday on, everything or nothing, through the same doors as by hand.

What was done is kept, so that all of it can be taken back until the Monday (`taking_back`). A moved group is kept as a move
besides: the week board takes it back, one by one.
"""

from collections.abc import Iterable
from datetime import date, time, timedelta

from django.db import transaction
from django.utils import timezone

from middleground.clinic.models import Room, User
from middleground.kernel.act import look_again
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import NotAllowed, NotBookable, Refused
from middleground.program.joining import coming, depart, enroll
from middleground.program.models import Group, Membership, Session
from middleground.program.opening import check_leader
from middleground.program.scheduling import people_expected
from middleground.program.telling import tell_week
from middleground.records.models import Client, Episode

from . import counselors, queries
from .booking import keep_week, plan_in_force
from .booking_plans import booked
from .instance import state_of
from .moving import Moving, check_move
from .plan_facts import PlanFacts
from .planning import PLANNERS, reach
from .proposed import Proposal
from .repairing import Applying, decide, give_back, locked, unchanged
from .since_then import since_then
from .whole_plan import Row, Whole, whole

WHY = "A planned week"


class PlanOutdated(Refused):
    """The plan no longer fits; `lines` say what is otherwise since it was made. Nothing was booked."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = list(dict.fromkeys(lines))
        super().__init__(f"This plan no longer fits, nothing was booked. {' '.join(self.lines)} Plan the week again.")


@action("Book a planned week as a whole", by=PLANNERS, purpose="operations", fresh="proposal")
def book_whole_plan(act: Act, proposal: Proposal) -> Proposal:
    """Everything the plan changes, from its Monday on: groups with another time, room or leader move for good and those it stops
    are held no more; clients join and leave; appointments of the week are made. Everybody touched is told.

    Raises `PlanOutdated` with what changed since the plan was made when anything of it doesn't fit any more, `Refused` for a plan
    that is closed, of a week that has begun, or that holds what can't be booked (`whole_plan.whole`); then nothing has changed.
    """
    facts = PlanFacts(proposal)
    wanted = check(act, facts)
    if lines := since_then(proposal, wanted):
        raise PlanOutdated(lines)
    try:
        with transaction.atomic():
            done = Booking(act, facts, wanted).all()
            look_again(act)
    except NotAllowed:
        raise
    except (Refused, NotBookable) as no:
        raise PlanOutdated([no.message, *since_then(proposal, wanted, all_of_it=True)]) from None
    proposal.done = done
    decide(act, proposal, Proposal.Status.APPLIED)
    act.says(
        f"Booked the planned week from {proposal.monday} as a whole: {len(wanted.moves)} groups moved, "
        f"{len(wanted.stops)} stopped, {len(wanted.people)} people's weeks changed"
    )
    return proposal


def check(act: Act, facts: PlanFacts) -> Whole:
    sites, proposal = reach(act.actor), facts.proposal
    if sites is not None and proposal.site_id not in sites:
        raise Refused("You don't plan the week of this site.")
    if proposal.question != "plan":
        raise Refused("Only a planned week can be booked.")
    if not proposal.is_open:
        raise Refused("This plan is closed already. Plan the week again.")
    if proposal.monday <= timezone.localdate(act.now):
        raise Refused("This week has begun. Plan a week to come.")
    wanted = whole(proposal, facts)
    if wanted.blocked:
        raise Refused(" ".join(wanted.blocked))
    if not wanted.anything:
        raise Refused("Nothing changes: there is nothing to book.")
    return wanted


class Booking:
    """One plan being booked inside its action: first everything is given back, then all is booked anew."""

    def __init__(self, act: Act, facts: PlanFacts, wanted: Whole) -> None:
        self.act, self.facts, self.wanted = act, facts, wanted
        self.proposal, self.since = facts.proposal, facts.proposal.monday
        with everything("people of the plan"):
            people = {*wanted.people, *wanted.counselors}
            self.clients = Client.objects.in_bulk(sorted(people))
            open_ones = Episode.objects.filter(client_id__in=people, ended_on=None)
            self.episodes = {each.client_id: each for each in open_ones}
            held = Membership.objects.filter(client_id__in=wanted.leaves, session=None)
            self.held = [m for m in held.select_related("group", "client") if m.until is None or m.until >= self.since]
        self.stopped: list[Row] = []
        self.joined: list[int] = []
        self.left: list[Row] = []
        self.weeks: list[Row] = []
        self.counselors: list[Row] = []

    def all(self) -> Row:
        """What was done, as the proposal keeps it."""
        sessions = locked(each.session for each in self.wanted.talks if each.session)
        unchanged(sessions, self.proposal.standing["seen"], self.act.now)
        talks = Applying(self.act, self.proposal, sessions)
        talks.lift(self.wanted.talks)
        self.leave()
        self.stop()
        moves = self.move()
        self.join()
        self.give_counselors()
        talks.book()
        talks.settle()
        self.keep_weeks()
        self.act.about(*self.clients.values())
        return {
            "booked": sorted({*booked(self.proposal), *self.clients}),
            "moves": [move.pk for move in moves],
            "stopped": self.stopped,
            "joined": self.joined,
            "left": self.left,
            "weeks": self.weeks,
            "counselors": self.counselors,
            "talks": talks.done,
        }

    def leave(self) -> None:
        """Memberships end with the Sunday before."""
        wanted = {(client, group) for client, groups in self.wanted.leaves.items() for group in groups}
        going = [m for m in self.held if (m.client_id, m.group_id) in wanted]
        self.left = [{"membership": m.pk, "until": iso(m.until)} for m in going]
        depart(self.act, going, self.last_day, WHY)
        for row, membership in zip(self.left, going, strict=True):
            row["ends"] = iso(membership.until)

    @property
    def last_day(self) -> date:
        return self.since - timedelta(days=1)

    def stop(self) -> None:
        """A group held no more: it ends with the Sunday before, and its sessions after that are called off."""
        for pk in self.wanted.stops:
            group = self.wanted.groups[pk]
            before = iso(group.ends_on)
            end(self.act, group, self.last_day)
            sessions = coming(self.act, [group], self.since)
            guests = people_expected(sessions)
            for session in sessions:
                give_back(self.act, session, guests[session.pk])
                call_off(self.act, session)
            called_off = {str(s.pk): state_of(s) for s in sessions}
            self.stopped.append({"group": pk, "until": before, "ends": iso(self.last_day), "sessions": called_off})
            tell_week(self.act, {c for each in guests.values() for c in each}, [group.leader_id, group.co_leader_id])

    def move(self) -> list[Proposal]:
        """All groups are lifted and put before one is booked, so that two may change places."""
        moving = [self.moving(pk, wanted) for pk, wanted in sorted(self.wanted.moves.items())]
        for each in moving:
            each.put()
        for each in moving:
            each.book()
        return [each.settle() for each in moving]

    def moving(self, pk: int, wanted: Row) -> Moving:
        group = Group.objects.select_related("room", "leader", "co_leader", "site").get(pk=pk)
        leader = User.objects.get(pk=wanted["leader"])
        room = Room.objects.get(pk=wanted["room"]) if wanted["room"] else None
        co_leader = User.objects.filter(pk=wanted["co_leader"]).first()
        stays = (group.weekday, f"{group.start_time:%H:%M}") == (wanted["weekday"], wanted["start"])
        start = group.start_time if stays else time.fromisoformat(wanted["start"])
        group.co_leader = co_leader if co_leader == leader else group.co_leader
        check_move(self.act, group, wanted["weekday"], start, room, leader, self.since)
        check_leader(co_leader, "co_leader")
        made = Moving(self.act, group, self.since)
        made.lift(wanted)
        return made

    def join(self) -> None:
        """Seats from the Monday on, or from admission when that is later."""
        groups = Group.objects.select_related("room").in_bulk(
            {pk for held in self.wanted.joins.values() for pk in held}
        )
        for client, wanted in sorted(self.wanted.joins.items()):
            episode = self.episodes[client]
            since = max(self.since, episode.admitted_on)
            made = enroll(self.act, self.clients[client], episode, [groups[pk] for pk in sorted(wanted)], since)
            self.joined.extend(m.pk for m in made)

    def give_counselors(self) -> None:
        """To those who are in care still."""
        for client in self.wanted.counselors:
            if client in self.episodes:
                given = counselors.give(self.act, self.clients[client], self.facts)
                self.counselors.append({"client": client, "user": given})

    def keep_weeks(self) -> None:
        """The week plans of those whose groups are others, also with those they have at another site, and the news to them and to who leads the groups they join or leave."""
        changed = sorted({*self.wanted.joins, *self.wanted.leaves})
        groups = self.groups_of(changed)
        theirs = {pk for held in groups.values() for pk in held}
        running = {each.id: each for each in queries.running(only=theirs) if each.first_from(self.since)}
        for client in changed:
            episode = self.episodes[client]
            chosen = [running[pk] for pk in groups.get(client, ()) if pk in running]
            before = plan_in_force(episode)
            made = keep_week(self.act, self.clients[client], episode, chosen, max(self.since, episode.admitted_on))
            self.weeks.append({"client": client, "before": before and before.pk, "made": made and made.pk})
        touched = {pk for of in (self.wanted.joins, self.wanted.leaves) for held in of.values() for pk in held}
        leaders = Group.objects.filter(pk__in=touched).values_list("leader_id", "co_leader_id")
        tell_week(self.act, [self.clients[pk] for pk in changed], [user for pair in leaders for user in pair])

    def groups_of(self, clients: Iterable[int]) -> dict[int, list[int]]:
        """The groups each is in from the Monday on."""
        with everything("the weeks of the plan"):
            rows = Membership.objects.filter(client_id__in=clients, session=None, until=None).order_by("group")
            found: dict[int, list[int]] = {}
            for client, group in rows.values_list("client_id", "group_id"):
                found.setdefault(client, []).append(group)
        return found


def iso(day: date | None) -> str | None:
    return day and day.isoformat()


def end(act: Act, group: Group, last_day: date) -> None:
    group.ends_on = last_day
    group.save(update_fields=["ends_on"])


def call_off(act: Act, session: Session) -> None:
    """Without a notice for every week: whoever came is told once."""
    session.status, session.status_reason = Session.Status.NOT_HELD, "other"
    session.save(update_fields=["status", "status_reason"])
