"""Reading the program: the day, a session, a client's attendance. Client data passes the record gate; counts alone do not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from middleground.clinic.hours import opening
from middleground.clinic.models import Site
from middleground.engines.timetabling.clinic import covers
from middleground.kernel import clock, gate
from middleground.kernel.context import everything, required
from middleground.records.models import Client

from .keeping import away_from, away_words, span
from .models import Attendance, CounselingNote, Group, GroupNote, Membership, NotePart, Session, Track
from .reading import SHOWN, Bundle, Seat, guests, previous_parts, roster, session, session_page, walk_in_choices
from .rules import UNRECORDED, note_late
from .sheets import day_of, rosters

__all__ = ["Bundle", "Seat", "guests", "previous_parts", "roster", "session", "session_page", "walk_in_choices"]


def bounds(day: date, last: date | None = None) -> tuple[datetime, datetime]:
    """From the beginning of `day` to the end of `last` (the same day), in the clinic's zone."""
    after = (last or day) + timedelta(days=1)
    return tuple(timezone.make_aware(datetime.combine(d, time.min)) for d in (day, after))  # type: ignore[return-value]


def tracks(site: Site | None = None) -> QuerySet[Track]:
    found = Track.objects.filter(active=True).select_related("site")
    return found.filter(site=site) if site else found


def groups(on: date | None = None, **where: Any) -> QuerySet[Group]:
    """Groups that run on a day (today) or will, by weekday and time, at the actor's sites."""
    actor = required().actor
    found = groups_anywhere(on, **where)
    return found if actor.site_ids is None else found.filter(site_id__in=actor.site_ids)


def groups_anywhere(on: date | None = None, **where: Any) -> QuerySet[Group]:
    """The same at whatever site: for what somebody has already."""
    found = Group.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on or clock.today()), **where)
    return found.select_related("track", "site", "room", "leader", "co_leader").order_by(
        "weekday", "start_time", "title"
    )


def group(group_id: int) -> Group | None:
    """The group, if it is at one of the actor's sites, with `count`: how many members it has today."""
    actor = required().actor
    inside = _in_force(QuerySet(Membership), clock.today()).filter(group=OuterRef("pk")).order_by()
    counted = inside.values("group").annotate(n=Count("client_id", distinct=True)).values("n")
    found = Group.objects.filter(pk=group_id).select_related("track", "site", "room", "leader", "co_leader")
    found = found.annotate(count=Coalesce(Subquery(counted), 0))
    return (found if actor.site_ids is None else found.filter(site_id__in=actor.site_ids)).first()


def member_counts(wanted: Iterable[Group], on: date | None = None) -> dict[int, int]:
    """Group id -> how many members it has on a day: a number, no names."""
    with everything("how many are in a group"):
        inside = _in_force(Membership.objects.all(), on or clock.today()).filter(group__in=[g.pk for g in wanted])
        return dict(
            inside.values("group_id").annotate(n=Count("client_id", distinct=True)).values_list("group_id", "n")
        )


def _in_force(rows: QuerySet[Membership], day: date) -> QuerySet[Membership]:
    """Memberships in force on a day, of episodes open that day."""
    return (
        rows.filter(session=None, since__lte=day, episode__admitted_on__lte=day)
        .filter(Q(until=None) | Q(until__gte=day))
        .filter(Q(episode__ended_on=None) | Q(episode__ended_on__gte=day))
    )


def members(group: Group, on: date | None = None) -> list[Membership]:
    """Memberships in force, with their clients, by name: those whose schedule and name this access may see."""
    found = _in_force(Membership.objects.all(), on or clock.today()).filter(
        group=group, client__in=Client.objects.all()
    )
    known = list(found.select_related("client").order_by("client__last_name", "client__first_name"))
    if known:
        gate.note(Client, [m.client for m in known])
    return known


def memberships(client: Client, on: date | None = None) -> list[Membership]:
    """The groups a client is in on a day, with their group."""
    return list(
        _in_force(Membership.objects.all(), on or clock.today())
        .filter(client=client)
        .select_related("group__room", "group__leader")
    )


# ---- the day -------------------------------------------------------------------------------------------------------


@dataclass
class Row:
    """A session on a board: how many are expected, marked and there, and how far its note is."""

    session: Session
    client: Client | None
    expected: int
    marked: int
    note: str  # none, draft, signed, awaiting-cosign

    @property
    def unrecorded(self) -> int:
        return max(0, self.expected - self.marked)

    @property
    def over(self) -> bool:
        return self.session.end <= clock.now()

    @property
    def is_due(self) -> bool:
        return self.over and self.session.status != Session.Status.NOT_HELD

    @property
    def late(self) -> bool:
        return self.is_due and self.note in ("none", "draft") and note_late(self.session.end) < clock.now()


def sessions(first: date, last: date | None = None, site: Site | int | None = None) -> QuerySet[Session]:
    """Sessions of the actor's sites that start on these days, by time."""
    begin, end = bounds(first, last)
    found = Session.objects.filter(start__gte=begin, start__lt=end).select_related(*SHOWN)
    return (found.filter(site=site) if site else found).order_by("start", "title", "pk")


def sessions_on(on: date, site: Site | int | None = None, leader: int | None = None) -> list[Row]:
    """The day's board (six queries). An appointment's client is None when this access may not see them."""
    found = sessions(on, site=site)
    if leader is not None:
        found = found.filter(Q(leader_id=leader) | Q(co_leader_id=leader))
    return rows(list(found))


def rows(found: Sequence[Session]) -> list[Row]:
    """Board rows for these sessions."""
    people = Client.objects.in_bulk({s.client_id for s in found if s.client_id})
    expected = rosters(found)
    state = _states([s.pk for s in found])
    return [Row(s, people.get(s.client_id or 0), len(expected[s.pk]), *state[s.pk]) for s in found]


def _states(ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """Session id -> how many are marked, and the state of its note."""
    now_marked = Q(attendances__superseded_at=None) & ~Q(attendances__mark=UNRECORDED)
    with everything("how many are marked and whether a note is signed"):
        told = Session.objects.filter(pk__in=ids).annotate(
            marked=Count("attendances", filter=now_marked),
            has_note=Exists(GroupNote.objects.filter(session=OuterRef("pk"))),
        )
        fields = ("pk", "marked", "has_note", "note__signed_at", "note__cosign_needed", "note__cosigned_at")
        return {
            pk: (marked, note_state(*note) if has_note else "none")
            for pk, marked, has_note, *note in told.values_list(*fields)
        }


def note_state(signed_at: datetime | None, cosign_needed: bool, cosigned_at: datetime | None) -> str:
    if signed_at is None:
        return "draft"
    return "awaiting-cosign" if cosign_needed and not cosigned_at else "signed"


# ---- one client ----------------------------------------------------------------------------------------------------


def attendance_of(client: Client, since: date | None = None, until: date | None = None) -> QuerySet[Attendance]:
    """Marks in force, the newest first, each with its session and when the note of that was signed (`signed_at`)."""
    found = Attendance.objects.filter(client=client, superseded_at=None).exclude(mark=UNRECORDED)
    found = found.filter(on__gte=since) if since else found
    found = found.filter(on__lte=until) if until else found
    found = found.annotate(signed_at=F("session__note__signed_at"))
    return found.select_related("session__leader").order_by("-session__start")


def parts_of(client: Client, session_ids: Iterable[int]) -> dict[int, NotePart]:
    """Session id -> the client's signed part there, with its note."""
    found = NotePart.objects.filter(
        client=client, session_id__in=list(session_ids), superseded_at=None, signed_at__isnull=False
    )
    return {p.session_id: p for p in found.select_related("objective", "written_by")}


def counseling_notes(client: Client) -> QuerySet[CounselingNote]:
    """Notes kept apart: only those the reader wrote."""
    return CounselingNote.objects.filter(client=client).select_related("author")


def upcoming(client: Client, days: int = 14) -> list[Session]:
    """What comes next for a client, by time: sessions of their groups, as of each day, and appointments.

    For the client's own pages as well: their memberships pass the gate, the sessions of their own groups then follow.
    """
    now = clock.now()
    return [s for s in laid_out(client, now, now + timedelta(days=days)) if s.status != Session.Status.NOT_HELD]


def laid_out(client: Client, start: datetime, end: datetime) -> list[Session]:
    """A client's sessions that end after `start` and begin before `end`, by time, whatever became of them."""
    mine = list(
        Membership.objects.filter(client=client)
        .filter(Q(until=None) | Q(until__gte=timezone.localdate(start)))
        .filter(episode__ended_on=None)
        .values_list("group_id", "session_id", "since", "until")
    )
    with everything("sessions of the client's own groups"):
        found = (
            Session.objects.filter(Q(group_id__in={m[0] for m in mine}) | Q(client=client))
            .filter(end__gt=start, start__lt=end)
            .select_related(*SHOWN)
            .order_by("start")
        )
        laid = list(found)
    ways = {s.pk: _ways_in(s, mine) for s in laid}
    for each in laid:
        each.as_guest = ways[each.pk] == {each.pk}
    return [s for s in laid if s.client_id == client.pk or ways[s.pk]]


def _ways_in(session: Session, mine: Sequence[tuple]) -> set[int | None]:
    """By what somebody is expected there: membership in its group (None), a seat in this session (its id)."""
    on = day_of(session)
    return {
        only
        for g, only, since, until in mine
        if g == session.group_id and only in (None, session.pk) and since <= on <= (until or on)
    }


def delivered_minutes(client: Client, week: date) -> int:
    """Minutes that count, attended in the week (Monday to Sunday) that holds a day, of sessions whose note is signed.

    Delivered and documented clinical minutes only (handbook 1.6, weekly hours)."""
    monday = week - timedelta(days=week.weekday())
    marks = Attendance.objects.filter(
        client=client, superseded_at=None, counts=True, on__range=(monday, monday + timedelta(days=6))
    )
    with everything("whether the session's note is signed"):
        return marks.filter(session__note__signed_at__isnull=False).aggregate(n=Sum("minutes"))["n"] or 0


# ---- what is owed --------------------------------------------------------------------------------------------------


def unsigned_notes(leader: int | None = None, days: int = 30) -> QuerySet[Session]:
    """Sessions that ended in the last days, were held, and have no signed note; the oldest first."""
    now = clock.now()
    signed = GroupNote.objects.filter(session=OuterRef("pk"), signed_at__isnull=False)
    found = Session.objects.filter(end__lte=now, end__gt=now - timedelta(days=days)).exclude(
        status=Session.Status.NOT_HELD
    )
    if leader is not None:
        found = found.filter(Q(leader_id=leader) | Q(co_leader_id=leader))
    return found.filter(~Exists(signed)).select_related(*SHOWN).order_by("start")


def unrecorded_sessions(leader: int | None = None, days: int = 30) -> list[Row]:
    """Sessions that are over and in which somebody on the roster has no mark."""
    return [row for row in rows(list(unsigned_notes(leader, days))) if row.unrecorded]


def awaiting_cosign() -> QuerySet[GroupNote]:
    """Signed notes that wait for a co-signature, the oldest first."""
    return (
        GroupNote.objects.filter(signed_at__isnull=False, cosign_needed=True, cosigned_at=None)
        .select_related("session__leader", "signed_by")
        .order_by("signed_at")
    )


def coming_sessions(group: Group, count: int = 8) -> list[Row]:
    """The next sessions of a group with how many are expected; marks and notes are not looked up."""
    coming = Session.objects.filter(group=group, end__gt=clock.now()).select_related(*SHOWN).order_by("start")
    found = list(coming[:count])
    expected = rosters(found)
    return [Row(s, None, len(expected[s.pk]), 0, "none") for s in found]


def mark_counts(client: Client, since: date) -> Counter[str]:
    """How often each mark was given since a day."""
    return Counter(attendance_of(client, since).values_list("mark", flat=True))


def days_to_cover(session: Session) -> str:
    """The coming days on which whoever leads a session is away while the group meets with them, in words; "" for none."""
    later = Session.objects.filter(
        group=session.group_id, leader=session.leader_id, start__gt=session.start, status=Session.Status.SCHEDULED
    )
    found = away_from(later) if session.group_id else []
    return away_words(each for each in found if each.person.pk == session.leader_id)


def outside_opening(site: Site) -> list[Session]:
    """What is booked in a room of the site outside its opening hours, by time: the plan alone, no clients."""
    hours = opening(site)
    with everything("what is booked outside the opening hours"):
        found = Session.objects.filter(site=site, room__isnull=False, status=Session.Status.SCHEDULED)
        rows = found.filter(start__gt=clock.now()).select_related("room", "leader").order_by("start", "pk")
        return [s for s in rows if not covers(hours, *span(s.start, s.end))] if hours else []
