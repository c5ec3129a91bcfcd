"""What stands about a session: who is expected as of its day, their marks, the note and its parts. Read for any number of
sessions in four queries, whole (rules must see everybody), inside actions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from middleground.kernel.context import everything

from .models import Attendance, GroupNote, Membership, NotePart, Session
from .rules import UNRECORDED


@dataclass
class Sheet:
    """One session: `roster` holds client ids; the maps are by client id and hold current rows only."""

    session: Session
    roster: list[int] = field(default_factory=list)
    marks: dict[int, Attendance] = field(default_factory=dict)
    note: GroupNote | None = None
    parts: dict[int, NotePart] = field(default_factory=dict)

    @property
    def signed(self) -> bool:
        return self.note is not None and self.note.locked

    @property
    def unrecorded(self) -> list[int]:
        """Who is on the roster and has no mark yet."""
        return [c for c in self.roster if c not in self.marks or self.marks[c].mark == UNRECORDED]

    @property
    def there(self) -> list[int]:
        """Who was there, by the marks."""
        return [client for client, row in self.marks.items() if row.counts]


def day_of(session: Session) -> date:
    """The clinic's day on which a session is held."""
    return timezone.localdate(session.start)


def rosters(sessions: Iterable[Session]) -> dict[int, list[int]]:
    """Session id -> ids of the clients expected: members as of the session's day whose episode is open then, and walk-ins.

    One query. Whole, not narrowed: callers show people only through the gate.
    """
    wanted = list(sessions)
    found = {s.pk: [s.client_id] if s.client_id else [] for s in wanted}
    groups = {s.group_id for s in wanted if s.group_id}
    if not groups:
        return found
    days = [day_of(s) for s in wanted]
    by_group: dict[int, list[tuple]] = {}
    with everything("who is expected"):
        rows = (
            Membership.objects.filter(group_id__in=groups, since__lte=max(days))
            .filter(Q(until=None) | Q(until__gte=min(days)))
            .order_by("client__last_name", "client__first_name", "client_id")
            .values_list(
                "group_id", "client_id", "session_id", "since", "until", "episode__admitted_on", "episode__ended_on"
            )
        )
        for group_id, *rest in rows:
            by_group.setdefault(group_id, []).append(tuple(rest))
    for session in wanted:
        if session.group_id:
            on = day_of(session)
            found[session.pk] = list(
                dict.fromkeys(row[0] for row in by_group.get(session.group_id, ()) if _expected(session, on, *row[1:]))
            )
    return found


def expected_ids(session: Session) -> Any:
    """The ids of the clients expected at one session, as something a query can hold ("pk__in")."""
    if session.group_id is None:
        return [session.client_id]
    on = day_of(session)
    return (
        QuerySet(Membership)
        .filter(group_id=session.group_id, since__lte=on, episode__admitted_on__lte=on)
        .filter(Q(until=None) | Q(until__gte=on), Q(session=None) | Q(session=session.pk))
        .filter(Q(episode__ended_on=None) | Q(episode__ended_on__gte=on))
        .values("client_id")
    )


def _expected(
    session: Session, on: date, only: int | None, since: date, until: date | None, admitted: date, ended: date | None
) -> bool:
    here = only is None or only == session.pk
    return here and since <= on <= (until or on) and admitted <= on <= (ended or on)


def sheets(sessions: Sequence[Session]) -> list[Sheet]:
    """A sheet for each session, in their order (four queries)."""
    expected = rosters(sessions)
    made = {s.pk: Sheet(s, expected[s.pk]) for s in sessions}
    with everything("marks and notes of a session"):
        for row in Attendance.objects.filter(session_id__in=made, superseded_at=None):
            made[row.session_id].marks[row.client_id] = row
        for note in GroupNote.objects.filter(session_id__in=made):
            made[note.session_id].note = note
        for part in NotePart.objects.filter(session_id__in=made, superseded_at=None):
            made[part.session_id].parts[part.client_id] = part
    return list(made.values())


def sheet(session: Session) -> Sheet:
    return sheets([session])[0]
