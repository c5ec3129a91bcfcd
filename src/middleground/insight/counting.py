"""The numbers behind the program's pictures, each question one statement, aggregated where the rows are.

Rows that arrive here name nobody: days, counts, lengths of stay. Used by the director's board and by the public figures.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import (
    CharField,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber
from django.utils import timezone

from middleground.admissions.models import Inquiry
from middleground.admissions.promises import Promise
from middleground.admissions.promises import clock as promises_of
from middleground.assessment.models import Assessment, InstrumentResult
from middleground.careplan.models import Plan
from middleground.engines.knowing import load
from middleground.engines.outcomes import Stay
from middleground.kernel import clock
from middleground.program.models import Attendance, GroupNote, Membership, Session
from middleground.records.models import Episode, Task


class Care(NamedTuple):
    """One episode without its client's name: when it began and ended, at which level and dose, since which first contact."""

    key: int
    admitted_on: date
    ended_on: date | None
    reason: str
    level: str
    minutes: int
    first_contact_on: date | None

    def is_in_care_after(self, day: date) -> bool:
        """Whether they are in care at the end of the day, as a midnight census counts: the day of admission, not that of discharge."""
        return self.admitted_on <= day and (self.ended_on is None or self.ended_on > day)


class Day(NamedTuple):
    """Attendance of one day over all clients: minutes that counted, marks, no-shows."""

    on: date
    minutes: int
    marks: int
    no_shows: int


class Tally(NamedTuple):
    """A number of rows of one sort, with the earliest day among them."""

    sort: str
    label: str
    n: int
    oldest: date | None


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def episodes(since: date) -> list[Care]:
    """Every episode in care on some day since then."""
    rows = Episode.objects.filter(Q(ended_on=None) | Q(ended_on__gte=since), admitted_on__lte=clock.today())
    return [
        Care(*row)
        for row in rows.order_by("admitted_on", "pk").values_list(
            "pk", "admitted_on", "ended_on", "end_reason", "level_of_care", "prescribed_minutes", "first_contact_on"
        )
    ]


class Facts(NamedTuple):
    """What one statement over several tables brings: days of attendance, stays with their first treatment days, tallies."""

    days: list[Day]
    stays: list[Stay]
    tallies: list[Tally]


def facts(since: date) -> Facts:
    """Attendance by day, episodes begun since with their days of treatment, who is in which track, what is owed."""
    parts = [_attendance_days(since), _treatment_days(since), _in_tracks(), *(_owed(*each) for each in owed())]
    days, stays, tallies = [], [], []
    for sort, label, day, other, *numbers in parts[0].union(*parts[1:], all=True):
        if sort == "day":
            days.append(Day(day, *numbers))
        elif sort == "stay":
            stays.append((numbers[0], day, other))
        else:
            tallies.append(Tally(sort, label, numbers[0], day))
    return Facts(sorted(days), _stays(stays), tallies)


def stays(since: date) -> list[Stay]:
    """Episodes begun since then that had a further day of treatment, with those of their first thirty days."""
    return _stays((key, admitted, on) for _, _, admitted, on, key, *_ in _treatment_days(since))


def _stays(rows: Iterable[tuple[int, date, date]]) -> list[Stay]:
    found: dict[tuple[int, date], set[date]] = {}
    for key, admitted, on in rows:
        found.setdefault((key, admitted), set()).add(on)
    return [Stay(admitted, frozenset(days)) for (_, admitted), days in found.items()]


# The common shape of these statements: sort, label, a day, another day, three numbers.


def _attendance_days(since: date) -> QuerySet:
    """One row a day, whatever the number of clients."""
    rows = Attendance.objects.filter(on__gte=since, on__lte=clock.today(), superseded_at=None).order_by().values("on")
    summed = rows.annotate(
        given=Coalesce(Sum("minutes", filter=Q(counts=True)), 0),
        marks=Count("pk"),
        missed=Count("pk", filter=Q(mark="no-show")),
    )
    return summed.values_list(_words("day"), _words(""), F("on"), F("on"), F("given"), F("marks"), F("missed"))


def _treatment_days(since: date) -> QuerySet:
    """Days with treatment within the span of NIATx continuation after the day of admission."""
    span = timedelta(days=load("outcomes")["niatx"]["continuation"]["within_days"])
    came = Q(
        client__attendances__counts=True,
        client__attendances__superseded_at=None,
        client__attendances__on__gt=F("admitted_on"),
        client__attendances__on__lte=Cast(F("admitted_on") + Value(span), DateField()),
    )
    rows = Episode.objects.filter(admitted_on__gte=since, admitted_on__lte=clock.today()).filter(came).order_by()
    nothing = Value(0, IntegerField())
    return rows.values_list(
        _words("stay"), _words(""), F("admitted_on"), F("client__attendances__on"), F("pk"), nothing, nothing
    ).distinct()


def _words(text: str) -> Value:
    return Value(text, CharField())


def waiting(since: date) -> list[list[Promise]]:
    """For each person who asked since then, the promises made to them and whether each was kept."""
    fields = ("received_at", "transfer_on", "first_called_at", "assessed_at", "first_session_at", "status")
    rows = Inquiry.objects.filter(received_at__gte=midnight(since)).order_by().values_list(*fields)
    now = clock.now()
    return [promises_of(Inquiry(**dict(zip(fields, row, strict=True))), now) for row in rows]


def first_and_latest(since: date) -> dict[str, list[tuple[int, float, float]]]:
    """Instrument id -> (client key, first score, latest score) of everybody asked at least twice since then."""
    measures = list(load("outcomes")["measure-change"]["measures"])
    given = InstrumentResult.objects.filter(instrument__in=measures, superseded_at=None, given_at__gte=midnight(since))
    by = [F("client_id"), F("instrument")]
    ranked = given.order_by().annotate(
        nth=Window(RowNumber(), partition_by=by, order_by=[F("given_at").asc(), F("pk").asc()]),
        back=Window(RowNumber(), partition_by=by, order_by=[F("given_at").desc(), F("pk").desc()]),
    )
    ends = ranked.filter(Q(nth=1) | Q(back=1)).values_list("client_id", "instrument", "nth", "back", "total")
    first: dict[tuple[int, str], float] = {}
    latest: dict[tuple[int, str], float] = {}
    for client, instrument, nth, back, total in ends:
        if nth == back == 1:
            continue
        (first if nth == 1 else latest)[client, instrument] = total
    found: dict[str, list[tuple[int, float, float]]] = {name: [] for name in measures}
    for (client, instrument), score in first.items():
        if (client, instrument) in latest:
            found[instrument].append((client, score, latest[client, instrument]))
    return found


def _in_tracks() -> QuerySet:
    today = clock.today()
    here = (
        Membership.objects.filter(session=None, since__lte=today, episode__admitted_on__lte=today)
        .filter(Q(until=None) | Q(until__gte=today))
        .filter(Q(episode__ended_on=None) | Q(episode__ended_on__gte=today))
    )
    counted = (
        here.order_by()
        .values("group__track__name")
        .annotate(people=Count("client_id", distinct=True), first=Min("since"))
    )
    n = F("people")
    return counted.values_list(_words("track"), F("group__track__name"), F("first"), F("first"), n, n, n)


def _owed(sort: str, rows: QuerySet, when: str) -> QuerySet:
    named = rows.order_by().annotate(as_sort=_words(sort)).values("as_sort")
    counted = named.annotate(owed=Count("pk"), first=Cast(Min(when), DateField()))
    n = F("owed")
    return counted.values_list(F("as_sort"), _words(""), F("first"), F("first"), n, n, n)


def owed() -> Iterable[tuple[str, QuerySet, str]]:
    """(sort, rows, the field that says since when) of every document that is owed."""
    now, today = clock.now(), clock.today()
    signed = GroupNote.objects.filter(session=OuterRef("pk"), signed_at__isnull=False)
    back = now - timedelta(days=load("insight")["board"]["documents_days"])
    over = Session.objects.filter(end__lte=now, end__gt=back).exclude(status=Session.Status.NOT_HELD)
    unsigned = over.filter(~Exists(signed))
    open_now = Plan.objects.filter(episode__ended_on=None)
    active = Plan.objects.filter(episode=OuterRef("pk"), status="active")
    return (
        ("unsigned-notes", unsigned, "start"),
        ("unrecorded-sessions", unsigned.filter(Exists(_unmarked())), "start"),
        (
            "notes-to-cosign",
            GroupNote.objects.filter(signed_at__isnull=False, cosign_needed=True, cosigned_at=None),
            "signed_at",
        ),
        ("episodes-without-plan", Episode.objects.filter(ended_on=None).filter(~Exists(active)), "admitted_on"),
        ("plans-unsigned-by-client", open_now.filter(status="active", client_signed_at=None), "signed_at"),
        ("reviews-due", open_now.filter(status="active", review_on__lte=today), "review_on"),
        ("assessments-unsigned", Assessment.objects.filter(status="draft"), "opened_at"),
        ("tasks-late", Task.objects.filter(done_at=None, due_at__lt=now), "due_at"),
    )


def _unmarked() -> QuerySet:
    """Somebody expected at the session (a member as of its day, a walk-in) or its own client without a mark."""
    marked = Attendance.objects.filter(session=OuterRef(OuterRef("pk")), client=OuterRef("client"), superseded_at=None)
    day = Cast(OuterRef("start"), DateField())
    return (
        Membership.objects.filter(group=OuterRef("group"), since__lte=day)
        .filter(Q(session=None) | Q(session=OuterRef("pk")))
        .filter(Q(until=None) | Q(until__gte=day))
        .filter(Q(episode__ended_on=None) | Q(episode__ended_on__gte=day))
        .filter(~Exists(marked.exclude(mark="unrecorded")))
    )
