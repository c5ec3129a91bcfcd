"""Treatment days as they were delivered and as they are booked, read from the program's sessions, attendance and notes."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from middleground.engines import knowing
from middleground.kernel.context import everything
from middleground.program.models import Attendance, GroupNote, NotePart, Session
from middleground.program.queries import bounds
from middleground.records.models import Client

Key = tuple[int, date]


@dataclass
class Delivered:
    """One client's day: clinical minutes attended, the sessions behind them, and how many of their notes are not signed."""

    minutes: int = 0
    sessions: list[dict[str, Any]] = field(default_factory=list)
    unsigned: int = 0


def clinical_kinds() -> set[str]:
    """Session kinds whose minutes count as treatment (vocabulary/session-kinds)."""
    return {each["id"] for each in knowing.load("vocabulary")["session-kinds"]["items"] if each["clinical"]}


def delivered(first: date, last: date, client: Client | None = None) -> dict[Key, Delivered]:
    """(client id, day) -> what was delivered on it, both days included. Three queries."""
    rows = Attendance.objects.filter(
        on__range=(first, last),
        superseded_at=None,
        counts=True,
        minutes__gt=0,
        session__session_kind__in=clinical_kinds(),
        client__isnull=False,
    )
    if client is not None:
        rows = rows.filter(client=client)
    found = list(rows.order_by("on", "session_id").values_list("client_id", "on", "session_id", "minutes"))
    lacking = undocumented({session for _, _, session, _ in found})
    days: dict[Key, Delivered] = defaultdict(Delivered)
    for client_id, on, session_id, minutes in found:
        day = days[client_id, on]
        day.minutes += minutes
        day.sessions.append({"id": session_id, "minutes": minutes})
        day.unsigned += (session_id, None) in lacking or (session_id, client_id) in lacking
    return dict(days)


def attended(client_ids: Iterable[int], first: date, but: QuerySet[Any]) -> dict[int, dict[date, int]]:
    """client id -> day -> clinical minutes attended since `first`, without the days found in `but`. One query."""
    rows = Attendance.objects.filter(
        ~Exists(but),
        client__in=list(client_ids),
        on__gte=first,
        superseded_at=None,
        counts=True,
        session__session_kind__in=clinical_kinds(),
    )
    days: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for client_id, on, minutes in rows.values_list("client_id", "on", "minutes"):
        days[client_id][on] += minutes
    return days


def attended_days(first: date, last: date) -> set[Key]:
    """(client id, day) on which anything clinical was attended. One query."""
    rows = Attendance.objects.filter(
        on__range=(first, last),
        superseded_at=None,
        counts=True,
        minutes__gt=0,
        session__session_kind__in=clinical_kinds(),
    )
    return set(rows.values_list("client_id", "on"))


def undocumented(session_ids: Iterable[int]) -> set[tuple[int, int | None]]:
    """(session, None) without a signed note, and (session, client) where that client's own part is not signed.

    A biller may not read notes: whether one is signed is all that is taken from them.
    """
    ids = set(session_ids)
    with everything("whether notes are signed"):
        sessions = Session.objects.filter(pk__in=ids)
        signed = set(
            GroupNote.objects.filter(session__in=sessions, signed_at__isnull=False).values_list("session_id", flat=True)
        )
        parts = NotePart.objects.filter(session__in=sessions, signed_at=None, superseded_at=None)
        loose = set(parts.values_list("session_id", "client_id"))
    return {(each, None) for each in ids - signed} | loose


def booked(client_ids: Iterable[int], after: date) -> dict[int, list[date]]:
    """client id -> the days after `after` on which a session is booked for them, in order. One query."""
    days: dict[int, set[date]] = {each: set() for each in client_ids}
    coming = Session.objects.filter(
        Q(group__memberships__client__in=days) | Q(client__in=days),
        start__gte=bounds(after)[1],
        status=Session.Status.SCHEDULED,
        session_kind__in=clinical_kinds(),
    )
    member = "group__memberships__"
    for start, own, client_id, since, until, only, session_id in coming.values_list(
        "start", "client_id", f"{member}client_id", f"{member}since", f"{member}until", f"{member}session_id", "pk"
    ):
        day = timezone.localdate(start)
        if own in days:
            days[own].add(day)
        if client_id in days and since <= day and (until is None or day <= until) and only in (None, session_id):
            days[client_id].add(day)
    return {client_id: sorted(each) for client_id, each in days.items()}
