"""What a model may change and what stands: all of the week, or some clients and groups of it with the rest as booked."""

from collections.abc import Collection
from dataclasses import dataclass, field

from ..plan import GroupRow, Plan, SessionRow
from ..times import TELEHEALTH, occupied
from .possible import Possible, Visit

Seats = set[tuple[str, str, int]]  # client, group, start


@dataclass(slots=True)
class Frame:
    """`clients` are planned anew; of the others `groups` (with the members who stay) and `sessions` stand.
    `loose`: groups whose leader, co-leader and room may change though somebody stays in them. `visits`: the 1:1 visits to
    look at (None: all), `seats`: the seats (None: all); `helpers`: who may hold a visit beside the clients' own counselors
    (None: anybody)."""

    clients: list[str]
    groups: dict[str, GroupRow] = field(default_factory=dict)
    sessions: list[SessionRow] = field(default_factory=list)
    loose: frozenset[str] = frozenset()
    counselors: dict[str, str] = field(default_factory=dict)
    visits: dict[str, list[Visit]] | None = None
    seats: Seats | None = None
    helpers: frozenset[str] | None = None

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


def session_place(possible: Possible, row: SessionRow) -> str:
    """The site at which a booked session is held, or telehealth."""
    return possible.clinic.rooms[row.room].site if row.room is not None else TELEHEALTH


def session_end(possible: Possible, row: SessionRow) -> int:
    """When a booked session's last quarter hour ends."""
    wishes = possible.clinic.clients[row.client].sessions
    return row.start + next(occupied(w.minutes) for w in wishes if w.kind == row.kind)
