"""One day at one site, room by room: what is held where, what stays free, who is away, what a repair said is closed.

Counts, no names of clients. Nine statements, however many rooms, sessions and repairs.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone

from middleground.clinic import queries as clinic
from middleground.clinic.hours import of_day, opening
from middleground.clinic.models import Room, Site, StaffAbsence, User
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
    who of those that lead it is not there."""

    span: Span
    session: Session | None = None
    expected: int = 0
    seats: int | None = None
    was: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)
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

    person: User
    sessions: int
    away: str = ""
    sure: bool = True


@dataclass
class RoomDay:
    places: list[Place]
    leaders: list[Leader]
    closed: str
    open_words: str

    @property
    def held(self) -> list[Held]:
        return [each for place in self.places for each in place.held if each.session]


def room_day(site: Site, on: date, repairs: Iterable[Proposal]) -> RoomDay:
    """The day, with what the `repairs` of its week said of it."""
    found = program.sessions(on, site=site).select_related("group__room", "group__leader")
    sessions = list(found)
    said = list(said_of(on, repairs))
    absent = absent_on(on)
    expected, later = rosters(sessions), moved_later(site, on)
    blocks = [held(s, on, len(expected[s.pk]), said, absent, later) for s in sessions]
    closure = clinic.closures(on, on, site).first()
    hours = of_day(opening(site), on.weekday())
    stretches = [] if closure else hours or ([] if opening(site) else [(0, DAY)])
    places = [*in_rooms(site, on, blocks, said, stretches), Place(None, [b for b in blocks if by_video(b)])]
    told = " and ".join(words.span(*each) for each in hours)
    return RoomDay(places, leaders(sessions, said, absent), closure.why if closure else "", told)


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


def absent_on(on: date) -> dict[int, User]:
    rows = StaffAbsence.objects.filter(first__lte=on, last__gte=on).select_related("user")
    return {row.user_id: row.user for row in rows}


def moved_later(site: Site, on: date) -> set[int] | None:
    """Groups whose weekly place is another one from a later week on; None: any may be, by a whole plan."""
    rows = Proposal.objects.filter(site=site, status=Proposal.Status.APPLIED, monday__gt=on)
    found = list(rows.filter(question__in=(MOVE, "plan")).values_list("question", "asked"))
    return None if any(question == "plan" for question, _ in found) else {asked["group"] for _, asked in found}


def held(
    session: Session, on: date, expected: int, said: Sequence[Said], absent: dict[int, User], later: set[int] | None
) -> Held:
    span = span_on(on, session.start, session.end)
    away, group = [], session.group
    for person in filter(None, (session.leader, session.co_leader)):
        told = any(s.sort == "staff" and s.who == person.pk and meets(s.span, span) for s in said)
        if told or person.pk in absent:
            away.append(person.name)
    seats = min([group.capacity, *([session.room.seats] if session.room else [])]) if group else None
    settled = on < clock.today() or later is None or session.group_id in later
    return Held(
        span,
        session,
        expected,
        seats,
        was=[] if settled or group is None else was_words(session, group),
        away=away,
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
    site: Site, on: date, blocks: Sequence[Held], said: Sequence[Said], stretches: Sequence[Span]
) -> list[Place]:
    other = other_bookings(on)
    found = []
    for room in clinic.rooms(site):
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


def leaders(sessions: Iterable[Session], said: Sequence[Said], absent: dict[int, User]) -> list[Leader]:
    """By name, those who are away among them also when they lead nothing any more."""
    leads: dict[int, Leader] = {}
    for session in sessions:
        if session.status != Session.Status.NOT_HELD:
            for person in filter(None, (session.leader, session.co_leader)):
                leads.setdefault(person.pk, Leader(person, 0)).sessions += 1
    told = {each.who: each for each in said if each.sort == "staff"}
    for person in User.objects.filter(pk__in=told.keys() - leads.keys()):
        leads[person.pk] = Leader(person, 0)
    for pk, leader in leads.items():
        if pk in told:
            leader.away, leader.sure = told[pk].when, told[pk].sure
        if pk in absent:
            leader.away, leader.sure = "all day", True
    return sorted(leads.values(), key=lambda each: each.person.name)


# ---- repairs -------------------------------------------------------------------------------------------------------


def repairs_of(site: Site, on: date, *, planning: bool) -> list[Proposal]:
    """The repairs of the week that holds a day, the newest first, without what they found. Those who don't plan see what is
    applied, not what somebody is still choosing from."""
    states = [Proposal.Status.APPLIED, *([Proposal.Status.OPEN] if planning else [])]
    found = Proposal.objects.filter(site=site, question="repair", monday=monday_of(on), status__in=states)
    return list(found.select_related("decided_by", "made_by").defer("answers", "standing", "done"))


def with_answers(repairs: Iterable[Proposal]) -> list[Proposal]:
    """The same, with what they found: one statement."""
    whole = Proposal.objects.select_related("made_by").in_bulk([each.pk for each in repairs])
    return [whole[each.pk] for each in repairs]
