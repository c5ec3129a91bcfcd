"""Reading availability, weeks that fit, the booked week and its dose. Client data here passes the record gate."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import msgspec
from django.db.models import Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from middleground.admissions import queries as admissions
from middleground.engines import outcomes
from middleground.engines.outcomes import Dose, Mark
from middleground.engines.timetabling import interval_text, occupied
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program import queries as program
from middleground.program.apart import closed_to
from middleground.program.models import Attendance, Modality, Session
from middleground.program.rules import opens_at, vocabulary
from middleground.records import populations
from middleground.records import queries as records
from middleground.records.models import Client, Episode, KeptApart

from . import offering, payers, words
from .fitting import Held
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
    """The week plan in force in the open episode, if there is one."""
    booked = WeekPlan.objects.filter(client=client, status=WeekPlan.Status.BOOKED, episode__ended_on=None)
    return booked.select_related("booked_by").first()


def running(
    *, client: Client | None = None, site_id: int | None = None, only: Iterable[int] | None = None
) -> list[Running]:
    """The groups that run from today on, by weekday and time, with the seats taken. `client`: whose own seats to mark; `only`:
    these, at whatever site, else those at the actor's sites."""
    today = clock.today()
    sits = Q(memberships__session=None, memberships__episode__ended_on=None)
    taken = sits & (Q(memberships__until=None) | Q(memberships__until__gte=today))
    mine = sits & Q(memberships__until=None, memberships__client=client.pk if client else None)
    where = {"site_id": site_id} if site_id else {}
    at_hand = program.groups(today, **where) if only is None else program.groups_anywhere(today, pk__in=only)
    found = at_hand.filter(track__active=True).annotate(
        taken=Count("memberships__client", filter=taken, distinct=True), mine=Count("memberships", filter=mine)
    )
    if client is None:
        return [_running(group) for group in found]
    groups = list(found.annotate(shut=shut_to(client), strict=not_at_one_site(client)))
    beside = _shut_by_site(client) if any(group.strict for group in groups) else set()
    return [_running(group, full=group.shut or group.pk in beside) for group in groups]


def kept_apart(client: Client) -> QuerySet[KeptApart]:
    """Whole, as part of another question only: what it makes of a group is no more than being full."""
    return QuerySet(KeptApart).filter(client=client, until=None)


def shut_to(client: Client, group: str = "pk", session: str | None = None) -> Exists:
    """Of a group, or a `session` of one: whether somebody the client must not meet sits in it or leads it. To everybody it is as
    good as full."""
    on = Q(other__memberships__until=None) | Q(other__memberships__until__gte=clock.today())
    once = Q(other__memberships__session=OuterRef(session)) if session else Q()
    sits = Q(other__memberships__group=OuterRef(group)) & (Q(other__memberships__session=None) | once) & on
    leads = Q(staff=OuterRef("leader")) | Q(staff=OuterRef("co_leader"))
    return Exists(kept_apart(client).filter(sits | leads))


def not_at_one_site(client: Client) -> Exists:
    """Whether there is somebody the client must not meet on the site at all."""
    return Exists(kept_apart(client).filter(where=KeptApart.Where.SITE))


def _shut_by_site(client: Client) -> set[int]:
    """Groups of the coming week at a time at which somebody is on the site whom the client must not meet there."""
    now = clock.now()
    with everything("where a client can have a seat"):
        ahead = Session.objects.filter(start__gte=now, start__lt=now + timedelta(days=7), group__isnull=False)
        shut = closed_to(client.pk, ahead.filter(status=Session.Status.SCHEDULED))
        return set(Session.objects.filter(pk__in=shut).values_list("group_id", flat=True))


def _running(group: Any, *, full: bool = False) -> Running:
    return Running(
        id=group.pk,
        name=group.title,
        sort=group.session_kind,
        day=group.weekday,
        begins=group.start_time.hour * 60 + group.start_time.minute,
        minutes=group.minutes,
        site_id=group.site_id,
        site=group.site.name,
        telehealth=group.modality == Modality.TELEHEALTH,
        where=group.room.name if group.room else group.get_modality_display(),
        leader=group.leader.name,
        language=group.language,
        capacity=group.seats,
        taken=group.seats if full else group.taken,
        series=group.track.name,
        only=frozenset(group.only),
        own=bool(group.mine),
        starts_on=group.starts_on,
        ends_on=group.ends_on,
    )


class Seen:
    """What a page about one client's week reads, each part once and when it is asked for."""

    def __init__(self, client: Client) -> None:
        self.client = client

    @cached_property
    def episode(self) -> Any:
        """The open episode or None, with its booked week (`plan_id`, `plan_at`, `plan_by`: a name) and the availability
        in force (`said_since`, `said_times`, `said_travel`), and the populations they count themselves to (`counts_in`), each
        None where there is none; `payer` is the id of the rule by which this week is billable."""
        booked = FilteredRelation("week_plans", condition=Q(week_plans__status=WeekPlan.Status.BOOKED))
        said = FilteredRelation("client__availabilities", condition=Q(client__availabilities__until=None))
        told = {"plan_id": "booked__id", "plan_at": "booked__booked_at", "plan_by": "booked__booked_by__name"}
        told |= {"said_since": "said__since", "said_times": "said__intervals", "said_travel": "said__travel"}
        told |= {"counts_in": "open_to__chosen"}
        open_to = FilteredRelation("client__populations", condition=Q(client__populations__until=None))
        found = records.episodes(client=self.client, ended_on=None).annotate(booked=booked, said=said, open_to=open_to)
        found = found.annotate(**{name: F(path) for name, path in told.items()})
        return found.annotate(payer=payers.rule("client", clock.today())).first()

    @cached_property
    def known(self) -> Availability | None:
        """The availability in force; in an open episode it came with it."""
        if self.episode is None:
            return availability(self.client)
        if self.episode.said_since is None:
            return None
        told = {
            "since": self.episode.said_since,
            "intervals": self.episode.said_times,
            "travel": self.episode.said_travel,
        }
        return Availability(client=self.client, **told)

    @property
    def populations(self) -> list[str]:
        """What they count themselves to, for groups held for some people only."""
        if self.episode is None:
            return populations.of_client(self.client)
        return self.episode.counts_in or []

    @cached_property
    def payer(self) -> str:
        """The id of the rule by which this week is billable."""
        return self.episode.payer if self.episode else payers.rule_of(self.client, clock.today())

    @cached_property
    def groups(self) -> list[Running]:
        """The groups that run or will."""
        return running(client=self.client)

    @property
    def offered(self) -> list[Running]:
        """Those of which a week can be made from today on, or from admission when that is to come."""
        since = max(clock.today(), self.episode.admitted_on) if self.episode else clock.today()
        return [each for each in self.groups if each.is_offered(since)]

    @property
    def own(self) -> list[Running]:
        """The groups the client sits in."""
        return [each for each in self.groups if each.own]

    @cached_property
    def sessions(self) -> list[Session]:
        """The client's sessions of this week and of the coming fourteen days."""
        return _sessions(self.client, _week_of(clock.today())[0], clock.today() + timedelta(days=14))


def _week_of(day: date) -> tuple[date, date]:
    """Its Monday, and the Monday after."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=7)


def need(episode: Episode | None, payer: str = payers.DEFAULT) -> Need:
    """The prescribed minutes of the episode (before admission: the program's minimum), and the payer's rule beside it.

    `payer` is an id of knowledge/outcomes/payer-days.yaml. Raises `BadLine` for one that isn't there.
    """
    rule = outcomes.week_rule(payer=payer)
    return Need(episode.prescribed_minutes if episode else rule.program_minutes, rule)


def offers(client: Client, count: int = 5, *, seen: Seen | None = None) -> Offers:
    """The best weeks for this client among the groups that run and go on, and what stands in the way of a full one.

    A client's own site with no travel time said is taken to be no time away; their own appointments until the end of this weekday
    next week are kept free. Nothing is booked by asking. `seen`: what was read already.
    """
    facts = seen or Seen(client)
    wanted = need(facts.episode, facts.payer)
    travel = {str(client.site_id): 0, **(facts.known.travel if facts.known else {})}
    times = free_times(client, facts.known)
    talks, week = _appointments(client, facts.sessions), clock.now() + timedelta(days=7)
    busy, stay = [_interval(s.start, s.end) for s in talks], [_held(s) for s in talks if s.start < week]
    asked = offering.asked(times, travel, client.language, wanted, busy, facts.populations, facts.own, stay)
    return offering.rank(asked, facts.offered, wanted, count)


def _appointments(client: Client, sessions: Iterable[Session]) -> list[Session]:
    """The client's own appointments to come, to the end of the seventh day: a group that began an hour ago is held then next."""
    now, last = clock.now(), clock.today() + timedelta(days=7)
    return [s for s in sessions if s.client_id == client.pk and s.start >= now and timezone.localdate(s.start) <= last]


def _held(talk: Session) -> Held:
    return Held(timezone.localtime(talk.start).weekday(), talk.minutes, talk.modality == Modality.TELEHEALTH)


def _interval(start: datetime, end: datetime) -> str:
    """Whole quarter hours of the start's day."""
    first, last = timezone.localtime(start), timezone.localtime(end)
    begins = (first.hour * 60 + first.minute) // 15 * 15
    ends = occupied(last.hour * 60 + last.minute) if last.date() == first.date() else words.DAY
    return interval_text((first.weekday() * words.DAY + begins, first.weekday() * words.DAY + ends))


def dose(
    client: Client,
    week: date | None = None,
    *,
    seen: Seen | None = None,
    sessions: Iterable[Session] | None = None,
    rows: Iterable[Attendance] | None = None,
) -> Dose:
    """Minutes laid out, delivered and still reachable in the week that holds a day (today), against both rules.

    The program's rule here is the prescription of the episode; the payer's rule stands beside it. `sessions`, `rows`: those of
    the week and their marks, when the caller has read them already, among others.
    """
    first, end = _week_of(week or clock.today())
    payer = seen.payer if seen and week is None else payers.rule_of(client, first)
    wanted = need(seen.episode if seen else records.open_episode(client), payer)
    rule = msgspec.structs.replace(wanted.rule, program_minutes=wanted.prescribed)
    if sessions is None:
        sessions = seen.sessions if seen and week is None else _sessions(client, first, end)
    if rows is None:
        rows = program.attendance_of(client, first, end - timedelta(days=1))
    marks = [
        _mark(each, row, documented=bool(row and row.signed_at))  # type: ignore[attr-defined]
        for each, row in _of_week(first, sessions, rows)
    ]
    return outcomes.dose_week(marks, rule)


def own_dose(episode: Episode, monday: date, sessions: Iterable[Session], rows: Iterable[Attendance]) -> Dose:
    """The dose of one week as the client sees it, from its sessions and their own marks, others among them: what they came for
    counts, signed note or not."""
    marks = [_mark(each, row, documented=True) for each, row in _of_week(monday, sessions, rows)]
    return outcomes.dose_week(marks, outcomes.WeekRule(program_minutes=episode.prescribed_minutes))


def _of_week(
    monday: date, sessions: Iterable[Session], rows: Iterable[Attendance]
) -> list[tuple[Session, Attendance | None]]:
    """What a week's dose is made of: the sessions at which the client is expected, and those at which they were marked as they
    were held. Who leaves a group from today on may have been there this morning; who had word sent for later days and left is
    expected no more."""
    first, end = _week_of(monday)
    given = {row.session_id: row for row in rows}
    marked = [row.session for row in given.values() if row.recorded_at >= opens_at(row.session.start)]
    every = {each.pk: each for each in [*marked, *sessions]}
    return [(each, given.get(pk)) for pk, each in every.items() if first <= timezone.localdate(each.start) < end]


def _sessions(client: Client, first: date, end: date) -> list[Session]:
    """The client's sessions from `first` to before `end`: appointments, and groups in which they are expected."""
    start, stop = (timezone.make_aware(datetime.combine(day, time())) for day in (first, end))
    on = TruncDate("start")
    expected = (
        Q(group__memberships__client=client, group__memberships__since__lte=on)
        & (Q(group__memberships__until=None) | Q(group__memberships__until__gte=on))
        & (Q(group__memberships__session=None) | Q(group__memberships__session=F("pk")))
        & (Q(group__memberships__episode__ended_on=None) | Q(group__memberships__episode__ended_on__gte=on))
    )
    found = Session.objects.filter(Q(client=client) | expected, start__gte=start, start__lt=stop)
    return list(found.distinct().order_by("start"))


def sessions_ahead(client: Client, days: int) -> list[Session]:
    """The client's sessions from now on, whoever asks: appointments, and groups in which they are expected."""
    return still_ahead(sessions_since(client, clock.today(), days))


def sessions_since(client: Client, first: date, days: int) -> list[Session]:
    """The client's sessions from a day on, so many days ahead, whoever asks and whatever became of them."""
    with everything("what a client has ahead"):
        return _sessions(client, first, clock.today() + timedelta(days=days + 1))


def still_ahead(sessions: Iterable[Session]) -> list[Session]:
    return [each for each in sessions if each.end > clock.now() and each.status != Session.Status.NOT_HELD]


def _mark(session: Session, row: Attendance | None, documented: bool) -> Mark:
    mark = row.mark if row else None if session.status != Session.Status.NOT_HELD else session.status
    return Mark(
        day=timezone.localdate(session.start),
        planned=session.minutes,
        mark=mark,
        attended=row.minutes if row else 0,
        clinical=vocabulary("session-kinds")[session.session_kind]["clinical"],
        documented=documented,
    )
