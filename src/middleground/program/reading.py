"""Reading one session: who is expected, their marks, the note and its parts. Everything passes the record gate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject

from middleground.careplan.queries import open_objectives_of
from middleground.kernel import gate
from middleground.kernel.context import everything
from middleground.records.models import Client

from .models import Addendum, Attendance, GroupNote, Membership, NotePart, Session
from .rules import UNRECORDED
from .sheets import day_of, expected_ids, rosters

TOLD = ("id", "mark", "counts", "minutes", "arrived", "left", "reason", "correction")
SHOWN = ("group", "room", "site", "leader", "co_leader")


@dataclass
class Seat:
    """One person on a session's page: their mark (None: unrecorded), their part, the objectives a note can be tied to."""

    client: Client
    mark: Attendance | None
    part: NotePart | None
    objectives: list[Any] = field(default_factory=list)
    addenda: list[Addendum] = field(default_factory=list)


@dataclass
class Bundle:
    """All that a session's page shows. `unseen`: how many on the roster this access may not see."""

    session: Session
    seats: list[Seat]
    note: GroupNote | None
    unseen: int
    addenda: list[Addendum]

    @property
    def signed(self) -> bool:
        return self.note is not None and self.note.locked

    @property
    def unrecorded(self) -> int:
        return sum(s.mark is None or s.mark.mark == UNRECORDED for s in self.seats) + self.unseen


def session(session_id: int) -> Session | None:
    """The session, if this access may see it; an appointment only with the right to see its client."""
    noted = Exists(GroupNote.objects.filter(session=OuterRef("pk")))
    found = Session.objects.filter(pk=session_id).select_related(*SHOWN).annotate(noted=noted).first()
    if found is None or (found.client_id and not Client.objects.filter(pk=found.client_id).exists()):
        return None
    return found


def roster(session: Session) -> list[Client]:
    """Who is expected at the session as of its day, walk-ins too, by name: those this access may see (two queries)."""
    people = Client.objects.in_bulk(rosters([session])[session.pk])
    return sorted(people.values(), key=lambda c: (c.last_name, c.first_name, c.pk))


def session_page(session: Session, *, whole: bool = False) -> Bundle:
    """The session's page in one bundle of five or six queries, whatever the size of its roster.

    `whole`: the reader leads the session and sees everyone, so nobody needs to be counted as unseen.
    """
    parts = {p.client_id: p for p in _parts(session)}
    note = next((p.note for p in parts.values()), None)
    if note is None and getattr(session, "noted", True):
        note = _note(session)
    people, marks = _people(session)
    signed = note is not None and note.locked
    added = addenda(note, parts) if note and signed else []
    goals = {} if signed else open_objectives_of([c.pk for c in people])
    seats = [
        Seat(c, marks.get(c.pk), parts.get(c.pk), goals.get(c.pk, []), [a for a in added if a.client_id == c.pk])
        for c in people
    ]
    unseen = 0 if whole else len({*rosters([session])[session.pk], *marks}) - len(people)
    return Bundle(session, seats, note, unseen, [a for a in added if a.client_id is None])


def _parts(session: Session) -> QuerySet[NotePart]:
    """Parts in force, each with its note: whoever may read the part of one person may read what it stands in."""
    found = NotePart.objects.filter(session=session, superseded_at=None)
    return found.select_related("objective", "note__signed_by", "note__cosigned_by")


def _note(session: Session) -> GroupNote | None:
    return GroupNote.objects.filter(session=session).select_related("signed_by", "cosigned_by").first()


def _people(session: Session) -> tuple[list[Client], dict[int, Attendance]]:
    """Who is expected or marked, by name, and their marks: one query, both sides of it passing the gate."""
    marked = Attendance.objects.filter(session=session, superseded_at=None)
    told = marked.filter(client=OuterRef("pk")).values(told=JSONObject(**{name: name for name in TOLD}))
    people = list(
        Client.objects.filter(Q(pk__in=expected_ids(session)) | Q(pk__in=marked.values("client_id")))
        .annotate(told=Subquery(told[:1]))
        .order_by("last_name", "first_name", "pk")
    )
    marks = {c.pk: _attendance(session, c, c.told) for c in people if c.told}
    if marks:
        gate.note(Attendance, list(marks.values()))
    return people, marks


def _attendance(session: Session, client: Client, told: dict[str, Any]) -> Attendance:
    row = Attendance(session=session, client=client, **told)
    row.counts = bool(row.counts)
    row.arrived, row.left = as_time(told["arrived"]), as_time(told["left"])
    return row


def as_time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def addenda(note: GroupNote, parts: Iterable[int]) -> list[Addendum]:
    """Addenda of a note this access reads: to the shared part, and about the people whose parts it reads."""
    with everything("addenda to a note that is shown"):
        return list(
            Addendum.objects.filter(Q(client=None) | Q(client__in=list(parts)), note=note).select_related("author")
        )


def previous_parts(session: Session, client_ids: Sequence[int]) -> dict[int, str]:
    """Client id -> text of their last signed part in the two weeks before this session."""
    found: dict[int, str] = {}
    rows = NotePart.objects.filter(
        client_id__in=client_ids,
        superseded_at=None,
        signed_at__isnull=False,
        session__start__lt=session.start,
        session__start__gte=session.start - timedelta(days=14),
    ).order_by("-session__start")
    for client_id, text in rows.values_list("client_id", "response"):
        found.setdefault(client_id, text)
    return found


def guests(session: Session) -> QuerySet[Client]:
    """Clients who are expected at this one session of its group, by name: those this access may see."""
    seats = QuerySet(Membership).filter(session=session.pk, until__gte=F("since"))
    return Client.objects.filter(pk__in=seats.values("client_id")).order_by("last_name", "first_name")


def walk_in_choices(session: Session) -> QuerySet[Client]:
    """Clients in care at the session's site who are not on its roster."""
    day = day_of(session)
    return (
        Client.objects.filter(site=session.site_id, episodes__admitted_on__lte=day, episodes__ended_on=None)
        .exclude(pk__in=rosters([session])[session.pk])
        .order_by("last_name", "first_name")
    )
