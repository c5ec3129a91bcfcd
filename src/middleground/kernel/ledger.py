"""The booking ledger: every booking of a person, a room or a seat.

A booking reserves cells: (resource, quarter hour) under a unique constraint, so no race, fault or second server can
double-book. Resources are keys: `room:3`, `staff:5`, `client:8`, and `seat/<session>/<number>` for one seat of a group.
What has already ended needs no cells and gets none. Only actions call this, inside their transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from .act import Act, Booked
from .context import everything
from .errors import NotBookable
from .models import Booking, Cell

CELL = timedelta(minutes=15)


@dataclass(frozen=True)
class Place:
    """One group session a client wants a seat in. `subject` is the session's key, `capacity` its seats."""

    subject: str
    capacity: int
    start: datetime
    end: datetime


def key(thing: object) -> str:
    """The resource key of a room, a user, a client or a session."""
    names = {"User": "staff", "Room": "room", "Client": "client", "Session": "session"}
    return f"{names[type(thing).__name__]}:{thing.pk}"  # type: ignore[attr-defined]


def quarters(start: datetime, end: datetime) -> list[datetime]:
    """The quarter hours that [start, end) touches, in UTC. Raises ValueError for naive or empty stretches."""
    if timezone.is_naive(start) or timezone.is_naive(end) or end <= start:
        raise ValueError("a booking needs an aware start before its end")
    first = start.astimezone(UTC)
    first -= timedelta(minutes=first.minute % 15, seconds=first.second, microseconds=first.microsecond)
    count = -(-(end.astimezone(UTC) - first) // CELL)
    return [first + CELL * n for n in range(count)]


def reserve(
    act: Act, subject: str, label: str, start: datetime, end: datetime, resources: Iterable[str]
) -> Booking | None:
    """Book all the resources for [start, end), or none of them. Raises `NotBookable` naming the taken ones."""
    wanted = sorted(set(resources))
    cells = quarters(start, end)
    if end <= timezone.now():
        return None
    with everything("booking ledger"):
        try:
            with transaction.atomic():
                booking = Booking.objects.create(subject=subject, label=label, start=start, end=end)
                Cell.objects.bulk_create([Cell(booking=booking, resource=r, at=at) for r in wanted for at in cells])
        except IntegrityError:
            raise NotBookable("That time is no longer free.", taken(wanted, start, end)) from None
    act.booked += [Booked(subject, each, start, goes_on=act.goes_on) for each in wanted]
    return booking


def taken(resources: Iterable[str], start: datetime, end: datetime) -> tuple[str, ...]:
    """Which of the resources are booked at some time in [start, end)."""
    with everything("booking ledger"):
        return tuple(
            sorted(
                set(
                    Cell.objects.filter(resource__in=list(resources), at__in=quarters(start, end)).values_list(
                        "resource", flat=True
                    )
                )
            )
        )


def take_seats(act: Act, client: str, places: Sequence[Place]) -> list[Booking]:
    """A seat for the client in every place, or none at all. Raises `NotBookable` when one is full or the client is busy."""
    coming = sorted((p for p in places if p.end > timezone.now()), key=lambda p: (p.subject, p.start))
    with everything("booking ledger"):
        _hold(coming)
        used = _used_seats(coming)
        bookings = [Booking(subject=f"{p.subject}|{client}", label="group", start=p.start, end=p.end) for p in coming]
        try:
            with transaction.atomic():
                Booking.objects.bulk_create(bookings)
                cells = [c for p, b in zip(coming, bookings, strict=True) for c in _cells(p, b, client, used)]
                # Everybody writes cells in one order, so that two bookings never wait for each other.
                Cell.objects.bulk_create(sorted(cells, key=lambda cell: (cell.resource, cell.at)))
        except IntegrityError:
            raise NotBookable(*_why_not(client, coming)) from None
    act.booked += [Booked(each.subject, client, each.start, goes_on=act.goes_on) for each in coming]
    return bookings


def _hold(places: Sequence[Place]) -> None:
    """Wait for whoever is seating someone in the same sessions (PostgreSQL; SQLite has one writer anyway)."""
    list(
        Booking.objects.select_for_update()
        .filter(subject__in=[p.subject for p in places])
        .order_by("pk")
        .values_list("pk")
    )


def _used_seats(places: Sequence[Place]) -> dict[str, set[int]]:
    used: dict[str, set[int]] = {p.subject: set() for p in places}
    for subject, number in _seats({quarters(p.start, p.end)[0] for p in places}):
        if subject in used:
            used[subject].add(number)
    return used


def _seats(starts: Iterable[datetime]) -> Iterable[tuple[str, int]]:
    rows = Cell.objects.filter(at__in=list(starts), resource__startswith="seat/").values_list("resource", flat=True)
    return [(subject, int(number)) for _, subject, number in (row.split("/") for row in rows)]


def _cells(place: Place, booking: Booking, client: str, used: dict[str, set[int]]) -> list[Cell]:
    held = used[place.subject]  # in a larger room before, some may hold a number beyond the seats there are now
    if len(held) >= place.capacity:
        raise NotBookable("This group is full.", (place.subject,))
    number = next(n for n in range(1, place.capacity + 1) if n not in held)
    held.add(number)
    cells = quarters(place.start, place.end)
    return [
        Cell(booking=booking, resource=f"seat/{place.subject}/{number}", at=cells[0]),
        *(Cell(booking=booking, resource=client, at=at) for at in cells),
    ]


def _why_not(client: str, places: Sequence[Place]) -> tuple[str, tuple[str, ...]]:
    if any(taken([client], p.start, p.end) for p in places):
        return "This client already has something at that time.", (client,)
    return "The last seat was just taken.", tuple(p.subject for p in places)


def one_at_a_time(act: Act, about: str) -> None:
    """Wait for every other action that asks for the same; until this one's transaction ends (SQLite has one writer anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [about])


def release(act: Act, subject: str, why: str) -> int:
    """Give back everything booked under a subject, now and later. Returns how many bookings were released."""
    with everything("booking ledger"):
        return _release(act, Booking.objects.filter(subject=subject, released_at=None), why)


def stood(act: Act, subject: str, resources: Iterable[str], start: datetime) -> None:
    """Say that these had a place there at `start`, though nothing of it is booked any more: what was called off is held again, and
    whoever comes back to it is nobody new in it (`Act.booked`)."""
    act.booked += [Booked(subject, each, start, given_back=True) for each in resources]


def release_client(act: Act, client: str, since: datetime, why: str) -> int:
    """Give back every seat and hour of a client that starts at or after `since` (a discharge, a changed week)."""
    with everything("booking ledger"):
        theirs = Cell.objects.filter(resource=client, at__gte=since).values("booking_id")
        return _release(act, Booking.objects.filter(pk__in=theirs, start__gte=since, released_at=None), why)


def _release(act: Act, bookings: object, why: str) -> int:
    rows = {pk: told for pk, *told in bookings.values_list("pk", "subject", "start")}  # type: ignore[attr-defined]
    cells = Cell.objects.filter(booking_id__in=rows)
    for pk, resource in cells.exclude(resource__startswith="seat/").values_list("booking_id", "resource").distinct():
        subject, start = rows[pk]
        act.booked.append(Booked(subject.partition("|")[0], resource, start, given_back=True))
    cells.delete()
    return Booking.objects.filter(pk__in=rows).update(released_at=act.now, released_why=why[:120])


def held_by(resource: str, about: str, start: datetime, end: datetime) -> list[tuple[str, datetime, datetime]]:
    """What is booked for a resource between two times under subjects that begin with `about`, by time: subject, start and end."""
    with everything("booking ledger"):
        cells = Cell.objects.filter(resource=resource, at__gte=start, at__lt=end, booking__subject__startswith=about)
        found = Booking.objects.filter(pk__in=cells.values("booking_id"))
        return list(found.order_by("start", "pk").values_list("subject", "start", "end"))


def seats_taken(places: Sequence[Place]) -> dict[str, int]:
    """How many seats of each session are booked, by subject."""
    with everything("booking ledger"):
        return {subject: len(numbers) for subject, numbers in _used_seats(places).items()}
