"""Reading availability, weeks that fit, the booked week and its dose. Client data here passes the record gate."""

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from django.db.models import Count, Q
from django.utils import timezone

from middleground.admissions import queries as admissions
from middleground.engines import outcomes
from middleground.engines.outcomes import Dose, Mark
from middleground.engines.timetabling import interval_text, occupied
from middleground.kernel import clock, ledger
from middleground.kernel.context import everything
from middleground.program import queries as program
from middleground.program.models import Attendance, Group, Modality, Session
from middleground.program.rules import vocabulary
from middleground.program.sheets import rosters
from middleground.records import queries as records
from middleground.records.models import Client, Episode

from . import offering, words
from .models import Availability, WeekPlan
from .offering import Need, Offers
from .running import Running


def availability(client: Client) -> Availability | None:
    """What the client last said about when they can come; None when nobody asked."""
    return Availability.objects.filter(client=client, until=None).first()


def free_times(client: Client, known: Availability | None) -> list[dict[str, Any]]:
    """Free intervals with their cost: what is `known`, else the times on the client's request, all at cost 0."""
    if known is not None:
        return list(known.intervals)
    with everything("the times a client gave when they asked for an assessment"):
        return [{"at": at, "cost": 0} for at in admissions.availability_of(client)]


def current_plan(client: Client) -> WeekPlan | None:
    """The week plan in force, if there is one."""
    return WeekPlan.objects.filter(client=client, status=WeekPlan.Status.BOOKED).select_related("booked_by").first()


def running(*, client: Client | None = None, site_id: int | None = None) -> list[Running]:
    """The groups that run from today on, by weekday and time, with the seats taken. `client`: whose own seats to mark."""
    today = clock.today()
    sits = Q(memberships__session=None, memberships__episode__ended_on=None)
    taken = sits & (Q(memberships__until=None) | Q(memberships__until__gte=today))
    mine = sits & Q(memberships__until=None, memberships__client=client.pk if client else None)
    where = {"site_id": site_id} if site_id else {}
    found = program.groups(today, track__active=True, **where).annotate(
        taken=Count("memberships", filter=taken), mine=Count("memberships", filter=mine)
    )
    return [_running(group) for group in found]


def _running(group: Group) -> Running:
    return Running(
        id=group.pk,
        name=group.title,
        sort=group.session_kind,
        day=group.weekday,
        begins=group.start_time.hour * 60 + group.start_time.minute,
        minutes=group.minutes,
        site_id=group.site_id,
        telehealth=group.modality == Modality.TELEHEALTH,
        where=group.room.name if group.room else group.get_modality_display(),
        leader=group.leader.name,
        language=group.language,
        capacity=group.seats,
        taken=group.taken,  # type: ignore[attr-defined]
        series=group.track.name,
        own=bool(group.mine),  # type: ignore[attr-defined]
    )


def need(episode: Episode | None, payer: str = "default") -> Need:
    """The prescribed minutes of the episode (before admission: the program's minimum), and the payer's rule beside it.

    `payer` is an id of knowledge/outcomes/payer-days.yaml. Raises `BadLine` for one that isn't there.
    """
    rule = outcomes.week_rule(payer=payer)
    return Need(episode.prescribed_minutes if episode else rule.program_minutes, rule)


def offers(client: Client, count: int = 5, payer: str = "default") -> Offers:
    """The best weeks for this client among the groups that run, and what stands in the way of a full one.

    A client's own site with no travel time said is taken to be no time away. Nothing is booked by asking.
    """
    known = availability(client)
    wanted = need(records.open_episode(client), payer)
    travel = {str(client.site_id): 0, **(known.travel if known else {})}
    asked = offering.asked(free_times(client, known), travel, client.language, wanted, busy(client))
    return offering.rank(asked, running(client=client), wanted, count)


def busy(client: Client) -> list[str]:
    """When the client has an appointment of their own in the coming seven days, as intervals of a week."""
    now = clock.now()
    held = ledger.booked(ledger.key(client), now, now + timedelta(days=7))
    return [_interval(booking.start, booking.end) for booking in held if "|" not in booking.subject]


def _interval(start: datetime, end: datetime) -> str:
    """Whole quarter hours of the start's day."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    begins = (first.hour * 60 + first.minute) // 15 * 15
    ends = occupied(last.hour * 60 + last.minute) if last.date() == first.date() else words.DAY
    return interval_text((first.weekday() * words.DAY + begins, first.weekday() * words.DAY + ends))


def dose(client: Client, week: date | None = None, payer: str = "default") -> Dose:
    """Minutes planned, delivered and still reachable in the week that holds a day (today), against both rules.

    The program's rule here is the prescription of the episode; the payer's rule stands beside it.
    """
    day = week or clock.today()
    monday = day - timedelta(days=day.weekday())
    wanted = need(records.open_episode(client), payer)
    rule = msgspec.structs.replace(wanted.rule, program_minutes=wanted.prescribed)
    return outcomes.dose_week(_marks(client, monday, monday + timedelta(days=7)), rule)


def _marks(client: Client, first: date, end: date) -> list[Mark]:
    sessions = _sessions(client, first, end)
    given = {row.session_id: row for row in program.attendance_of(client, first, end)}
    return [_mark(session, given.get(session.pk)) for session in sessions]


def _sessions(client: Client, first: date, end: date) -> list[Session]:
    """The client's sessions from `first` to before `end`: appointments, and groups in which they are expected."""
    start, stop = (timezone.make_aware(datetime.combine(day, time())) for day in (first, end))
    sits = Q(group__memberships__client=client, group__memberships__since__lt=end)
    within = Session.objects.filter(Q(client=client) | sits, start__gte=start, start__lt=stop)
    found = list(within.select_related("note").distinct().order_by("start"))
    expected = rosters(found)
    return [session for session in found if client.pk in expected[session.pk]]


def _mark(session: Session, row: Attendance | None) -> Mark:
    note = getattr(session, "note", None)
    mark = row.mark if row else None if session.status != Session.Status.NOT_HELD else session.status
    return Mark(
        day=timezone.localdate(session.start),
        planned=session.minutes,
        mark=mark,
        attended=row.minutes if row else 0,
        clinical=vocabulary("session-kinds")[session.session_kind]["clinical"],
        documented=bool(note and note.signed_at),
    )
