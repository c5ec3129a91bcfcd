"""A plan laid on its clinic: what is booked, and the bookings of each client, clinician and room.

Both the hard rules (`rules`) and the worth of a plan (`worth`) stand on these.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .clinic import Client, Clinic, Group, Wish
from .plan import GroupRow, Plan, SessionRow
from .times import DAY, TELEHEALTH, occupied


@dataclass(slots=True, eq=False)
class Booking:
    """A group that runs (`group` set, `key` its id) or one 1:1 session (`key` its kind). `end` is the end of the last
    quarter hour held; `staff` the leader first; `where` a JSON pointer into the plan."""

    where: str
    key: str
    kind: str
    minutes: int
    start: int
    end: int
    place: str
    room: str | None
    staff: tuple[str, ...]
    clients: tuple[str, ...]
    group: Group | None = None
    wish: Wish | None = None

    @property
    def day(self) -> int:
        return self.start // DAY

    @property
    def held(self) -> int:
        """Minutes of whole quarter hours."""
        return self.end - self.start


def group_booking(row: GroupRow, group: Group, members: Iterable[str], where: str = "") -> Booking:
    staff = (row.lead,) if row.co is None else (row.lead, row.co)
    end = row.start + group.takes
    return Booking(
        where, group.id, group.kind, group.minutes, row.start, end, group.place, row.room, staff, tuple(members), group
    )


def session_booking(clinic: Clinic, row: SessionRow, wish: Wish, where: str = "") -> Booking:
    """A session takes place where its room is; without one, or with one nobody knows, at home."""
    room = clinic.rooms.get(row.room) if row.room is not None else None
    place, end = room.site if room else TELEHEALTH, row.start + occupied(wish.minutes)
    return Booking(
        where,
        row.kind,
        row.kind,
        wish.minutes,
        row.start,
        end,
        place,
        row.room,
        (row.staff,),
        (row.client,),
        None,
        wish,
    )


def wish_for(client: Client | None, kind: str) -> Wish | None:
    """The prescribed 1:1 kind of this name, if there is one."""
    return next((wish for wish in client.sessions if wish.kind == kind), None) if client else None


@dataclass
class Bookings:
    """`of_client`, `of_staff` and `of_room` by start; `counselor` of each client, given or chosen; `unknown`: pointers to
    what names nobody or stands twice (H1). Clients who have left are in none of them."""

    every: list[Booking] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    of_client: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))
    of_staff: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))
    of_room: dict[str, list[Booking]] = field(default_factory=lambda: defaultdict(list))
    counselor: dict[str, str | None] = field(default_factory=dict)

    def of(self, client: str) -> list[Booking]:
        return self.of_client.get(client, [])

    def sort_out(self) -> None:
        """Give each person and room their bookings, earliest first."""
        for booking in sorted(self.every, key=lambda each: (each.start, each.where)):
            for client in booking.clients:
                self.of_client[client].append(booking)
            for staff in booking.staff:
                self.of_staff[staff].append(booking)
            if booking.room is not None:
                self.of_room[booking.room].append(booking)


def bookings(clinic: Clinic, plan: Plan, *, in_force: bool = False) -> Bookings:
    """The plan's bookings. `in_force`: the plan is the one before the events, so people who have left are passed over."""
    made = Bookings()
    book_groups(clinic, plan, made, in_force)
    book_sessions(clinic, plan, made, in_force)
    made.sort_out()
    made.counselor = {key: each.counselor or plan.counselors.get(key) for key, each in clinic.clients.items()}
    return made


def book_groups(clinic: Clinic, plan: Plan, made: Bookings, in_force: bool) -> None:
    seen: set[str] = set()
    for i, row in enumerate(plan.groups):
        where, group = f"/groups/{i}", clinic.groups.get(row.id)
        if group is None or row.id in seen:
            made.unknown.append(where)
            continue
        seen.add(row.id)
        members = [name for name in row.members if name in clinic.clients]
        if (len(members) < len(row.members) and not in_force) or len(set(members)) < len(members):
            made.unknown.append(f"{where}/members")
        made.every.append(group_booking(row, group, members, where))


def book_sessions(clinic: Clinic, plan: Plan, made: Bookings, in_force: bool) -> None:
    for i, row in enumerate(plan.sessions):
        where, wish = f"/sessions/{i}", wish_for(clinic.clients.get(row.client), row.kind)
        if wish:
            made.every.append(session_booking(clinic, row, wish, where))
        elif not in_force:
            made.unknown.append(where)
