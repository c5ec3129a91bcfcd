"""One client's record as strands: rows of one shape from every room, read in a single statement, each with its kind.

Every strand passes the record gate by itself, so a kind that the reader may not see brings no row. What a consent would
show and what a letter may say are narrowings of the same rows by kind.
"""

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Case, CharField, DateField, DateTimeField, F, FloatField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from middleground.assessment.models import Assessment, InstrumentResult, PlacementDecision
from middleground.careplan.models import Discharge, Objective, Plan, Review
from middleground.engines import disclosure
from middleground.kernel.context import required
from middleground.medical.models import Allergy, DrugScreen, Medication
from middleground.program.models import Attendance, Membership, NotePart, Session
from middleground.records.models import CareTeamMember, Client, Consent, Episode, Task
from middleground.recovery.models import CheckIn, Milestone, UseEpisode

TEXT = TextField()


class Row(NamedTuple):
    """One fact. `at` a moment or `on` a day; `until` the last day of a span; numbers and words as the lane says."""

    kind: str
    lane: str
    at: datetime | None
    on: date | None
    until: date | None
    number: float | None
    other: float | None
    words: str
    detail: str
    more: str

    @property
    def day(self) -> date:
        return timezone.localdate(self.at) if self.at else self.on or date.min

    def read(self, otherwise: Any) -> Any:
        """`more`, kept as JSON text."""
        return json.loads(self.more) if self.more else otherwise


Strand = tuple[str, str, Callable[[Client], QuerySet], dict[str, Any]]


def yes(name: str) -> Case:
    return Case(When(**{name: True}, then=Value(1.0)), default=Value(0.0), output_field=FloatField())


def is_known(name: str) -> Case:
    return Case(When(**{f"{name}__isnull": False}, then=Value(1.0)), default=Value(0.0), output_field=FloatField())


def of(model: Any, **where: Any) -> Callable[[Client], QuerySet]:
    return lambda client: model.objects.filter(client=client, **where)


STORY: tuple[Strand, ...] = (
    (
        "identity",
        "episode",
        of(Episode),
        {
            "on": "admitted_on",
            "until": "ended_on",
            "number": "prescribed_minutes",
            "words": "level_of_care",
            "detail": "pathway",
            "more": Cast("expected_end_on", TEXT),
        },
    ),
    (
        "identity",
        "team",
        of(CareTeamMember),
        {"on": "since", "until": "until", "words": "user__name", "detail": "part"},
    ),
    (
        "schedule",
        "task",
        of(Task, done_at=None),
        {
            "at": "due_at",
            "number": "pk",
            "words": "what",
            "detail": Coalesce("owner__name", "owner_role"),
            "more": "why",
        },
    ),
    (
        "plan",
        "plan",
        of(Plan),
        {
            "at": Coalesce("signed_at", "opened_at"),
            "on": "review_on",
            "number": "prescribed_minutes",
            "other": is_known("client_signed_at"),
            "words": "status",
        },
    ),
    ("plan", "review", of(Review), {"at": "held_at", "on": "next_review_on", "words": "decision"}),
    ("plan", "discharge", of(Discharge), {"on": "on", "words": "reason", "detail": "next_care"}),
    ("assessment", "level", of(PlacementDecision), {"at": "at", "words": "selected", "detail": "recommended"}),
    ("assessment", "assessment", of(Assessment, status="signed"), {"at": "signed_at", "words": "sort"}),
    (
        "assessment",
        "score",
        of(InstrumentResult, superseded_at=None),
        {
            "at": "given_at",
            "number": "total",
            "other": "most",
            "words": "instrument",
            "detail": "band_label",
            "more": Cast("flags", TEXT),
        },
    ),
    (
        "attendance",
        "attendance",
        of(Attendance, superseded_at=None),
        {"on": "on", "number": "minutes", "other": yes("counts"), "words": "mark", "detail": "reason"},
    ),
    ("check-in", "check-in", of(CheckIn), {"at": "at", "number": "craving", "other": "mood"}),
    (
        "drug-screen",
        "screen",
        of(DrugScreen, resulted_at__isnull=False),
        {
            "at": Coalesce("collected_at", "resulted_at"),
            "number": is_known("discussed_with_client_at"),
            "words": Cast("expected", TEXT),
            "detail": Cast("doubts", TEXT),
            "more": Cast("panel", TEXT),
        },
    ),
    (
        "medical",
        "medication",
        of(Medication, superseded_at=None),
        {
            "on": Coalesce("since", "started_on", Cast("listed_at", DateField())),
            "until": "stopped_on",
            "number": yes("is_mat"),
            "words": "name",
            "detail": "dose",
        },
    ),
    (
        "medical",
        "allergy",
        of(Allergy, withdrawn_at=None),
        {"at": "recorded_at", "words": "what", "detail": "reaction"},
    ),
    ("event", "return-to-use", of(UseEpisode), {"on": "on", "number": yes("overdose"), "words": "substance"}),
    ("event", "milestone", of(Milestone), {"on": "on", "words": "words"}),
)

# What else stands in a record: shown in a preview of what a consent would let out, not on the timeline. A stay's dates are
# part of the schedule and its level part of the plan: who may know these may not yet know the rest of the episode.
BESIDE: tuple[Strand, ...] = (
    ("schedule", "stay", of(Episode), {"on": "admitted_on", "until": Coalesce("ended_on", "expected_end_on")}),
    (
        "plan",
        "dose",
        of(Episode),
        {"on": "admitted_on", "until": "ended_on", "number": "prescribed_minutes", "words": "level_of_care"},
    ),
    (
        "plan",
        "objective",
        of(Objective, removed_at=None, goal__problem__plan__status="active"),
        {"on": "target_on", "words": "words", "detail": "status"},
    ),
    (
        "session-note",
        "note",
        of(NotePart, superseded_at=None, signed_at__isnull=False),
        {"at": "signed_at", "words": "response"},
    ),
    (
        "schedule",
        "group",
        of(Membership, session=None),
        {
            "on": "since",
            "until": "until",
            "number": "group__weekday",
            "other": "group__minutes",
            "words": "group__title",
            "detail": Cast("group__start_time", TEXT),
        },
    ),
    ("schedule", "appointment", of(Session), {"at": "start", "words": "title", "detail": "status"}),
    ("consent", "consent", of(Consent), {"at": "signed_at", "until": "ends_on", "words": "recipient"}),
)
EMPTY: dict[str, Any] = {
    "at": Cast(Value(None), DateTimeField()),
    "on": Cast(Value(None), DateField()),
    "until": Cast(Value(None), DateField()),
    "number": Cast(Value(None), FloatField()),
    "other": Cast(Value(None), FloatField()),
    "words": Value("", TEXT),
    "detail": Value("", TEXT),
    "more": Value("", TEXT),
}


def kinds_of(strands: Iterable[Strand]) -> list[str]:
    return list(dict.fromkeys(kind for kind, *_ in strands))


def hidden_kinds(strands: Iterable[Strand] = STORY, reaches: Collection[str] = ("none",)) -> list[str]:
    """The kinds among these that the reader's roles never reach; with "author" among `reaches`, also those they reach only of their own."""
    access = required()
    if access.everything:
        return []
    return [kind for kind in kinds_of(strands) if disclosure.scope(access.actor.roles, kind).name in reaches]


def read(client: Client, strands: Sequence[Strand] = STORY) -> list[Row]:
    """Every row this access may see, by day: one statement whatever the size of the record."""
    hidden = set(hidden_kinds(strands))
    parts = [_shaped(strand, client) for strand in strands if strand[0] not in hidden]
    if not parts:
        return []
    rows = [Row(*values) for values in parts[0].union(*parts[1:], all=True)]
    _note(client, rows)
    return sorted(rows, key=lambda row: (row.day, row.at is not None, row.at and row.at.timestamp() or 0))


def _shaped(strand: Strand, client: Client) -> QuerySet:
    kind, lane, rows, given = strand
    columns = [_column(name, given.get(name, blank)) for name, blank in EMPTY.items()]
    return rows(client).order_by().values_list(Value(kind, CharField()), Value(lane, CharField()), *columns)


def _column(name: str, source: Any) -> Any:
    if name in ("number", "other"):
        return Cast(source, FloatField())
    if name in ("words", "detail", "more"):
        return Coalesce(Cast(source, TEXT), Value("", TEXT))
    return F(source) if isinstance(source, str) else source


def _note(client: Client, rows: Iterable[Row]) -> None:
    """Rows of values carry no client: say to the access log whose record this was and which kinds were read."""
    access = required()
    if not access.everything:
        access.seen[client.pk].update({row.kind for row in rows})


def narrowed(rows: Iterable[Row], kinds: Iterable[str]) -> list[Row]:
    """Only the rows of these kinds. Pure: preview, letter and disclosure all lose the same rows with the same kind."""
    allowed = frozenset(kinds)
    return [row for row in rows if row.kind in allowed]
