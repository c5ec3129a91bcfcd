"""The timetabling contract read once more, as plainly as it can be put: what a plan may be and what it is worth.

Nothing of the engine is used, so that a mistake of the engine's rules or worth shows. Times are quarter hours of the week.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

HOME = "telehealth"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
QUARTER, DAY = 15, 96  # minutes; quarter hours
Row = dict[str, Any]


def minute(text: str) -> int:
    """Minutes of the week of "tue 09:15"."""
    day, time = text.split()
    return DAYS.index(day) * 1440 + int(time[:2]) * 60 + int(time[3:])


def said(minutes: int) -> str:
    return f"{DAYS[minutes // 1440]} {minutes % 1440 // 60:02d}:{minutes % 60:02d}"


def quarters(texts: Iterable[str]) -> set[int]:
    """Every quarter hour of intervals like "tue 09:15-10:00"."""
    found: set[int] = set()
    for text in texts:
        begin, end = text.split("-")
        found.update(touched(minute(begin), minute(f"{begin[:3]} {end}")))
    return found


def touched(begin: int, end: int) -> range:
    return range(begin // QUARTER, -(-end // QUARTER))


def covers(whole: str, kind: str) -> bool:
    return (kind + "/").startswith(whole + "/")


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of a plan: a group that runs, or one 1:1 session (`group` empty)."""

    group: str
    kind: str
    start: int
    minutes: int
    place: str
    room: str | None
    staff: tuple[str, ...]
    clients: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.group or self.kind

    @property
    def held(self) -> range:
        return touched(self.start, self.start + self.minutes)

    @property
    def day(self) -> int:
        return self.start // 1440

    @property
    def end(self) -> int:
        return self.held.stop * QUARTER


Entries = tuple[Entry, ...]


class Rulebook:
    """One instance with its events applied. `joined` are those whom an event brings."""

    def __init__(self, data: Row) -> None:
        self.data = data
        self.repair = data.get("question") == "repair"
        self.tables = {
            key: {row["id"]: dict(row) for row in data[key]} for key in ("sites", "rooms", "staff", "groups", "clients")
        }
        self.sites, self.rooms, self.staff, self.groups, self.clients = self.tables.values()
        self.joined: set[str] = set()
        for event in data.get("events", ()):
            self.happen(event)
        self.legs = {frozenset(leg["between"]): leg["minutes"] for leg in data.get("travel", ())}
        self.now = minute(data["now"]) if "now" in data else 0
        self.current = data.get("current")
        self.running = {row["id"] for row in self.current["groups"]} if self.current else set()
        self.before = self.entries(self.current) if self.current else ()
        self.free = {
            c: quarters(f["at"] for f in row["free"]) - quarters(b["at"] for b in row.get("busy", ()))
            for c, row in self.clients.items()
        }
        self.working = {s: self.hours(row) for s, row in self.staff.items()}
        for asked_often in (self.possible, self.together, self.week, self.bears):
            setattr(self, asked_often.__name__, cache(asked_often))

    def happen(self, event: Row) -> None:
        match event["event"]:
            case "staff-off":
                row = self.staff[event["staff"]]
                row["off"] = [*row.get("off", ()), event["at"]]
            case "room-closed":
                row = self.rooms[event["room"]]
                row["closed"] = [*row.get("closed", ()), event["at"]]
            case "client-busy":
                row = self.clients[event["client"]]
                row["busy"] = [*row.get("busy", ()), {"at": event["at"], "what": "event"}]
            case "client-leaves":
                del self.clients[event["client"]]
            case _:
                self.clients[event["client"]["id"]] = event["client"]
                self.joined.add(event["client"]["id"])

    @staticmethod
    def hours(row: Row) -> dict[str, set[int]]:
        at: dict[str, set[int]] = defaultdict(set)
        for shift in row["works"]:
            for place in {shift["site"] or HOME, HOME}:
                at[place] |= quarters([shift["at"]])
        away = quarters(row.get("off", ()))
        return {place: found - away for place, found in at.items()}

    def entries(self, answer: Row) -> Entries:
        """An answer's rows, without people who are not clients (any more) and what nobody prescribes."""
        found = []
        for row in answer["groups"]:
            members = tuple(m for m in row["members"] if m in self.clients)
            found.append(
                self.group_entry(row["id"], minute(row["start"]), row["room"], (row["lead"], row["co"]), members)
            )
        for row in answer["sessions"]:
            wish = self.wish(row["client"], row["kind"])
            if wish:
                found.append(self.session_entry(row["client"], wish, minute(row["start"]), row["staff"], row["room"]))
        return tuple(found)

    def group_entry(
        self, group: str, start: int, room: str | None, staff: Sequence[str | None], members: tuple[str, ...]
    ) -> Entry:
        row = self.groups[group]
        who = tuple(s for s in staff if s is not None)
        return Entry(group, row["kind"], start, row["minutes"], row["place"], room, who, members)

    def session_entry(self, client: str, wish: Row, start: int, staff: str, room: str | None) -> Entry:
        place = self.rooms[room]["site"] if room else HOME
        return Entry("", wish["kind"], start, wish["minutes"], place, room, (staff,), (client,))

    def wish(self, client: str, kind: str) -> Row | None:
        wishes = self.clients[client]["sessions"] if client in self.clients else ()
        return next((wish for wish in wishes if wish["kind"] == kind), None)

    # ------------------------------------------------------------ hard rules
    def valid(self, entries: Entries, counselors: dict[str, str]) -> bool:
        return (
            all(map(self.possible, entries))
            and all(self.together(a, b) for a, b in combinations(entries, 2))
            and self.whole(entries)
            and self.may_counsel(counselors)
        )

    def possible(self, e: Entry) -> bool:
        """What one entry must be, whatever else is booked."""
        people = [self.clients[c] for c in e.clients]
        return (
            self.placed(e)
            and all(set(e.held) <= self.working[s].get(e.place, set()) for s in e.staff)
            and all(any(covers(own, e.kind) for own in self.staff[s]["leads"]) for s in e.staff)
            and all(self.comes(row, e) for row in people)
            and not any(set(pair["who"]) <= {*e.clients, *e.staff} for pair in self.data.get("apart", ()))
            and (self.group_allowed(e, people) if e.group else self.session_allowed(e, people[0]))
        )

    def placed(self, e: Entry) -> bool:
        if e.held[-1] // DAY != e.day:
            return False
        if e.place == HOME:
            return e.room is None
        room = self.rooms.get(e.room or "")
        if room is None or room["site"] != e.place or room["kind"] != ("group" if e.group else "office"):
            return False
        if e.group and len(e.clients) > room["seats"]:
            return False
        return set(e.held) <= quarters(self.sites[e.place]["open"]) - quarters(room.get("closed", ()))

    def comes(self, client: Row, e: Entry) -> bool:
        """H9. Free quarter hours side by side are one stretch."""
        way = 0 if e.place == HOME else client["travel"].get(e.place)
        return way is not None and set(touched(e.start - way, e.end + way)) <= self.free[client["id"]]

    def group_allowed(self, e: Entry, people: list[Row]) -> bool:
        row = self.groups[e.group]
        least = 0 if self.repair and e.group in self.running else row["min"]
        lead = self.staff[e.staff[0]]
        return (
            said(e.start) in row["starts"]
            and least <= len(e.clients) <= row["max"]
            and (len(e.staff) == 2 or len(e.clients) <= row["co_above"])
            and len(set(e.staff)) == len(e.staff)
            and (not row["credentials"] or bool(set(row["credentials"]) & set(lead["credentials"])))
            and all(row["language"] in each["languages"] for each in [*people, *(self.staff[s] for s in e.staff)])
            and all(set(row.get("only", ())) <= set(client.get("tags", ())) for client in people)
            and all(row["kind"] not in client.get("done", ()) for client in people)
        )

    def session_allowed(self, e: Entry, client: Row) -> bool:
        wish = self.wish(client["id"], e.kind)
        return (
            wish is not None
            and e.start % self.data.get("step", 30) == 0
            and ("when" not in wish or set(e.held) <= quarters(wish["when"]))
            and bool(set(self.staff[e.staff[0]]["languages"]) & set(client["languages"]))
        )

    def together(self, a: Entry, b: Entry) -> bool:
        """Whether two entries can stand in one plan."""
        if set(a.held) & set(b.held) and ((a.room and a.room == b.room) or set(a.staff) & set(b.staff)):
            return False
        for client in set(a.clients) & set(b.clients):
            if a.day == b.day and not self.in_time(self.clients[client], a, b):
                return False
            if a.group and b.group and a.kind == b.kind and "/" in a.kind:
                return False
        return (not a.group or a.group != b.group) and not any(
            self.meet(pair, a, b) for pair in self.data.get("apart", ())
        )

    def in_time(self, client: Row, a: Entry, b: Entry) -> bool:
        first, then = sorted((a, b), key=lambda e: e.start)
        if a.place == b.place:
            way = 0
        elif HOME in (a.place, b.place):
            way = client["travel"][a.place if b.place == HOME else b.place]
        else:
            way = self.legs.get(frozenset((a.place, b.place)), 10_000)
        return then.start >= first.end + way

    @staticmethod
    def meet(pair: Row, a: Entry, b: Entry) -> bool:
        """Whether two who must not be on one site come within a quarter hour of each other."""
        one, two = pair["who"]
        crossed = (one in a.clients and two in b.clients) or (two in a.clients and one in b.clients)
        near = a.start < b.end + QUARTER and b.start < a.end + QUARTER
        return pair["where"] == "site" and crossed and a.place == b.place != HOME and near

    def whole(self, entries: Entries) -> bool:
        """What only a whole plan can keep or break."""
        weeks = all(self.week(c, self.of(c, entries), True) for c in self.clients)
        loads = all(self.bears(s, tuple(e for e in entries if s in e.staff)) for s in self.staff)
        return weeks and loads and self.pinned(entries) and self.past(entries) == self.past(self.before)

    @staticmethod
    def of(client: str, entries: Entries) -> Entries:
        return tuple(e for e in entries if client in e.clients)

    def week(self, client: str, own: Entries, finished: bool) -> bool:
        """H12 and H13's numbers; the least of a day only once the plan is `finished`, and not in a repair."""
        row, days = self.clients[client], Counter[int]()
        for e in own:
            days[e.day] += e.minutes
        kinds = [e.kind for e in own if e.group]
        least = row["day"]["min"] if finished and not self.repair else 0
        return (
            all(least <= day <= row["day"]["max"] for day in days.values())
            and len(days) <= row["days_max"]
            and days.total() <= row["max_week"]
            and sum(e.minutes for e in own if e.place == HOME) <= row["telehealth_max"]
            and all(sum(covers(m["kind"], k) for k in kinds) <= m.get("max", 99) for m in row["mix"])
            and all(sum(e.kind == w["kind"] and not e.group for e in own) <= w["count"] for w in row["sessions"])
        )

    def bears(self, staff: str, own: Entries) -> bool:
        """H6."""
        row = self.staff[staff]
        busy = {q for e in own for q in e.held}
        days = Counter(q // DAY for q in busy)
        if len(busy) * QUARTER > row["max_week"] or any(n * QUARTER > row["max_day"] for n in days.values()):
            return False
        every, rest = row["break"]["every"] // QUARTER, row["break"]["minutes"]
        stretches = range(min(busy, default=0) - every, max(busy, default=0) + 1)
        return all((every - len(busy & set(range(q, q + every)))) * QUARTER >= rest for q in stretches)

    def may_counsel(self, counselors: dict[str, str]) -> bool:
        """H14."""
        for client, staff in counselors.items():
            row, chosen = self.clients[client], self.staff[staff]
            if (
                row["counselor"]
                or "individual" not in chosen["leads"]
                or not set(row["languages"]) & set(chosen["languages"])
            ):
                return False
        given = Counter(row["counselor"] for row in self.clients.values() if row["counselor"])
        loads = given + Counter(counselors.values())
        return all(n <= max(given[s], self.staff[s]["caseload"]) for s, n in loads.items())

    def pinned(self, entries: Entries) -> bool:
        """H16."""
        return all(any(self.keeps(pin, e) for e in entries) for pin in self.data.get("pins", ()))

    @staticmethod
    def keeps(pin: Row, e: Entry) -> bool:
        if e.group:
            row: Row = {"id": e.group, "start": said(e.start), "room": e.room, "lead": e.staff[0]}
            row["co"] = e.staff[1] if len(e.staff) > 1 else None
        else:
            row = {"client": e.clients[0], "kind": e.kind, "start": said(e.start), "staff": e.staff[0], "room": e.room}
        rest = {key: value for key, value in pin.items() if key != "members"}
        return all(key in row and row[key] == value for key, value in rest.items()) and (
            "members" not in pin or (bool(e.group) and set(pin["members"]) <= set(e.clients))
        )

    def past(self, entries: Entries) -> set[tuple[Any, ...]]:
        """H17: who was where with whom before now."""
        if not self.now or not self.current:
            return set()
        return {(e.key, e.start, e.room, e.staff, c) for e in entries for c in e.clients if e.start < self.now}
