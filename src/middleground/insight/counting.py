"""The numbers behind the program's pictures, each question one statement, aggregated where the rows are.

Rows that arrive here name nobody: days, counts, lengths of stay. Used by the director's board and by the public figures.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import CharField, Count, DateField, Exists, F, Min, OuterRef, Q, QuerySet, Sum, Value, Window
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

    def is_in_care(self, day: date) -> bool:
        return self.admitted_on <= day and (self.ended_on is None or self.ended_on >= day)


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
    return [Care(*row) for row in rows.order_by("admitted_on", "pk").values_list(
        "pk", "admitted_on", "ended_on", "end_reason", "level_of_care", "prescribed_minutes", "first_contact_on")]


def attendance_days(since: date) -> list[Day]:
    """One row a day, whatever the number of clients."""
    rows = Attendance.objects.filter(on__gte=since, on__lte=clock.today(), superseded_at=None).order_by().values("on")
    summed = rows.annotate(minutes=Coalesce(Sum("minutes", filter=Q(counts=True)), 0), marks=Count("pk"),
                           missed=Count("pk", filter=Q(mark="no-show")))
    return [Day(*row) for row in summed.order_by("on").values_list("on", "minutes", "marks", "missed")]


def stays(since: date) -> list[Stay]:
    """Episodes that began since then, with the days of their first thirty on which treatment was given."""
    span = timedelta(days=load("outcomes")["niatx"]["continuation"]["within_days"])
    rows = Episode.objects.filter(admitted_on__gte=since, admitted_on__lte=clock.today())
    came = Q(client__attendances__counts=True, client__attendances__superseded_at=None,
             client__attendances__on__gt=F("admitted_on"),
             client__attendances__on__lte=Cast(F("admitted_on") + Value(span), DateField()))
    found: dict[tuple[int, date], set[date]] = {}
    for key, admitted, on in rows.filter(came).order_by().values_list("pk", "admitted_on", "client__attendances__on").distinct():
        found.setdefault((key, admitted), set()).add(on)
    return [Stay(admitted, frozenset(days)) for (_, admitted), days in found.items()]


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
        back=Window(RowNumber(), partition_by=by, order_by=[F("given_at").desc(), F("pk").desc()]))
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


def tallies() -> list[Tally]:
    """Who is in which track today, and which documents are owed: one statement."""
    parts = [in_tracks(), *(_owed(sort, rows, when) for sort, rows, when in owed())]
    return [Tally(*row) for row in parts[0].union(*parts[1:], all=True)]


def in_tracks() -> QuerySet:
    today = clock.today()
    here = (
        Membership.objects.filter(session=None, since__lte=today, episode__admitted_on__lte=today)
        .filter(Q(until=None) | Q(until__gte=today))
        .filter(Q(episode__ended_on=None) | Q(episode__ended_on__gte=today))
    )
    counted = here.order_by().values("group__track__name").annotate(
        as_sort=Value("track", CharField()), as_label=F("group__track__name"), people=Count("client_id", distinct=True),
        earliest=Min("since"))
    return counted.values_list("as_sort", "as_label", "people", "earliest")


def _owed(sort: str, rows: QuerySet, when: str) -> QuerySet:
    named = rows.order_by().annotate(as_sort=Value(sort, CharField()), as_label=Value("", CharField()))
    counted = named.values("as_sort", "as_label").annotate(owed=Count("pk"), earliest=Min(Cast(when, DateField())))
    return counted.values_list("as_sort", "as_label", "owed", "earliest")


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
        ("notes-to-cosign", GroupNote.objects.filter(signed_at__isnull=False, cosign_needed=True, cosigned_at=None), "signed_at"),
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
