"""What a model may change and what stands: all of the week, or some clients and groups of it with the rest as booked."""

from collections.abc import Collection
from dataclasses import dataclass, field

from ..plan import GroupRow, Plan, SessionRow
from ..times import TELEHEALTH, occupied
from .possible import Possible, Visit

Entries = set[tuple[str, str, int]]  # client, group or kind of session, start


@dataclass(slots=True)
class Frame:
    """`clients` are planned anew; of the others `groups` (with the members who stay) and `sessions` stand.
    `loose`: groups whose leader, co-leader and room may change though somebody stays in them. `visits`: the 1:1 visits to
    look at (None: all), `seats`: the seats (None: all); `helpers`: who may hold a visit beside the clients' own counselors
    (None: anybody). `counted`: no office is named but those of the plan in force, the others are only counted."""

    clients: list[str]
    groups: dict[str, GroupRow] = field(default_factory=dict)
    sessions: list[SessionRow] = field(default_factory=list)
    loose: frozenset[str] = frozenset()
    counselors: dict[str, str] = field(default_factory=dict)
    visits: dict[str, list[Visit]] | None = None
    seats: Entries | None = None
    helpers: frozenset[str] | None = None
    counted: bool = False

    @property
    def bare(self) -> bool:
        """The whole week: nothing stands, nothing is left out."""
        return not self.groups and not self.sessions and self.visits is None and self.seats is None


def whole(possible: Possible) -> Frame:
    """Nothing stands."""
    return Frame(list(possible.clinic.clients))


def around(possible: Possible, plan: Plan, clients: Collection[str], loose: Collection[str] = ()) -> Frame:
    """Plan `clients` anew, everybody else keeps what `plan` gives them. What began before now is never loose (H17)."""
    chosen = set(clients)
    groups = {}
    for row in plan.groups:
        stay = tuple(each for each in row.members if each not in chosen)
        if stay:
            groups[row.id] = GroupRow(row.id, row.start, row.room, row.lead, row.co, stay)
    sessions = [row for row in plan.sessions if row.client not in chosen]
    kept = {client: staff for client, staff in plan.counselors.items() if client not in chosen}
    order = [client for client in possible.clinic.clients if client in chosen]
    return Frame(order, groups, sessions, frozenset(loose) - set(possible.past_groups), kept)


def entries(plan: Plan) -> Entries:
    """Who has what when."""
    seats = {(member, row.id, row.start) for row in plan.groups for member in row.members}
    return seats | {(row.client, row.kind, row.start) for row in plan.sessions}


def staying(possible: Possible, kept: Entries, people: Collection[str]) -> Frame:
    """Everybody has some of what is `kept` there, with whomever and in whatever room; `people` may have anything."""
    frame = whole(possible)
    may = {
        client: [v for v in visits if client in people or (client, v.key, v.start) in kept]
        for client, visits in possible.visits.items()
    }
    frame.visits = {client: [v for v in visits if v.group is None] for client, visits in may.items()}
    frame.seats = {(client, v.key, v.start) for client, visits in may.items() for v in visits if v.group is not None}
    return frame


def session_place(possible: Possible, row: SessionRow) -> str:
    """The site at which a booked session is held, or telehealth."""
    return possible.clinic.rooms[row.room].site if row.room is not None else TELEHEALTH


def session_end(possible: Possible, row: SessionRow) -> int:
    """When a booked session's last quarter hour ends."""
    wishes = possible.clinic.clients[row.client].sessions
    return row.start + next(occupied(w.minutes) for w in wishes if w.kind == row.kind)
