"""What stands in a week at the clinic: everything its timetabling instance is made of, read whole in a few statements.

Rules must see everybody to be right, so nothing here is narrowed: only actions call it, and what they answer says no more
than the asker may know.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from middleground.admissions.models import Inquiry
from middleground.clinic.models import Closure, Room, Site, StaffAbsence, User
from middleground.engines.timetabling.times import CELL, DAY, Span, interval
from middleground.kernel.context import everything
from middleground.kernel.models import Cell
from middleground.program.models import Session
from middleground.program.opening import LEADING
from middleground.program.sheets import rosters
from middleground.records import populations
from middleground.records.apart import Pair, pairs
from middleground.records.models import CareTeamMember, Episode

from . import payers
from .models import Availability, Proposal
from .spans import outside

WEEK = timedelta(days=7)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def span_of(start: datetime, end: datetime) -> Span:
    """Minutes since Monday 00:00 of its own week, whole quarter hours, cut at midnight."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    begins = first.weekday() * DAY + (first.hour * 60 + first.minute) // CELL * CELL
    if last.date() != first.date():
        return begins, (first.weekday() + 1) * DAY
    return begins, first.weekday() * DAY + -(-(last.hour * 60 + last.minute) // CELL) * CELL


def moment_of(monday: date, minutes: int) -> datetime:
    """The moment so many minutes after a Monday's 00:00 by the clock of the clinic."""
    day = datetime.combine(monday + timedelta(days=minutes // DAY), time(minutes % DAY // 60, minutes % 60))
    return timezone.make_aware(day)


@dataclass
class Standing:
    """`sessions` are those of the chosen sites that were not called off, `elsewhere` the others'; `held` are other bookings of
    rooms and staff in the ledger ("room:3" -> spans), and when repairs were told that they or clients are not there; `away` and
    `shut` are whole days (0..6) by user and by site."""

    monday: date
    sites: list[Site]
    rooms: list[Room]
    staff: list[User]
    sessions: list[Session]
    elsewhere: list[Session]
    rosters: dict[int, list[int]]
    episodes: dict[int, Episode]
    counselors: dict[int, int]
    said: dict[int, Availability]
    asked: dict[int, list[str]]
    apart: list[Pair]
    populations: dict[int, frozenset[str]]
    held: dict[str, set[Span]] = field(default_factory=lambda: defaultdict(set))
    away: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    shut: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def standing(week: date, site_ids: frozenset[int] | None = None) -> Standing:
    """The week that holds a day, at these sites (None: all open ones)."""
    monday = monday_of(week)
    with everything("the clinic's own week, to plan it"):
        sites = [s for s in Site.objects.filter(is_open=True).order_by("pk") if site_ids is None or s.pk in site_ids]
        here = {site.pk for site in sites}
        held = sessions_of(monday)
        inside = [s for s in held if s.site_id in here]
        expected = rosters(held)
        episodes = in_care(here, {c for s in inside for c in expected[s.pk]}, monday)
        found = Standing(
            monday,
            sites,
            list(Room.objects.filter(site__in=here).order_by("pk")),
            clinicians(here, inside),
            inside,
            [s for s in held if s.site_id not in here],
            expected,
            episodes,
            counselors_of(episodes, monday),
            {a.client_id: a for a in Availability.objects.filter(client_id__in=episodes, until=None)},
            {},
            pairs(episodes),
            populations.of_clients(episodes),
        )
        found.asked = times_asked(set(episodes) - set(found.said))
        days_off(found)
        other_bookings(found)
        reported(found)
    return found


def sessions_of(monday: date) -> list[Session]:
    first, last = (timezone.make_aware(datetime.combine(day, time())) for day in (monday, monday + WEEK))
    found = Session.objects.filter(start__gte=first, start__lt=last).exclude(status=Session.Status.NOT_HELD)
    return list(found.select_related("group__track").order_by("start", "pk"))


def clinicians(here: set[int], sessions: Iterable[Session]) -> list[User]:
    """Who can lead at these sites, and whoever leads there this week."""
    lead = {user for s in sessions for user in (s.leader_id, s.co_leader_id)}
    return [
        user
        for user in User.objects.filter(client_id=None).order_by("pk")
        if user.pk in lead
        or (user.is_active and LEADING & set(user.roles) and (user.site_ids is None or here & set(user.site_ids)))
    ]


def in_care(here: set[int], expected: set[int], monday: date) -> dict[int, Episode]:
    """Episodes open in the week of clients of these sites and of whoever is expected there, by client. `payer` is the id of the
    rule by which the client's week is billable."""
    found = Episode.objects.filter(Q(client__site__in=here) | Q(client__in=expected), admitted_on__lt=monday + WEEK)
    found = found.filter(Q(ended_on=None) | Q(ended_on__gte=monday)).select_related("client").order_by("admitted_on")
    found = found.annotate(payer=payers.rule("client", monday))
    return {episode.client_id: episode for episode in found}


def counselors_of(episodes: Iterable[int], monday: date) -> dict[int, int]:
    """Client -> primary counselor; the newest where there are several."""
    return dict(counselors(episodes, monday).order_by("since", "pk").values_list("client_id", "user_id"))


def counselors(clients: Iterable[int], monday: date) -> QuerySet[CareTeamMember]:
    """Whoever is a primary counselor of these clients in the week of a Monday. Whole: for rules only."""
    team = QuerySet(CareTeamMember).filter(client_id__in=list(clients), part=CareTeamMember.Part.PRIMARY)
    return team.filter(Q(until=None) | Q(until__gte=monday), since__lt=monday + WEEK)


def times_asked(clients: set[int]) -> dict[int, list[str]]:
    """The times given with the request, for those who said nothing later."""
    rows = (
        Inquiry.objects.filter(client_id__in=clients).order_by("received_at").values_list("client_id", "availability")
    )
    return {client: list(times) for client, times in rows if times}


def days_off(found: Standing) -> None:
    """Closures and absences that touch the week."""
    first, last = found.monday, found.monday + WEEK - timedelta(days=1)
    for closure in Closure.objects.filter(on__range=(first, last)):
        for site in found.sites:
            if closure.site_id in (None, site.pk):
                found.shut[site.pk].add(closure.on.weekday())
    for absence in StaffAbsence.objects.filter(first__lte=last, last__gte=first):
        days = (max(absence.first, first), min(absence.last, last))
        found.away[absence.user_id] |= set(range(days[0].weekday(), days[1].weekday() + 1))


def other_bookings(found: Standing) -> None:
    """What the ledger holds for rooms and staff beside sessions (an assessment, say)."""
    first, last = (timezone.make_aware(datetime.combine(d, time())) for d in (found.monday, found.monday + WEEK))
    cells = Cell.objects.filter(Q(resource__startswith="room:") | Q(resource__startswith="staff:"))
    cells = cells.filter(at__gte=first, at__lt=last).exclude(booking__subject__startswith="session:")
    for resource, at in cells.values_list("resource", "at"):
        found.held[resource].add(span_of(at, at + timedelta(minutes=CELL)))


def reported(found: Standing) -> None:
    """Who was away, which room was closed and when clients can't come by a repair that was applied, at whatever site: news of
    that week, of which a later repair must know. What staff and rooms hold then all the same stands; of clients the whole time,
    since the way to what they still come to depends on the plan (`client_rows`)."""
    told = Proposal.objects.filter(question="repair", status=Proposal.Status.APPLIED, monday=found.monday)
    sessions = [*found.sessions, *found.elsewhere]
    for asked in told.values_list("asked", flat=True):
        sort = asked.get("sort")
        if sort not in ("staff", "room", "client"):
            continue
        who = asked["who"]
        known = [span_of(s.start, s.end) for s in sessions if who in holding(s, sort)]
        found.held[f"{sort}:{who}"].update(piece for span in spans_told(asked) for piece in outside(span, known))


def holding(session: Session, sort: str) -> tuple[int | None, ...]:
    if sort == "staff":
        return session.leader_id, session.co_leader_id
    return (session.room_id,) if sort == "room" else ()


def spans_told(asked: dict[str, Any]) -> list[Span]:
    """When somebody or a room is not there, as a repair was asked: one stretch, or the `hours` of a week."""
    if "hours" in asked:
        return [interval(at) for at in asked["hours"]]
    return [span_of(*(datetime.fromisoformat(asked[key]) for key in ("start", "end")))]
