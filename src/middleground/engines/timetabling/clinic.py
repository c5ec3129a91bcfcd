"""The clinic of one instance, compiled: times as minutes since Monday 00:00, events applied, questions answered quickly.

Built from an instance that `reading` has found sound. Format: the timetabling contract, sections 1, 2 and 4.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .plan import Plan, plan_of
from .times import CELL, DAY, TELEHEALTH, Span, interval, moment, occupied

INDIVIDUAL = "individual"
Spans = tuple[Span, ...]


def joined(spans: Iterable[Span]) -> Spans:
    """Sorted, with touching and overlapping ones made one."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def covers(spans: Spans, start: int, end: int) -> bool:
    """Whether one of the joined `spans` holds all of start..end."""
    return any(a <= start and end <= b for a, b in spans)


def touches(spans: Iterable[Span], start: int, end: int) -> bool:
    """Whether any of `spans` overlaps start..end (half-open)."""
    return any(a < end and start < b for a, b in spans)


def within(kind: str, prefix: str) -> bool:
    """Kinds are paths: education covers education/sleep."""
    return kind == prefix or kind.startswith(prefix + "/")


@dataclass(slots=True)
class Site:
    id: str
    open: Spans


@dataclass(slots=True)
class Room:
    id: str
    site: str
    office: bool
    seats: int
    closed: Spans

    def shut(self, start: int, end: int) -> bool:
        return touches(self.closed, start, end)


@dataclass(slots=True)
class Staff:
    """`shifts` by place (sites and telehealth), joined; `every`, `rest`: in each stretch of `every` minutes `rest` are free."""

    id: str
    leads: frozenset[str]
    credentials: frozenset[str]
    languages: frozenset[str]
    shifts: dict[str, Spans]
    off: Spans
    max_day: int
    max_week: int
    caseload: int
    every: int
    rest: int

    def works(self, start: int, end: int, place: str) -> bool:
        """H4."""
        return covers(self.shifts.get(place, ()), start, end) and not touches(self.off, start, end)

    def holds(self, kind: str) -> bool:
        """Whether they may hold this kind (H7)."""
        return any(within(kind, own) for own in self.leads)


@dataclass(slots=True)
class Group:
    id: str
    series: str | None
    kind: str
    minutes: int
    starts: tuple[int, ...]
    place: str
    least: int
    most: int
    co_above: int
    credentials: frozenset[str]
    language: str
    only: frozenset[str]

    @property
    def takes(self) -> int:
        """The whole quarter hours it holds, in minutes."""
        return occupied(self.minutes)

    @property
    def telehealth(self) -> bool:
        return self.place == TELEHEALTH


@dataclass(slots=True)
class Wish:
    """A prescribed 1:1 kind: `count` of it, within `when` if that is given."""

    kind: str
    minutes: int
    count: int
    required: bool
    when: Spans | None

    @property
    def takes(self) -> int:
        return occupied(self.minutes)


@dataclass(slots=True)
class Mix:
    kind: str
    least: int
    most: int | None


@dataclass(slots=True)
class Client:
    """`free` joined; `costs` the intervals as given, each with its cost per quarter hour; `busy` the commitments."""

    id: str
    languages: frozenset[str]
    tags: frozenset[str]
    counselor: str | None
    travel: Mapping[str, int]
    telehealth_max: int
    free: Spans
    costs: tuple[tuple[int, int, int], ...]
    busy: Spans
    prescribed: int
    payer_minutes: int
    payer_days: int
    max_week: int
    days_max: int
    day_least: int
    day_most: int
    mix: tuple[Mix, ...]
    sessions: tuple[Wish, ...]
    done: frozenset[str]

    def can_come(self, start: int, end: int, place: str) -> bool:
        """H9: free from travel before to travel after."""
        margin = 0 if place == TELEHEALTH else self.travel.get(place)
        if margin is None:
            return False
        start, end = start - margin, end + margin
        return covers(self.free, start, end) and not touches(self.busy, start, end)

    def may_join(self, group: Group) -> bool:
        """H11, but for one topic twice."""
        return group.language in self.languages and group.only <= self.tags and group.kind not in self.done

    def dislikes(self, start: int, end: int) -> int:
        """The cost of every occupied quarter hour (level 6)."""
        return sum(cost * max(0, min(z, end) - max(a, start)) // CELL for a, z, cost in self.costs)


@dataclass(slots=True)
class Pair:
    """Two who are kept apart: secret, never named in an answer."""

    one: str
    two: str
    site: bool


@dataclass
class Clinic:
    """Rows by id, in the order of the file. `kept`: groups that run in the plan in force; `joined`: clients who join by an event."""

    id: str
    question: str
    step: int
    sites: dict[str, Site]
    legs: dict[tuple[str, str], int]
    rooms: dict[str, Room]
    staff: dict[str, Staff]
    groups: dict[str, Group]
    clients: dict[str, Client]
    apart: tuple[Pair, ...]
    pins: tuple[dict[str, Any], ...]
    current: Plan | None
    now: int | None
    joined: frozenset[str] = frozenset()
    newcomers: tuple[Client, ...] = ()
    count: int = 5
    asks: tuple[dict[str, Any], ...] = ()
    left: frozenset[str] = field(default=frozenset())

    @property
    def repairs(self) -> bool:
        return self.question == "repair"

    @cached_property
    def kept(self) -> frozenset[str]:
        return frozenset(row.id for row in self.current.groups) if self.current else frozenset()

    def between(self, client: Client, a: str, b: str) -> int:
        """H10: minutes a client needs from place a to place b on one day; telehealth is taken at home."""
        if a == b:
            return 0
        if TELEHEALTH in (a, b):
            return client.travel.get(b if a == TELEHEALTH else a, 0)
        return self.legs.get((a, b), DAY)

    def leads(self, staff: Staff, group: Group) -> bool:
        """Whether they can be leader, times aside (H7)."""
        return self.assists(staff, group) and (not group.credentials or bool(group.credentials & staff.credentials))

    def assists(self, staff: Staff, group: Group) -> bool:
        """Whether they can be co-leader, times aside (H7)."""
        return staff.holds(group.kind) and group.language in staff.languages

    def group_rooms(self, group: Group, start: int) -> list[Room]:
        """The rooms that are open for it at this start (H2), in the order of the file."""
        end = start + group.takes
        if group.telehealth or not covers(self.sites[group.place].open, start, end):
            return []
        return [r for r in self.rooms.values() if r.site == group.place and not r.office and not r.shut(start, end)]

    def offices(self, site: str, start: int, end: int) -> list[Room]:
        """The open offices of a site (H2), in the order of the file."""
        if not covers(self.sites[site].open, start, end):
            return []
        return [r for r in self.rooms.values() if r.site == site and r.office and not r.shut(start, end)]


def clinic_of(data: Mapping[str, Any], question: str | None = None) -> Clinic:
    """The compiled clinic of an instance (a sound JSON object), its events applied in order."""
    tables = {key: {row["id"]: dict(row) for row in data[key]} for key in ("rooms", "staff", "clients")}
    arrived: set[str] = set()
    gone: set[str] = set()
    for event in data.get("events", ()):
        happen(event, tables, arrived, gone)
    legs = {}
    for leg in data.get("travel", ()):
        one, two = leg["between"]
        legs[one, two] = legs[two, one] = leg["minutes"]
    current = data.get("current")
    return Clinic(
        id=data["id"],
        question=question or data.get("question", "plan"),
        step=data.get("step", 30),
        sites={row["id"]: Site(row["id"], spans(row["open"])) for row in data["sites"]},
        legs=legs,
        rooms={key: room_of(row) for key, row in tables["rooms"].items()},
        staff={key: staff_of(row) for key, row in tables["staff"].items()},
        groups={row["id"]: group_of(row) for row in data["groups"]},
        clients={key: client_of(row) for key, row in tables["clients"].items()},
        apart=tuple(Pair(row["who"][0], row["who"][1], row["where"] == "site") for row in data.get("apart", ())),
        pins=tuple(data.get("pins", ())),
        current=plan_of(current) if current else None,
        now=moment(data["now"]) if data.get("now") else None,
        joined=frozenset(arrived),
        newcomers=tuple(client_of(row) for row in data.get("newcomers", ())),
        count=data.get("count", 5),
        asks=tuple(data.get("asks", ())),
        left=frozenset(gone),
    )


def happen(event: Mapping[str, Any], tables: dict[str, dict[str, Any]], arrived: set[str], gone: set[str]) -> None:
    """Apply one event of a repair to the rows as read."""
    kind = event["event"]
    if kind == "staff-off":
        row = tables["staff"][event["staff"]]
        row["off"] = [*row.get("off", ()), event["at"]]
    elif kind == "room-closed":
        row = tables["rooms"][event["room"]]
        row["closed"] = [*row.get("closed", ()), event["at"]]
    elif kind == "client-busy":
        row = tables["clients"][event["client"]]
        row["busy"] = [*row.get("busy", ()), {"at": event["at"], "what": "event"}]
    elif kind == "client-leaves":
        del tables["clients"][event["client"]]
        gone.add(event["client"])
    else:
        tables["clients"][event["client"]["id"]] = dict(event["client"])
        arrived.add(event["client"]["id"])


def spans(texts: Iterable[str]) -> Spans:
    return joined(interval(text) for text in texts)


def room_of(row: Mapping[str, Any]) -> Room:
    return Room(row["id"], row["site"], row["kind"] == "office", row["seats"], spans(row.get("closed", ())))


def staff_of(row: Mapping[str, Any]) -> Staff:
    shifts: dict[str, list[Span]] = {}
    for shift in row["works"]:
        for place in {shift.get("site"), TELEHEALTH} - {None}:
            shifts.setdefault(place, []).append(interval(shift["at"]))
    return Staff(
        id=row["id"],
        leads=frozenset(row["leads"]),
        credentials=frozenset(row["credentials"]),
        languages=frozenset(row["languages"]),
        shifts={place: joined(found) for place, found in shifts.items()},
        off=spans(row.get("off", ())),
        max_day=row["max_day"],
        max_week=row["max_week"],
        caseload=row["caseload"],
        every=row["break"]["every"],
        rest=row["break"]["minutes"],
    )


def group_of(row: Mapping[str, Any]) -> Group:
    return Group(
        id=row["id"],
        series=row.get("series"),
        kind=row["kind"],
        minutes=row["minutes"],
        starts=tuple(dict.fromkeys(moment(start) for start in row["starts"])),
        place=row["place"],
        least=row["min"],
        most=row["max"],
        co_above=row["co_above"],
        credentials=frozenset(row["credentials"]),
        language=row["language"],
        only=frozenset(row.get("only", ())),
    )


def client_of(row: Mapping[str, Any]) -> Client:
    """A client row (also a newcomer's), compiled."""
    return Client(
        id=row["id"],
        languages=frozenset(row["languages"]),
        tags=frozenset(row.get("tags", ())),
        counselor=row["counselor"],
        travel=dict(row["travel"]),
        telehealth_max=row["telehealth_max"],
        free=spans(each["at"] for each in row["free"]),
        costs=tuple((*interval(each["at"]), each.get("cost", 0)) for each in row["free"]),
        busy=tuple(interval(each["at"]) for each in row.get("busy", ())),
        prescribed=row["prescribed"],
        payer_minutes=row["payer"]["minutes"],
        payer_days=row["payer"]["days"],
        max_week=row["max_week"],
        days_max=row["days_max"],
        day_least=row["day"]["min"],
        day_most=row["day"]["max"],
        mix=tuple(Mix(each["kind"], each.get("min", 0), each.get("max")) for each in row["mix"]),
        sessions=tuple(wish_of(each) for each in row["sessions"]),
        done=frozenset(row.get("done", ())),
    )


def wish_of(row: Mapping[str, Any]) -> Wish:
    when = spans(row["when"]) if "when" in row else None
    return Wish(row["kind"], row["minutes"], row["count"], row["required"], when)
