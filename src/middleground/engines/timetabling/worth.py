"""What a plan is worth: eight whole numbers, smaller is better, compared from the left (timetabling contract, section 5)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from .bookings import Booking, Bookings, bookings
from .clinic import Client, Clinic, within
from .plan import Plan
from .times import CELL

Vector = tuple[int, int, int, int, int, int, int, int]
SPLIT = 8  # quarter hours of waiting that make a day a split one, and what such a day costs besides


@dataclass(frozen=True, slots=True)
class Part:
    """One client's own part of the levels (1, 2, 3, 5, 6, 7), as an offer shows it."""

    below_payer: int
    short_minutes: int
    missing: int
    continuity: int
    preference: int
    idle: int

    def vector(self) -> tuple[int, int, int, int, int, int]:
        return self.below_payer, self.short_minutes, self.missing, self.continuity, self.preference, self.idle


def vector(clinic: Clinic, plan: Plan) -> Vector:
    """The eight levels of `plan`, in the order of `planning.LEVELS`; a repair's own reading of levels 1 to 3 included."""
    return Worth(clinic).of(bookings(clinic, plan))


@dataclass
class Worth:
    """The same for many plans of one clinic: what stands in the plan in force is counted once."""

    clinic: Clinic

    @cached_property
    def in_force(self) -> Bookings | None:
        current = self.clinic.current
        return bookings(self.clinic, current, in_force=True) if current else None

    def of(self, made: Bookings, part: Callable[[Client, Bookings], Part] | None = None) -> Vector:
        """The vector of a plan; `part` stands in for the method of that name where somebody remembers its answers."""
        look = part or self.part
        parts = [look(client, made) for client in self.clinic.clients.values()]
        below, short, lacking, continuity, preference, idle = (
            sum(column) for column in zip(*(part.vector() for part in parts), strict=True)
        ) if parts else (0,) * 6  # fmt: skip
        continuity += leaders_beyond_the_first(made)
        return below, short, lacking, self.changes(made), continuity, preference, idle, load(self.clinic, made)

    def part(self, client: Client, made: Bookings) -> Part:
        """The client's own part; in a repair, only what the event took away counts (levels 1 to 3)."""
        own = client_part(client, made.of(client.id), made.counselor.get(client.id))
        before = self.in_force
        if not (self.clinic.repairs and before) or client.id in self.clinic.joined:
            return own
        had = before.of(client.id)
        return Part(
            int(own.below_payer and meets_payer(client, had)),
            max(0, min(client.prescribed, minutes_of(had)) - minutes_of(made.of(client.id))),
            max(0, own.missing - missing(client, had)),
            own.continuity,
            own.preference,
            own.idle,
        )

    @cached_property
    def entries_in_force(self) -> dict[tuple[str, str, int], Booking]:
        return entries(self.in_force, self.in_force.of_client) if self.in_force else {}

    def changes(self, made: Bookings) -> int:
        """Level 4: 4 for each calendar entry lost, 1 for each new one, and what changes about those kept."""
        if self.in_force is None:
            return 0
        before, after = self.entries_in_force, entries(made, self.in_force.of_client)
        total = 4 * len(before.keys() - after.keys()) + len(after.keys() - before.keys())
        total += sum(
            2 * (was.staff != after[entry].staff) + (was.room != after[entry].room)
            for entry, was in before.items()
            if entry in after and not after[entry].group
        )
        held = {(each.key, each.start): each for each in self.in_force.every if each.group}
        pairs = ((held.get((each.key, each.start)), each) for each in made.every if each.group)
        return total + sum(group_changes(was, now) for was, now in pairs if was)


def group_changes(was: Booking, now: Booking) -> int:
    """For a group kept at its start: 2 another leader, 1 another co-leader, 1 another room."""
    return 2 * (was.staff[0] != now.staff[0]) + (was.staff[1:] != now.staff[1:]) + (was.room != now.room)


def entries(made: Bookings, people: Iterable[str]) -> dict[tuple[str, str, int], Booking]:
    """Calendar entries (client, group or session kind, start) of those people."""
    return {(name, each.key, each.start): each for name in people for each in made.of(name)}


def client_part(client: Client, own: Sequence[Booking], counselor: str | None) -> Part:
    """One client's part of the levels for their bookings and their counselor (given or chosen), a repair aside."""
    return Part(
        int(not meets_payer(client, own)),
        max(0, client.prescribed - minutes_of(own)),
        missing(client, own),
        faces(own, counselor),
        sum(client.dislikes(each.start, each.end) for each in own),
        idle(own),
    )


def minutes_of(own: Iterable[Booking]) -> int:
    """Minutes that count towards hours."""
    return sum(each.minutes for each in own)


def meets_payer(client: Client, own: Sequence[Booking]) -> bool:
    """Whether the week is billable: the payer's minutes on the payer's days."""
    return minutes_of(own) >= client.payer_minutes and len({each.day for each in own}) >= client.payer_days


def missing(client: Client, own: Sequence[Booking]) -> int:
    """Level 3: groups of the mix and required sessions that the week lacks."""
    kinds = [each.kind for each in own if each.group]
    held = Counter(each.kind for each in own if not each.group)
    lacking = sum(max(0, mix.least - sum(within(kind, mix.kind) for kind in kinds)) for mix in client.mix if mix.least)
    return lacking + sum(max(0, wish.count - held[wish.kind]) for wish in client.sessions if wish.required)


def faces(own: Sequence[Booking], counselor: str | None) -> int:
    """Level 5, the client's part: 3 a session with somebody else, 5 for nobody as counselor, 1 a series beyond the first."""
    others = sum(counselor not in each.staff for each in own if not each.group)
    series = {each.group.series for each in own if each.group and each.group.series}
    return 3 * others + 5 * bool(own and not counselor) + max(0, len(series) - 1)


def idle(own: Sequence[Booking]) -> int:
    """Level 7: quarter hours of waiting between the first start and the last end of a day; a split day costs more."""
    days: dict[int, list[Booking]] = defaultdict(list)
    for each in own:
        days[each.day].append(each)
    return sum(waiting(day) for day in days.values())


def waiting(day: Sequence[Booking]) -> int:
    between = max(each.end for each in day) - min(each.start for each in day) - sum(each.held for each in day)
    cells = between // CELL
    return cells + (SPLIT if cells >= SPLIT else 0)


def leaders_beyond_the_first(made: Bookings) -> int:
    """Level 5, the series' part: 2 for each leader of a series beyond the first."""
    leaders: dict[str, set[str]] = defaultdict(set)
    for each in made.every:
        if each.group and each.group.series:
            leaders[each.group.series].add(each.staff[0])
    return sum(2 * (len(who) - 1) for who in leaders.values())


def load(clinic: Clinic, made: Bookings) -> int:
    """Level 8: the highest share of `max_week` that a clinician's occupied minutes take, in per cent, rounded up."""
    return max((share(clinic, name, own) for name, own in made.of_staff.items() if name in clinic.staff), default=0)


def share(clinic: Clinic, name: str, own: Iterable[Booking]) -> int:
    """Somebody with no minutes a week may hold nothing: one minute stands for none, so that a broken plan has a worth too."""
    return -(-100 * sum(each.held for each in own) // max(1, clinic.staff[name].max_week))
