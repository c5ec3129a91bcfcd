"""One day at one site, room by room: what is held where, what stays free, who is away, what a repair said is closed.

Counts, no names of clients. Five statements, however many rooms, sessions and repairs.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, JSONField, OuterRef, Q, Subquery, When
from django.utils import timezone

from middleground.clinic import queries as clinic
from middleground.clinic.hours import of_day, opening
from middleground.clinic.models import Room, Site, StaffAbsence
from middleground.engines.timetabling.times import CELL, DAY, Span
from middleground.kernel import clock
from middleground.kernel.models import Cell
from middleground.program import queries as program
from middleground.program.models import Group, Session
from middleground.program.sheets import rosters

from . import words
from .proposed import MOVE, Proposal
from .spans import joined, outside
from .standing import monday_of

FOUND = ("answers", "standing")
SAID = ("staff", "room")  # what a repair says of the day: somebody is away, a room is closed


@dataclass(frozen=True)
class Said:
    """What a repair was asked for. `sure`: it was applied; else somebody is still choosing."""

    sort: str
    who: int
    span: Span
    sure: bool

    @property
    def when(self) -> str:
        return all_day_or(self.span)


@dataclass
class Held:
    """A session in its place, or what `other` thing the ledger holds the room for. `was`: how it stands in the weekly plan. `away`:
    somebody who leads it is not there."""

    span: Span
    session: Session | None = None
    expected: int = 0
    seats: int | None = None
    was: list[str] = field(default_factory=list)
    away: bool = False
    shut: bool = False
    now: bool = False
    other: str = ""

    @property
    def when(self) -> str:
        return words.span(*self.span)

    @property
    def off(self) -> bool:
        return self.session is not None and self.session.status == Session.Status.NOT_HELD

    @property
    def over_full(self) -> bool:
        return self.seats is not None and self.expected > self.seats


@dataclass
class Place:
    """A room, or a lane of what is held by video (no `room`)."""

    room: Room | None
    held: list[Held]
    free: list[Span] = field(default_factory=list)
    shut: list[Said] = field(default_factory=list)

    @property
    def free_words(self) -> str:
        return ", ".join(map(all_day_or, self.free))


@dataclass
class Leader:
    """Somebody who leads today, or was said to be away."""

    pk: int
    name: str
    sessions: int = 0
    away: str = ""
    sure: bool = True


@dataclass
class RoomDay:
    """`closed`: why the site is. `said`: what the repairs of the week say of the day."""

    places: list[Place]
    said: list[Said]
    closed: str
    open_words: str

    @property
    def held(self) -> list[Held]:
        return [each for place in self.places for each in place.held if each.session]


def room_day(site: Site, on: date, proposals: Iterable[Proposal]) -> RoomDay:
    """The day, with what the `proposals` (of `proposals_of`) say of it."""
    sessions = list(
        program.sessions(on, site=site)
        .select_related("group__room", "group__leader")
        .annotate(leader_gone=gone(on, "leader"), co_leader_gone=gone(on, "co_leader"))
    )
    repairs, later = [each for each in proposals if each.question == "repair"], moved_later(on, proposals)
    said, expected = list(said_of(on, repairs)), rosters(sessions)
    blocks = [held(s, on, len(expected[s.pk]), said, later) for s in sessions]
    rooms = list(clinic.rooms(site).annotate(closed=Subquery(clinic.closures(on, on, site).values("why")[:1])))
    closed = next((room.closed for room in rooms if room.closed), "")
    hours = of_day(opening(site), on.weekday())
    stretches = [] if closed else hours or ([] if opening(site) else [(0, DAY)])
    places = [*in_rooms(rooms, on, blocks, said, stretches), Place(None, [b for b in blocks if by_video(b)])]
    return RoomDay(places, said, closed, " and ".join(words.span(*each) for each in hours))


def gone(on: date, who: str) -> Exists:
    """Whether who leads a session is away that day."""
    return Exists(StaffAbsence.objects.filter(user=OuterRef(who), first__lte=on, last__gte=on))


def by_video(each: Held) -> bool:
    return each.session is not None and each.session.room_id is None


def span_on(on: date, start: datetime, end: datetime) -> Span:
    """In minutes since the day's midnight by the clinic's clock, cut at its ends."""
    return minute_on(on, start), minute_on(on, end)


def minute_on(on: date, moment: datetime) -> int:
    local = timezone.localtime(moment)
    if local.date() != on:
        return 0 if local.date() < on else DAY
    return local.hour * 60 + local.minute


def all_day_or(span: Span) -> str:
    return "all day" if span == (0, DAY) else words.span(*span)


def meets(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


# ---- who is away, what is closed, what moved -----------------------------------------------------------------------


def said_of(on: date, repairs: Iterable[Proposal]) -> Iterable[Said]:
    """Each thing once; what was applied goes before what is still open."""
    seen = set()
    for each in sorted(repairs, key=lambda each: each.is_open):
        asked = each.asked
        start, end = (datetime.fromisoformat(asked[key]) for key in ("start", "end"))
        span, key = span_on(on, start, end), (asked["sort"], asked["who"], asked["start"], asked["end"])
        if asked["sort"] in SAID and span[0] < span[1] and key not in seen:
            seen.add(key)
            yield Said(asked["sort"], asked["who"], span, not each.is_open)


def moved_later(on: date, proposals: Iterable[Proposal]) -> set[int] | None:
    """Groups whose weekly place is another one from a later week on; None: any may be, by a whole plan."""
    found = [each for each in proposals if each.monday > on]
    return None if any(each.question == "plan" for each in found) else {each.asked["group"] for each in found}


def held(session: Any, on: date, expected: int, said: Sequence[Said], later: set[int] | None) -> Held:
    span, group = span_on(on, session.start, session.end), session.group
    settled = on < clock.today() or later is None or session.group_id in later
    told = {s.who for s in said if s.sort == "staff" and meets(s.span, span)}
    return Held(
        span,
        session,
        expected,
        session.seats if group else None,
        was=[] if settled or group is None else was_words(session, group),
        away=session.leader_gone or session.co_leader_gone or bool({session.leader_id, session.co_leader_id} & told),
        shut=any(s.sort == "room" and s.who == session.room_id and meets(s.span, span) for s in said),
        now=session.start <= clock.now() < session.end,
    )


def was_words(session: Session, group: Group) -> list[str]:
    """What is another way this week than in every other one."""
    local, found = timezone.localtime(session.start), []
    if (local.weekday(), local.time()) != (group.weekday, group.start_time):
        day = "" if local.weekday() == group.weekday else f"{words.DAYS[group.weekday]} "
        found.append(f"at {day}{words.clock(group.start_time.hour * 60 + group.start_time.minute)}")
    if session.room_id != group.room_id:
        found.append(f"in {group.room.name}" if group.room else "by video")
    if session.leader_id != group.leader_id:
        found.append(f"led by {group.leader.name}")
    return found


# ---- rooms ---------------------------------------------------------------------------------------------------------


def in_rooms(
    rooms: Iterable[Room], on: date, blocks: Sequence[Held], said: Sequence[Said], stretches: Sequence[Span]
) -> list[Place]:
    other = other_bookings(on)
    found = []
    for room in rooms:
        inside = [b for b in blocks if b.session and b.session.room_id == room.pk]
        inside += other[room.pk]
        shut = [s for s in said if s.sort == "room" and s.who == room.pk]
        taken = [each.span for each in inside if not each.off] + [each.span for each in shut]
        free = [part for each in stretches for part in outside(each, whole_quarters(taken))]
        inside.sort(key=lambda each: each.span)
        found.append(Place(room, inside, still_to_come(on, free), shut))
    return found


def whole_quarters(spans: Iterable[Span]) -> list[Span]:
    """As the ledger counts them."""
    return [(a // CELL * CELL, -(-z // CELL) * CELL) for a, z in spans]


def still_to_come(on: date, spans: Iterable[Span]) -> list[Span]:
    """Today only what is left of it."""
    if on != clock.today():
        return list(spans)
    now = timezone.localtime(clock.now())
    from_now = -(-(now.hour * 60 + now.minute) // CELL) * CELL
    return [(max(a, from_now), z) for a, z in spans if z > from_now]


def other_bookings(on: date) -> dict[int, list[Held]]:
    """Room id -> what the ledger holds it for beside sessions."""
    begin, end = program.bounds(on)
    cells = Cell.objects.filter(resource__startswith="room:", at__gte=begin, at__lt=end)
    cells = cells.exclude(booking__subject__startswith="session:")
    spans = defaultdict(list)
    for resource, subject, at in cells.values_list("resource", "booking__subject", "at"):
        spans[int(resource.partition(":")[2]), subject].append(span_on(on, at, at + timedelta(minutes=CELL)))
    found = defaultdict(list)
    for (room, subject), parts in spans.items():
        what = "Assessment" if subject.startswith("inquiry:") else "Booked"
        found[room] += [Held(span, other=what) for span in joined(parts)]
    return found


def leaders(day: RoomDay, names: Mapping[int, str]) -> list[Leader]:
    """By name; those said to be away are among them also when they lead nothing any more. `names`: theirs."""
    leads: dict[int, Leader] = {}
    for each in day.held:
        session: Any = each.session
        for person, away in ((session.leader, session.leader_gone), (session.co_leader, session.co_leader_gone)):
            if person and not each.off:
                leader = leads.setdefault(person.pk, Leader(person.pk, person.name, away="all day" if away else ""))
                leader.sessions += 1
    for said in day.said:
        if said.sort == "staff":
            leader = leads.setdefault(said.who, Leader(said.who, names.get(said.who, "Somebody")))
            if not leader.away:
                leader.away, leader.sure = said.when, said.sure
    return sorted(leads.values(), key=lambda each: each.name)


# ---- repairs -------------------------------------------------------------------------------------------------------


def proposals_of(site: Site, on: date, *, planning: bool) -> list[Proposal]:
    """The repairs of the week that holds a day, and what was applied to later weeks, the newest first; what was found only of
    those still to choose from. Those who don't plan see what is applied, not what somebody is still choosing from."""
    open_ = Proposal.Status.OPEN
    states = [Proposal.Status.APPLIED, *([open_] if planning else [])]
    repairs = Q(question="repair", monday=monday_of(on), status__in=states)
    later = Q(question__in=(MOVE, "plan"), monday__gt=on, status=Proposal.Status.APPLIED)
    parts = {f"open_{name}": Case(When(status=open_, then=F(name)), output_field=JSONField()) for name in FOUND}
    rows = Proposal.objects.filter(repairs | later, site=site).select_related("decided_by", "made_by")
    made = list(rows.defer(*FOUND, "done").annotate(**parts))
    for each in made:
        if each.is_open:
            each.answers, each.standing = (getattr(each, f"open_{name}") for name in FOUND)
    return made
