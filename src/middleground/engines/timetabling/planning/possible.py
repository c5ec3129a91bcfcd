"""What could be booked at all: openings of groups, and each client's possible seats and 1:1 visits. Everything fixed by
the instance alone (H1, H2, H4, H7, H9, H11, H13 and what is past) is settled here, once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ..clinic import INDIVIDUAL, Client, Clinic, Group, Pair, Room, Span, Staff, Wish, covers
from ..plan import GroupRow, SessionRow
from ..times import CELL, DAY, TELEHEALTH

TINY = 5_000  # seats and visits of a week that is modelled for proofs: level by level, waiting as ways
Pool = frozenset[str]


@dataclass(slots=True)
class Opening:
    """A group at one of its starts, with all who could lead, assist, host and sit in it."""

    group: Group
    start: int
    end: int
    leads: list[str]
    assists: list[str]
    rooms: list[Room]
    members: list[str]

    @property
    def key(self) -> tuple[str, int]:
        return self.group.id, self.start


@dataclass(slots=True, frozen=True)
class Visit:
    """One booking a client could have. `group` None: a 1:1 session of `kind`."""

    client: str
    kind: str
    group: str | None
    start: int
    end: int
    minutes: int
    place: str

    @property
    def key(self) -> str:
        """As a booking's: its group, or its kind."""
        return self.group or self.kind

    @property
    def day(self) -> int:
        return self.start // DAY


def mask(spans: Iterable[Span]) -> int:
    """The quarter hours of the week that the spans hold, as bits."""
    bits = 0
    for start, end in spans:
        bits |= ((1 << (end - start) // CELL) - 1) << start // CELL
    return bits


@lru_cache(maxsize=4096)
def stretch(start: int, end: int) -> int:
    """The bits of every quarter hour that start..end touches; -1 where it leaves the week."""
    if start < 0 or end > 7 * DAY:
        return -1
    first, last = start // CELL, -(-end // CELL)
    return ((1 << last - first) - 1) << first


def able(staff: Staff) -> bool:
    """Whether the break that the clinician needs leaves them a quarter hour of work (H6)."""
    return staff.every - staff.rest >= CELL


class Possible:
    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.apart: list[Pair] = []
        self.office_at: dict[tuple[str, int, int], bool] = {}
        self.staff_at: dict[tuple[Pool, int, int, str], list[str]] = {}
        self.free = {c.id: mask(c.free) & ~mask(c.busy) for c in clinic.clients.values()}
        self.works = {
            s.id: {place: mask(spans) & ~mask(s.off) for place, spans in s.shifts.items()} if able(s) else {}
            for s in clinic.staff.values()
        }
        self.open = {site.id: mask(site.open) for site in clinic.sites.values()}
        self.past_groups, self.past_sessions = past(clinic)
        self.visits: dict[str, list[Visit]] = {client: [] for client in clinic.clients}
        self.openings: dict[tuple[str, int], Opening] = {}
        self.of_group: dict[str, list[Opening]] = {group: [] for group in clinic.groups}
        for group in clinic.groups.values():
            self.open_group(group)
        self.pools: dict[tuple[str, str], Pool] = {}
        for client in clinic.clients.values():
            for wish in client.sessions:
                self.visits[client.id] += self.sessions(client, wish)
        self.least = {g.id: 0 if clinic.repairs and g.id in clinic.kept else g.least for g in clinic.groups.values()}

    @property
    def size(self) -> int:
        """How many seats and visits could be given."""
        return sum(map(len, self.visits.values()))

    def comes(self, client: Client, start: int, end: int, place: str) -> bool:
        """H9, in bits."""
        margin = 0 if place == TELEHEALTH else client.travel.get(place)
        if margin is None:
            return False
        need = stretch(start - margin, end + margin)
        return need > 0 and self.free[client.id] & need == need

    def at_work(self, staff: str, start: int, end: int, place: str) -> bool:
        """H4, in bits."""
        need = stretch(start, end)
        return self.works[staff].get(place, 0) & need == need

    def happened(self, start: int) -> bool:
        return self.clinic.now is not None and self.clinic.current is not None and start < self.clinic.now

    def open_group(self, group: Group) -> None:
        clinic, row = self.clinic, self.past_groups.get(group.id)
        may = [c for c in clinic.clients.values() if c.may_join(group)]
        assists = [s for s in clinic.staff.values() if clinic.assists(s, group)]
        for start in group.starts:
            if start % DAY + group.takes > DAY or (self.happened(start) and (row is None or row.start != start)):
                continue
            opening = self.opening(group, start, may, assists)
            if not opening.leads or not (opening.rooms or group.telehealth):
                continue
            self.openings[opening.key] = opening
            self.of_group[group.id].append(opening)
            for client in opening.members:
                visit = Visit(client, group.kind, group.id, start, opening.end, group.minutes, group.place)
                self.visits[client].append(visit)

    def opening(self, group: Group, start: int, may: list[Client], assists: list[Staff]) -> Opening:
        end = start + group.takes
        there = [s for s in assists if self.at_work(s.id, start, end, group.place)]
        leads = [s.id for s in there if not group.credentials or group.credentials & s.credentials]
        members = [c.id for c in may if self.comes(c, start, end, group.place)]
        rooms = self.clinic.group_rooms(group, start)
        return Opening(group, start, end, leads, [s.id for s in there], rooms, members)

    def sessions(self, client: Client, wish: Wish) -> Iterator[Visit]:
        """Where and when one 1:1 kind could be held for the client by anybody."""
        pool = self.pool(client, wish)
        self.pools[client.id, wish.kind] = pool
        kept = {row.start for row in self.past_sessions if row.client == client.id and row.kind == wish.kind}
        free = self.free[client.id]
        for start in range(0, 7 * DAY, self.clinic.step):
            if not free >> start // CELL & 1:
                continue
            end = start + wish.takes
            if start % DAY + wish.takes > DAY or (wish.when is not None and not covers(wish.when, start, end)):
                continue
            if self.happened(start) and start not in kept:
                continue
            for place in (*client.travel, TELEHEALTH):
                if self.session_fits(client, wish, pool, start, end, place):
                    yield Visit(client.id, wish.kind, None, start, end, wish.minutes, place)

    def session_fits(self, client: Client, wish: Wish, pool: Pool, start: int, end: int, place: str) -> bool:
        if place == TELEHEALTH:
            if client.telehealth_max < wish.minutes:
                return False
        elif not self.has_office(place, start, end):
            return False
        return self.comes(client, start, end, place) and bool(self.staff_there(pool, start, end, place))

    def has_office(self, site: str, start: int, end: int) -> bool:
        key = site, start, end
        if key not in self.office_at:
            self.office_at[key] = site in self.clinic.sites and bool(self.clinic.offices(site, start, end))
        return self.office_at[key]

    def staff_there(self, pool: Pool, start: int, end: int, place: str) -> list[str]:
        """Who of the pool works then and there."""
        key = pool, start, end, place
        if key not in self.staff_at:
            self.staff_at[key] = [s for s in sorted(pool) if self.at_work(s, start, end, place)]
        return self.staff_at[key]

    def pool(self, client: Client, wish: Wish) -> Pool:
        """Who may hold this kind for this client (H7), those kept apart from the client left out (H15)."""
        barred = {pair.two for pair in self.apart if pair.one == client.id}
        return frozenset(
            s.id
            for s in self.clinic.staff.values()
            if s.holds(wish.kind) and s.languages & client.languages and s.id not in barred
        )

    def told_of(self, pairs: Iterable[Pair]) -> None:
        """Keep these apart from here on."""
        for pair in pairs:
            self.apart.append(pair)
            if client := self.clinic.clients.get(pair.one):
                for wish in client.sessions:
                    self.pools[client.id, wish.kind] = self.pool(client, wish)

    def counselors(self, client: Client) -> list[str]:
        """Who could become the client's counselor, caseloads aside (H14)."""
        found = self.clinic.staff.values()
        return [s.id for s in found if INDIVIDUAL in s.leads and s.languages & client.languages]


def past(clinic: Clinic) -> tuple[dict[str, GroupRow], list[SessionRow]]:
    """What began before `now` in the plan in force and so stands as it is (H17); clients who left are gone from it."""
    if clinic.now is None or clinic.current is None:
        return {}, []
    here = clinic.clients
    groups = {}
    for row in clinic.current.groups:
        members = tuple(each for each in row.members if each in here)
        if row.start < clinic.now and members and row.id in clinic.groups:
            groups[row.id] = GroupRow(row.id, row.start, row.room, row.lead, row.co, members)
    kinds = {(c.id, w.kind) for c in here.values() for w in c.sessions}
    sessions = [r for r in clinic.current.sessions if r.start < clinic.now and (r.client, r.kind) in kinds]
    return groups, sessions
