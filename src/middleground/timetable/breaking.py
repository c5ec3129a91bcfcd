"""What moving a weekly group would break, judged from facts that were read before. Pure: ids in, ids out, no names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from middleground.engines.timetabling.clinic import Spans, covers, touches
from middleground.engines.timetabling.times import DAY, Span, occupied

from .fitting import Payer
from .reach import can_come

ELSEWHERE = 2  # other groups named for somebody who would not be free


@dataclass(frozen=True)
class Meeting:
    """One session of the first week. `group` None: an appointment; `teaches` is its topic, else its kind. Times in minutes
    since Monday."""

    session: int
    group: int | None
    title: str
    start: int
    minutes: int
    site: str
    remote: bool
    language: str
    teaches: str
    seats: int
    members: frozenset[int]

    @property
    def day(self) -> int:
        return self.start // DAY

    @property
    def span(self) -> Span:
        return self.start, self.start + occupied(self.minutes)


@dataclass(frozen=True)
class Member:
    """`free` joined; None when they never said when they can come. `travel` in minutes by site. `payer`: what makes their week
    billable."""

    id: int
    language: str
    free: Spans | None
    travel: Mapping[str, int]
    payer: Payer

    def can_come(self, span: Span, site: str, remote: bool) -> bool:
        """Free then, with the way there and back; whoever said nothing is not held against it."""
        return self.free is None or can_come(self.free, self.travel, span, site, remote)

    def gets_there(self, span: Span, site: str, remote: bool, others: Iterable[Meeting]) -> bool:
        """Whether the way fits between this and what else they have that day: none within a site or from screen to screen,
        else the way to the site; from another site the way to this one."""
        for other in others:
            if other.day != span[0] // DAY or (other.remote == remote and (remote or other.site == site)):
                continue
            way = self.travel.get(other.site if remote else site, 0)
            if span[0] < other.span[1] + way and other.span[0] < span[1] + way:
                return False
        return True


@dataclass(frozen=True)
class Taken:
    """Something the ledger holds at the new time: a key ("room:3"), a day, and what holds it in words for a room or a leader."""

    key: str
    on: date
    by: str


@dataclass(frozen=True)
class Facts:
    """`own`: the moved group's meeting of the first week as it stands (None: it isn't held then). `closed`: the site is not
    open for it. `full`: how many more are expected at one of its sessions than that has seats. `away`, `co_away`: days on which
    the leader or the co-leader is away; `first`: the day on which they must be there, None when nobody is asked anew. `barred`:
    who leads may not, for a credential or somebody they must not meet; `clash`: members who may not be there then, for somebody they must not meet."""

    group: int
    site: str
    remote: bool
    moved: Span
    room: int | None
    leader: int
    co_leader: int | None
    full: int
    members: Mapping[int, Member]
    meetings: Sequence[Meeting]
    taken: Sequence[Taken]
    closed: bool
    works: Spans
    shut: Sequence[date]
    away: Sequence[date]
    co_away: Sequence[date]
    first: date | None
    barred: bool = False
    clash: frozenset[int] = frozenset()

    @property
    def own(self) -> Meeting | None:
        return next((each for each in self.meetings if each.group == self.group), None)


@dataclass(frozen=True)
class Broken:
    """`by_room`, `by_leader`, `busy`, `clash` (members who are not `busy`, counted and never named), `full` and `barred` are what
    the ledger refuses; `closed` and `absent` (a leader is away the first time) are refused too: the move can't be made. The rest
    can be lived with. `away`, `co_away`: each day a leader is away. `elsewhere`: other meetings of the same topic for each who would not be free."""

    by_room: tuple[Taken, ...] = ()
    by_leader: tuple[Taken, ...] = ()
    busy: tuple[int, ...] = ()
    full: int = 0
    not_free: tuple[int, ...] = ()
    unknown: int = 0
    below: tuple[int, ...] = ()
    closed: bool = False
    shut: tuple[date, ...] = ()
    off_duty: bool = False
    away: tuple[date, ...] = ()
    co_away: tuple[date, ...] = ()
    absent: bool = False
    barred: bool = False
    clash: tuple[int, ...] = ()
    elsewhere: Mapping[int, tuple[Meeting, ...]] = field(default_factory=dict)

    @property
    def blocked(self) -> bool:
        taken = self.by_room or self.by_leader or self.busy or self.full or self.barred or self.clash
        return bool(taken or self.closed or self.absent)

    @property
    def fine(self) -> bool:
        soft = self.not_free or self.below or self.shut or self.off_duty or self.away or self.co_away
        return not (self.blocked or soft)


def broken(facts: Facts) -> Broken:
    """Everything the move would break, at once."""
    leaders = {f"staff:{each}" for each in (facts.leader, facts.co_leader) if each}
    busy = sorted({int(each.key.partition(":")[2]) for each in facts.taken if each.key.startswith("client:")})
    away = [m for m in facts.members.values() if not comes(facts, m)]
    not_free = tuple(sorted(m.id for m in away if m.id not in busy))
    return Broken(
        by_room=tuple(each for each in facts.taken if each.key == f"room:{facts.room}"),
        by_leader=tuple(each for each in facts.taken if each.key in leaders),
        busy=tuple(busy),
        full=max(0, facts.full),
        not_free=not_free,
        unknown=sum(m.free is None for m in facts.members.values()),
        below=tuple(below_payer(facts, {*busy, *not_free})),
        closed=facts.closed,
        shut=tuple(facts.shut),
        off_duty=not covers(facts.works, *facts.moved),
        away=tuple(facts.away),
        co_away=tuple(facts.co_away),
        absent=facts.first is not None and facts.first in {*facts.away, *facts.co_away},
        barred=facts.barred,
        clash=tuple(sorted(facts.clash - set(busy))),
        elsewhere={m.id: found for m in away if (found := elsewhere(facts, m))},
    )


def comes(facts: Facts, member: Member) -> bool:
    """Whether they are free for the group at its new time and the way fits between it and the rest of their day."""
    others = [m for m in facts.meetings if member.id in m.members and m is not facts.own]
    place = (facts.moved, facts.site, facts.remote)
    return member.can_come(*place) and member.gets_there(*place, others)


@dataclass(frozen=True)
class Held:
    day: int
    minutes: int


def below_payer(facts: Facts, gone: Iterable[int]) -> list[int]:
    """Who meets their payer's rule today and would not after the move: without the group, or with fewer days."""
    found, missing, own = [], set(gone), facts.own
    if own is None:
        return []
    for pk, member in sorted(facts.members.items()):
        others = [each for each in facts.meetings if pk in each.members and each is not own]
        after = others if pk in missing else [*others, Held(facts.moved[0] // DAY, own.minutes)]
        if _met(member.payer, [*others, own]) and not _met(member.payer, after):
            found.append(pk)
    return found


def _met(payer: Payer, held: Sequence[Meeting | Held]) -> bool:
    """The payer's rule as the planner counts it: minutes a week on so many days."""
    minutes, days = sum(each.minutes for each in held), {each.day for each in held}
    return minutes >= payer.minutes and len(days) >= payer.days


def elsewhere(facts: Facts, member: Member) -> tuple[Meeting, ...]:
    """Other groups of the week that teach the same, where they are free and a seat is."""
    own = facts.own
    if own is None:
        return ()
    others = [each for each in facts.meetings if member.id in each.members and each is not own]
    theirs = [each.span for each in others]
    found = [
        each
        for each in facts.meetings
        if each.group not in (None, facts.group)
        and each.teaches == own.teaches
        and each.language == member.language
        and member.id not in each.members
        and len(each.members) < each.seats
        and member.can_come(each.span, each.site, each.remote)
        and not touches(theirs, *each.span)
        and member.gets_there(each.span, each.site, each.remote, others)
    ]
    return tuple(found[:ELSEWHERE])
