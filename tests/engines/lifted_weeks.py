"""What one client could reach with this or that lifted, by trying every week: written apart from the engine's model."""

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from middleground.engines.timetabling.bookings import bookings
from middleground.engines.timetabling.clinic import Client, Clinic, covers, touches, within
from middleground.engines.timetabling.plan import Plan
from middleground.engines.timetabling.rules import overworked

ORDER = [
    "free",
    "busy",
    "travel",
    "telehealth",
    "days",
    "day",
    "week",
    "language",
    "population",
    "topics",
    "place",
    "running",
    "counselor",
    "office",
]
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOME = "telehealth"


class Lifted:
    """One client (bookings lifted) with the constraints named in `lifted` gone."""

    def __init__(self, clinic: Clinic, client: Client, lifted: Iterable[str]) -> None:
        self.clinic, self.client, self.lifted = clinic, client, set(lifted)
        assert clinic.current is not None
        plan = clinic.current
        self.rest = Plan(plan.groups, tuple(s for s in plan.sessions if s.client != client.id), {})
        self.made = bookings(clinic, self.rest)
        self.counselor = client.counselor or plan.counselors.get(client.id)
        free = [*client.free, *((i * 1440, i * 1440 + 1440) for i, d in enumerate(DAYS) if f"free:{d}" in self.lifted)]
        self.free: list[tuple[int, int]] = []
        for a, z in sorted(free):
            if self.free and a <= self.free[-1][1]:
                self.free[-1] = (self.free[-1][0], max(z, self.free[-1][1]))
            else:
                self.free.append((a, z))
        self.busy = [span for i, span in enumerate(client.busy) if f"busy:{i}" not in self.lifted]
        self.travel = {**client.travel, **{s: 0 for s in clinic.sites if f"travel:{s}" in self.lifted}}
        others = {p.two if p.one == client.id else p.one: p.site for p in clinic.apart if client.id in (p.one, p.two)}
        self.others = set(others)
        self.meetings = [b for name, site in others.items() if site for b in self.made.of(name) if b.place != HOME]

    def comes(self, start: int, end: int, place: str) -> bool:
        margin = 0 if place == HOME else self.travel.get(place)
        if margin is None:
            return False
        return covers(tuple(self.free), start - margin, end + margin) and not touches(
            self.busy, start - margin, end + margin
        )

    def meets(self, start: int, end: int, place: str) -> bool:
        return any(b.place == place and start < b.end + 15 and b.start < end + 15 for b in self.meetings)

    def items(self) -> Iterator[tuple[Any, ...]]:
        """(start, end, place, minutes, group kind or None, group or session kind, who could hold it)."""
        running = {row.id: row for row in self.rest.groups}
        for g in self.clinic.groups.values():
            language = g.language in self.client.languages or "language" in self.lifted
            meant = g.only <= self.client.tags or "population" in self.lifted
            if not (language and meant and (g.kind not in self.client.done or "topics" in self.lifted)):
                continue
            row = running.get(g.id)
            if (not row and f"running:{g.id}" not in self.lifted) or (row and not self.place(g, row)):
                continue
            for start in (row.start,) if row else g.starts:
                if self.comes(start, start + g.takes, g.place):
                    yield start, start + g.takes, g.place, g.minutes, g.kind, g.id, None
        for wish in self.client.sessions:
            for start in range(0, 3 * 1440, self.clinic.step):
                end = start + wish.takes
                if start // 1440 != (end - 1) // 1440 or (wish.when is not None and not covers(wish.when, start, end)):
                    continue
                for place in (*self.clinic.sites, HOME):
                    who = self.holders(wish.kind, start, end, place)
                    if who and self.comes(start, end, place) and self.roomy(start, end, place):
                        yield start, end, place, wish.minutes, None, wish.kind, who

    def place(self, g: Any, row: Any) -> bool:
        if f"place:{g.id}" in self.lifted:
            return True
        members = [m for m in row.members if m != self.client.id]
        most = min(g.most, self.clinic.rooms[row.room].seats if row.room else 99, 99 if row.co else g.co_above)
        apart = self.others & {*members, row.lead, row.co}
        return len(members) < most and not apart and not self.meets(row.start, row.start + g.takes, g.place)

    def roomy(self, start: int, end: int, place: str) -> bool:
        if place == HOME:
            return True
        if not covers(self.clinic.sites[place].open, start, end) or self.meets(start, end, place):
            return False
        offices = list(self.clinic.offices(place, start, end))
        taken = {b.room for b in self.made.every if b.start < end and start < b.end}
        return "office" in self.lifted or any(r.id not in taken for r in offices)

    def holders(self, kind: str, start: int, end: int, place: str) -> list[tuple[str, bool]]:
        """(clinician, whether their time no longer matters)."""
        found = []
        for s in self.clinic.staff.values():
            if s.id in self.others or not s.holds(kind):
                continue
            if not s.languages & self.client.languages and "language" not in self.lifted:
                continue
            if "counselor" in self.lifted and self.counselor in (None, s.id) and place != HOME:
                found.append((s.id, True))
            elif s.works(start, end, place) and self.bears(s.id, [(start, end)]):
                found.append((s.id, False))
        return found

    def bears(self, name: str, extra: list[tuple[int, int]]) -> bool:
        own = [(b.start, b.end) for b in self.made.of_staff.get(name, ())] + extra
        own.sort()
        if any(b[0] < a[1] for a, b in zip(own, own[1:], strict=False)):
            return False

        class Block:
            def __init__(self, span: tuple[int, int]) -> None:
                self.start, self.end = span
                self.day, self.held = self.start // 1440, self.end - self.start

        return not overworked(self.clinic.staff[name], [Block(each) for each in own])  # type: ignore[misc]

    def between(self, one: str, two: str) -> int:
        if one == two:
            return 0
        if HOME in (one, two):
            return self.travel.get(two if one == HOME else one, 0)
        return self.clinic.legs.get((one, two), 1440)

    def fits(self, a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
        if a[4] is not None and a[5] == b[5]:
            return False
        topic = a[4] is not None and a[4] == b[4] and "/" in a[4] and "topics" not in self.lifted
        if topic or a[0] // 1440 != b[0] // 1440:
            return not topic
        gap = self.between(a[2], b[2])
        return a[0] >= b[1] + gap or b[0] >= a[1] + gap

    def reach(self) -> int:
        items, best = list(self.items()), 0
        fits = [[self.fits(a, b) for b in items] for a in items]
        stack: list[tuple[list[int], int]] = [([], 0)]
        while stack:
            chosen, at = stack.pop()
            week = [items[i] for i in chosen]
            minutes = sum(each[3] for each in week)
            if minutes > best and self.within_limits(week) and self.held(week):
                best = minutes
            for i in range(at, len(items)):
                if all(fits[i][j] for j in chosen) and self.counts([*week, items[i]]):
                    stack.append(([*chosen, i], i + 1))
        return best

    def counts(self, week: list[tuple[Any, ...]]) -> bool:
        for wish in self.client.sessions:
            if sum(each[4] is None and each[5] == wish.kind for each in week) > wish.count:
                return False
        return "topics" in self.lifted or all(
            rule.most is None or sum(bool(e[4]) and within(e[4], rule.kind) for e in week) <= rule.most
            for rule in self.client.mix
        )

    def within_limits(self, week: list[tuple[Any, ...]]) -> bool:
        days: dict[int, int] = {}
        for each in week:
            days[each[0] // 1440] = days.get(each[0] // 1440, 0) + each[3]
        home = sum(each[3] for each in week if each[2] == HOME)
        client, lifted = self.client, self.lifted
        return (
            ("day:min" in lifted or all(day >= client.day_least for day in days.values()))
            and ("day:max" in lifted or all(day <= client.day_most for day in days.values()))
            and ("days" in lifted or len(days) <= client.days_max)
            and ("week" in lifted or sum(days.values()) <= client.max_week)
            and ("telehealth" in lifted or home <= client.telehealth_max)
        )

    def held(self, week: list[tuple[Any, ...]], given: tuple[tuple[str, tuple[int, int]], ...] = ()) -> bool:
        slots = [each for each in week if each[4] is None]
        if not slots:
            return True
        for name, freed in slots[0][6]:
            more = given if freed else (*given, (name, (slots[0][0], slots[0][1])))
            own = [span for who, span in more if who == name]
            if (freed or self.bears(name, own)) and self.held(slots[1:], more):
                return True
        return False


def every_name(clinic: Clinic, client: Client) -> list[str]:
    running = {row.id for row in clinic.current.groups} if clinic.current else set()
    names = [f"free:{day}" for day in DAYS] + [f"busy:{i}" for i in range(len(client.busy))]
    names += [f"travel:{site}" for site in clinic.sites]
    names += [f"{'place' if g in running else 'running'}:{g}" for g in clinic.groups]
    names += [
        "telehealth",
        "days",
        "day:min",
        "day:max",
        "week",
        "language",
        "population",
        "topics",
        "counselor",
        "office",
    ]
    return sorted(names, key=lambda name: (ORDER.index(name.partition(":")[0]), name))


class Explained:
    """Reach by what is lifted, each set tried once."""

    def __init__(self, clinic: Clinic, client: Client) -> None:
        self.clinic, self.client, self.names = clinic, client, every_name(clinic, client)
        self.known: dict[frozenset[str], int] = {}

    def reach(self, lifted: Iterable[str] = ()) -> int:
        key = frozenset(lifted)
        if key not in self.known:
            self.known[key] = Lifted(self.clinic, self.client, key).reach()
        return self.known[key]

    def enough(self, target: int, size: int) -> tuple[str, ...] | None:
        """The first smallest set of up to `size` that reaches the target."""
        for many in range(size + 1):
            for each in combinations(self.names, many):
                if self.reach(each) >= target:
                    return each
        return None

    def best(self, target: int) -> str | None:
        worth = [(-min(target, self.reach((name,))), i) for i, name in enumerate(self.names)]
        most, first = min(worth)
        return self.names[first] if -most > min(target, self.reach()) else None

    def out(self, enforced: Iterable[str], target: int) -> bool:
        kept = set(enforced)
        return self.reach(name for name in self.names if name.partition(":")[0] not in kept) < target
