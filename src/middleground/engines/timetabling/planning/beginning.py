"""A first plan, quickly: groups opened where most people could use them, seats filled, sessions put beside them.

Nothing here is optimal; all of it is valid, and improving starts from it. What pins ask for is brought in afterwards; with a
plan in force the start is that instead (see `solving`)."""

from collections import Counter, defaultdict
from heapq import heapify, heappop, heappush

from ..clinic import Client, within
from ..plan import GroupRow, Plan, SessionRow
from ..times import DAY, TELEHEALTH, occupied
from .apart import broken
from .frame import session_place
from .possible import Opening, Possible, Visit
from .settling import choose_counselors

Span = tuple[int, int]


class Diary:
    """What has been given out so far."""

    def __init__(self, possible: Possible) -> None:
        self.possible, self.clinic = possible, possible.clinic
        self.own: dict[str, list[Visit]] = defaultdict(list)
        self.staff: dict[str, list[Span]] = defaultdict(list)
        self.rooms: dict[str, list[Span]] = defaultdict(list)
        self.opened: dict[str, tuple[Opening, str | None, str, str | None]] = {}
        self.sessions: list[tuple[Visit, str, str | None]] = []
        self.apart = defaultdict(set)
        for pair in possible.apart:
            self.apart[pair.one].add(pair.two)
            self.apart[pair.two].add(pair.one)
        self.on_site_apart = {name for pair in possible.apart if pair.site for name in (pair.one, pair.two)}

    # ------------------------------------------------------------ sessions
    def visit(self, row: SessionRow) -> Visit | None:
        """A booked session's visit, if the client can still have it."""
        wanted = row.kind, row.start, session_place(self.possible, row)
        visits = (v for v in self.possible.visits[row.client] if v.group is None)
        return next((v for v in visits if (v.kind, v.start, v.place) == wanted), None)

    def hold(self, visit: Visit, staff: str, office: str | None) -> None:
        """Give the visit out; without an office by telehealth."""
        self.sessions.append((visit, staff, office))
        self.own[visit.client].append(visit)
        self.staff[staff].append((visit.start, visit.end))
        if office is not None:
            self.rooms[office].append((visit.start, visit.end))

    # ------------------------------------------------------------ clients
    def fits(self, client: Client, visit: Visit) -> bool:
        """Whether the client could add it to what they have (the least of a day apart)."""
        own = self.own[client.id]
        minutes = sum(v.minutes for v in own)
        if minutes >= client.prescribed or minutes + visit.minutes > client.max_week:
            return False
        today = [v for v in own if v.day == visit.day]
        if not today and len({v.day for v in own}) >= client.days_max:
            return False
        if sum(v.minutes for v in today) + visit.minutes > client.day_most:
            return False
        if visit.place == TELEHEALTH:
            distant = sum(v.minutes for v in own if v.place == TELEHEALTH)
            if distant + visit.minutes > client.telehealth_max:
                return False
        return all(self.in_time(client, v, visit) for v in today) and self.of_a_kind(client, visit)

    def in_time(self, client: Client, one: Visit, two: Visit) -> bool:
        way = self.clinic.between(client, one.place, two.place)
        return two.start >= one.end + way or one.start >= two.end + way

    def of_a_kind(self, client: Client, visit: Visit) -> bool:
        kinds = [v.kind for v in self.own[client.id] if v.group is not None]
        if visit.group is None:
            wish = next(w for w in client.sessions if w.kind == visit.kind)
            return sum(v.kind == visit.kind and v.group is None for v in self.own[client.id]) < wish.count
        if "/" in visit.kind and visit.kind in kinds:
            return False
        caps = [m for m in client.mix if m.most is not None and within(visit.kind, m.kind)]
        return all(sum(within(k, m.kind) for k in kinds) < (m.most or 0) for m in caps)

    # ------------------------------------------------------------ staff and rooms
    def works(self, staff: str, start: int, end: int) -> bool:
        """H5 and H6 for one more booking."""
        who, spans = self.clinic.staff[staff], self.staff[staff]
        if any(a < end and start < b for a, b in spans):
            return False
        if sum(b - a for a, b in spans) + end - start > who.max_week:
            return False
        if sum(b - a for a, b in spans if a // DAY == start // DAY) + end - start > who.max_day:
            return False
        last = occupied(who.every)
        near = [(a, b) for a, b in (*spans, (start, end)) if a < end + last and start - last < b]
        return all(
            sum(max(0, min(b, first + last) - max(a, first)) for a, b in near) <= who.every - who.rest
            for first, _ in near
        )

    def room(self, opening: Opening, seats: int) -> str | None:
        free = [
            r
            for r in opening.rooms
            if not any(a < opening.end and opening.start < b for a, b in self.rooms[r.id]) and r.seats >= seats
        ]
        return min(free, key=lambda r: r.seats).id if free else None

    def office(self, visit: Visit) -> str | None:
        """An open office (H2) that nobody else has then."""
        for room in self.clinic.offices(visit.place, visit.start, visit.end):
            if not any(a < visit.end and visit.start < b for a, b in self.rooms[room.id]):
                return room.id
        return None


def begun(possible: Possible) -> Plan:
    """A plan that brings nobody together who is kept apart."""
    while together := broken(possible.clinic, plan := Beginning(possible).plan(), possible.apart):
        possible.told_of(together)
    return plan


class Beginning:
    def __init__(self, possible: Possible) -> None:
        self.possible, self.clinic, self.diary = possible, possible.clinic, Diary(possible)
        self.choices = {c: len({v.group for v in visits if v.group}) for c, visits in possible.visits.items()}

    def plan(self) -> Plan:
        self.open_groups()
        self.hold_sessions()
        self.fill_seats()
        self.tidy()
        groups = [
            GroupRow(o.group.id, o.start, room, lead, co, tuple(sorted(self.members(o))))
            for o, room, lead, co in self.diary.opened.values()
        ]
        sessions = [SessionRow(v.client, v.kind, v.start, staff, office) for v, staff, office in self.diary.sessions]
        plan = Plan(tuple(groups), tuple(sessions), {})
        choose_counselors(self.possible, plan)
        return plan

    def visit(self, opening: Opening, client: str) -> Visit:
        group = opening.group
        return Visit(client, group.kind, group.id, opening.start, opening.end, group.minutes, group.place)

    def takers(self, opening: Opening) -> list[str]:
        """Who could and should sit in it, those with the fewest choices first; nobody beside one kept apart."""
        diary, chosen = self.diary, list[str]()
        able = [
            c
            for c in opening.members
            if c not in diary.on_site_apart and diary.fits(self.clinic.clients[c], self.visit(opening, c))
        ]
        for client in sorted(able, key=lambda c: (self.stranger(c, opening), self.choices[c], c)):
            if not diary.apart[client] & set(chosen):
                chosen.append(client)
        return chosen

    def stranger(self, client: str, opening: Opening) -> bool:
        """Whether they would come on a new day for it."""
        return opening.start // DAY not in {v.day for v in self.diary.own[client]}

    def open_groups(self) -> None:
        """Most wanted first; what an opening is worth is looked at again when its turn comes."""
        queue = [(-len(o.members), key) for key, o in self.possible.openings.items()]
        heapify(queue)
        while queue:
            worth, key = heappop(queue)
            opening = self.possible.openings[key]
            if opening.group.id in self.diary.opened:
                continue
            takers = self.takers(opening)
            now = -min(len(takers), opening.group.most) * 1000 - len(takers)
            if len(takers) < max(1, opening.group.least):
                continue
            if queue and now > queue[0][0] and now != worth:
                heappush(queue, (now, key))
                continue
            self.open(opening, takers)

    def open(self, opening: Opening, takers: list[str]) -> None:
        diary, group = self.diary, opening.group
        leads = [s for s in opening.leads if diary.works(s, opening.start, opening.end)]
        if not leads:
            return
        lead = min(leads, key=lambda s: (self.week_share(s), s))
        seats = min(len(takers), group.most)
        co = self.co_leader(opening, lead) if seats > group.co_above else None
        if co is None:
            seats = min(seats, group.co_above)
        while seats >= max(1, group.least) and not group.telehealth and diary.room(opening, seats) is None:
            seats -= 1
        if seats < max(1, group.least):
            return
        room = None if group.telehealth else diary.room(opening, seats)
        self.run(opening, room, lead, co, [c for c in takers if not diary.apart[c] & {lead, co}][:seats])

    def run(self, opening: Opening, room: str | None, lead: str, co: str | None, members: list[str]) -> None:
        diary, span = self.diary, (opening.start, opening.end)
        diary.opened[opening.group.id] = (opening, room, lead, co)
        for who in (lead, co):
            if who is not None:
                diary.staff[who].append(span)
        if room is not None:
            diary.rooms[room].append(span)
        for client in members:
            diary.own[client].append(self.visit(opening, client))

    def co_leader(self, opening: Opening, lead: str) -> str | None:
        able = [s for s in opening.assists if s != lead and self.diary.works(s, opening.start, opening.end)]
        return min(able, key=lambda s: (self.week_share(s), s), default=None)

    def week_share(self, staff: str) -> float:
        return sum(b - a for a, b in self.diary.staff[staff]) / max(1, self.clinic.staff[staff].max_week)

    def members(self, opening: Opening) -> list[str]:
        group = opening.group.id
        return [c for c in opening.members if any(v.group == group for v in self.diary.own[c])]

    def hold_sessions(self) -> None:
        """On a day on which the client comes anyhow, with their own counselor if that can be."""
        for client in sorted(self.clinic.clients.values(), key=lambda c: (self.choices[c.id], c.id)):
            if client.id in self.diary.on_site_apart:
                continue
            for wish in client.sessions:
                for _ in range(wish.count):
                    self.hold_session(client, wish.kind)

    def hold_session(self, client: Client, kind: str) -> None:
        diary, pool = self.diary, self.possible.pools[client.id, kind]
        days = Counter(v.day for v in diary.own[client.id])
        visits = [v for v in self.possible.visits[client.id] if v.group is None and v.kind == kind and days[v.day]]
        for visit in sorted(visits, key=lambda v: (days[v.day], v.start, v.place)):
            if not diary.fits(client, visit):
                continue
            office = None if visit.place == TELEHEALTH else diary.office(visit)
            if office is None and visit.place != TELEHEALTH:
                continue
            there = self.possible.staff_there(pool, visit.start, visit.end, visit.place)
            able = [s for s in there if diary.works(s, visit.start, visit.end)]
            if able:
                staff = client.counselor if client.counselor in able else min(able, key=self.week_share)
                diary.hold(visit, staff or "", office)
                return

    def fill_seats(self) -> None:
        """Free seats to those who still lack hours."""
        for opening, room, lead, co in self.diary.opened.values():
            most = opening.group.most if co else min(opening.group.most, opening.group.co_above)
            if room is not None:
                most = min(most, self.clinic.rooms[room].seats)
            inside = self.members(opening)
            for client in self.takers(opening):
                if len(inside) >= most:
                    break
                if client not in inside and not self.diary.apart[client] & {lead, co, *inside}:
                    self.diary.own[client].append(self.visit(opening, client))
                    inside.append(client)

    def tidy(self) -> None:
        """Days too thin for their client, and groups too small to run, are taken back until none is left."""
        changed = True
        while changed:
            changed = sum(self.drop_thin_days(client) for client in self.clinic.clients.values()) > 0
            for group, (opening, room, lead, co) in list(self.diary.opened.items()):
                members = self.members(opening)
                if len(members) < max(1, opening.group.least):
                    changed = True
                    self.close(group, opening, room, (lead, co), members)

    def drop_thin_days(self, client: Client) -> bool:
        minutes: Counter[int] = Counter()
        for visit in self.diary.own[client.id]:
            minutes[visit.day] += visit.minutes
        thin = {day for day, total in minutes.items() if total < client.day_least}
        if thin:
            self.forget(client.id, [v for v in self.diary.own[client.id] if v.day in thin])
        return bool(thin)

    def forget(self, client: str, visits: list[Visit]) -> None:
        self.diary.own[client] = [v for v in self.diary.own[client] if v not in visits]
        gone = [row for row in self.diary.sessions if row[0] in visits]
        self.diary.sessions = [row for row in self.diary.sessions if row[0] not in visits]
        for visit, staff, office in gone:
            self.diary.staff[staff].remove((visit.start, visit.end))
            if office is not None:
                self.diary.rooms[office].remove((visit.start, visit.end))

    def close(
        self, group: str, opening: Opening, room: str | None, who: tuple[str | None, ...], members: list[str]
    ) -> None:
        del self.diary.opened[group]
        span = opening.start, opening.end
        for staff in who:
            if staff is not None:
                self.diary.staff[staff].remove(span)
        if room is not None:
            self.diary.rooms[room].remove(span)
        for client in members:
            self.forget(client, [v for v in self.diary.own[client] if v.group == group])
