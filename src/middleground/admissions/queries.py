"""Reading inquiries, referrals out and overridden admissions. Everything here passes the record gate, but when somebody assesses."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from middleground.assessment.models import PlacementDecision
from middleground.kernel import ledger
from middleground.kernel.context import everything
from middleground.records.models import Client, Episode

from .admitting import Checked, checklist
from .models import AdmissionOverride, ContactAttempt, Inquiry, ReferralOut
from .promises import Promise, clock, is_soon, next_promise
from .words import label

__all__ = ["Checked", "Promise", "checklist", "clock", "is_soon", "next_promise"]

CLOSED = (Inquiry.Status.ADMITTED, Inquiry.Status.REFERRED, Inquiry.Status.LOST)


def inquiries(
    status: str = "", owner: int | None = None, pathway: str = "", source: str = "", search: str = ""
) -> QuerySet[Inquiry]:
    """Inquiries by when they came in, the newest first. `status` "open" and "closed" name several."""
    found = (
        Inquiry.objects.select_related("owner", "assessor")
        .order_by("-received_at")
        .annotate(decided=Exists(PlacementDecision.objects.filter(client_id=OuterRef("client_id"), status="final")))
    )
    found = _at_stage(found, status)
    if owner is not None:
        found = found.filter(owner_id=owner)
    for word in search.split()[:4]:
        found = found.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(phone__contains=word)
            | Q(reference__iexact=word)
        )
    return found.filter(**{name: value for name, value in (("pathway", pathway), ("referral_source", source)) if value})


def _at_stage(found: QuerySet[Inquiry], status: str) -> QuerySet[Inquiry]:
    assessing = Q(status=Inquiry.Status.ASSESSING)
    stages = {
        "": Q(),
        "open": ~Q(status__in=CLOSED),
        "closed": Q(status__in=CLOSED),
        "assessing": assessing & Q(decided=False),
        "recommended": Q(status=Inquiry.Status.RECOMMENDED) | (assessing & Q(decided=True)),
    }
    return found.filter(stages.get(status, Q(status=status)))


def inquiry(inquiry_id: int) -> Inquiry | None:
    """The inquiry, or None when there is none that this access may see."""
    return Inquiry.objects.select_related("owner", "assessor", "room", "site", "client").filter(pk=inquiry_id).first()


@dataclass(frozen=True)
class Waiting:
    """An inquiry on the board with the promise that is due first (None: nothing is promised any more)."""

    inquiry: Inquiry
    promise: Promise | None
    tone: str

    @property
    def stage(self) -> str:
        """The status, but "recommended" as soon as a clinician's decision on the level of care is final."""
        decided = self.inquiry.status == Inquiry.Status.ASSESSING and getattr(self.inquiry, "decided", False)
        return str(Inquiry.Status.RECOMMENDED if decided else self.inquiry.status)


def board(rows: Iterable[Inquiry], now: datetime) -> list[Waiting]:
    """Inquiries with their clocks, the most urgent first; those that owe nothing come last, the newest first."""
    found = [_waiting(row, next_promise(row, now), now) for row in rows]
    return sorted(found, key=lambda w: (w.promise is None, w.promise.due if w.promise else now, -w.inquiry.pk))


def _waiting(row: Inquiry, promise: Promise | None, now: datetime) -> Waiting:
    tone = (
        "plain"
        if promise is None
        else "danger"
        if promise.state == "broken"
        else "watch"
        if is_soon(promise, now)
        else "info"
    )
    return Waiting(row, promise, tone)


@dataclass(frozen=True)
class Moment:
    """Something that happened to an inquiry."""

    at: datetime
    words: str
    by: str = ""
    note: str = ""


def story(found: Inquiry, attempts: Iterable[ContactAttempt]) -> list[Moment]:
    """Everything that happened to an inquiry, the newest first."""
    told = [Moment(found.received_at, f"Came in: {found.get_came_through_display().lower()}")]
    told += [
        Moment(
            a.at,
            f"{label('contact-channels', a.channel)}: {label('contact-outcomes', a.outcome).lower()}",
            str(a.by or ""),
            a.note,
        )
        for a in attempts
    ]
    told += [
        Moment(at, words)
        for at, words in (
            (found.assessed_at, "Assessment began"),
            (found.first_session_at, "First session"),
            (found.closed_at, found.get_status_display()),
        )
        if at
    ]
    return sorted(told, key=lambda moment: moment.at, reverse=True)


@dataclass(frozen=True)
class WayIn:
    """A client on the way to admission: who, the inquiry that led here, and the day of admission once it happened."""

    client: Client
    inquiry: Inquiry | None
    admitted_on: date | None


def way_in(client_id: int) -> WayIn | None:
    """One query where there is an inquiry. None when this access may not see the client."""
    running = Episode.objects.filter(client_id=OuterRef("client_id"), ended_on=None).values("admitted_on")[:1]
    found = (
        Inquiry.objects.select_related("client", "client__site")
        .filter(client_id=client_id, client__in=Client.objects.all())
        .annotate(admitted_on=Subquery(running))
        .order_by("-received_at")
        .first()
    )
    if found is not None and found.client is not None:
        return WayIn(found.client, found, found.admitted_on)
    client = Client.objects.select_related("site").filter(pk=client_id).first()
    episode = Episode.objects.filter(client=client, ended_on=None).first() if client else None
    return WayIn(client, None, episode.admitted_on if episode else None) if client else None


def latest_inquiry(client: Client) -> Inquiry | None:
    """The inquiry that led to this client's record, the newest one."""
    return Inquiry.objects.select_related("owner", "site").filter(client=client).order_by("-received_at").first()


@dataclass(frozen=True)
class Visit:
    """An assessment in the calendar of whoever does it, who may not read the inquiry: when, and where unless by video."""

    inquiry_id: int
    start: datetime
    end: datetime
    address: str
    version: int


def visits_of(assessor_id: int, start: datetime, end: datetime) -> list[Visit]:
    """The assessments booked with a staff member between two times, by time; how long they are, the ledger knows."""
    about = "inquiry:"
    held = {int(s.removeprefix(about)): at for s, *at in ledger.held_by(f"staff:{assessor_id}", about, start, end)}
    with everything("when somebody assesses"):
        rows = Inquiry.objects.filter(pk__in=held).values_list("pk", "room", "site__address", "version")
        found = [Visit(pk, *held[pk], address if room else "", version) for pk, room, address, version in rows]
    return sorted(found, key=lambda visit: (visit.start, visit.inquiry_id))


def contacts(found: Inquiry) -> QuerySet[ContactAttempt]:
    return ContactAttempt.objects.filter(inquiry=found).select_related("by")


def referrals_out(of: Inquiry | None = None, client: Client | None = None) -> QuerySet[ReferralOut]:
    """Referrals out of an inquiry, of a client, or all that this access may see; the newest first."""
    found = ReferralOut.objects.select_related("made_by", "client", "inquiry")
    if of is not None:
        found = found.filter(Q(inquiry=of) | Q(client_id=of.client_id, client__isnull=False))
    return found.filter(client=client) if client is not None else found


def referral(referral_id: int) -> ReferralOut | None:
    return ReferralOut.objects.select_related("client", "inquiry", "site", "made_by").filter(pk=referral_id).first()


def open_overrides() -> QuerySet[AdmissionOverride]:
    """Admissions by override that are not settled, the one that ends first on top: for the compliance board."""
    return AdmissionOverride.objects.filter(settled_at=None).select_related("client", "by").order_by("until")


def availability_of(client: Client) -> list[str]:
    """When the client said they are free in a week ("mon 18:00-21:15"), from their newest inquiry; [] when never asked."""
    found = latest_inquiry(client)
    return list(found.availability) if found else []


def waits(rows: Iterable[Inquiry]) -> list[tuple[float | None, float | None]]:
    """(hours from request to assessment, hours from assessment to first session) of each inquiry, None where not reached."""
    return [(_hours(row.received_at, row.assessed_at), _hours(row.assessed_at, row.first_session_at)) for row in rows]


def _hours(start: object, end: object) -> float | None:
    return (end - start).total_seconds() / 3600 if start and end else None  # type: ignore[operator]
