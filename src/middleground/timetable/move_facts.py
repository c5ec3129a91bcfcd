"""Reading what a move of a weekly group would touch: seven statements, one more when somebody said only with the request when
they can come, however many people, weeks and closed days.

Rules must see everybody to be right, so what is judged is read whole; names pass the record gate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import BooleanField, Case, CharField, F, FilteredRelation, OuterRef, Q, StringAgg, Value, When
from django.db.models import Subquery as Sub
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from middleground.clinic.hours import opening
from middleground.clinic.models import Closure, Room, StaffAbsence, User
from middleground.engines.timetabling.clinic import covers, joined
from middleground.engines.timetabling.times import CELL, DAY, Span, interval
from middleground.kernel import clock, gate
from middleground.kernel.context import everything
from middleground.kernel.ledger import quarters
from middleground.kernel.models import Cell
from middleground.program.models import Group, Modality, Session
from middleground.program.opening import LEADING, begins
from middleground.program.sheets import day_of, rosters
from middleground.records.apart import pairs
from middleground.records.models import Client

from . import breaking, payers, queries
from .breaking import Broken, Facts, Meeting, Member, Taken
from .reach import ways
from .standing import WEEK, monday_of, span_of, times_asked

WHOLE_WEEK = ((0, 7 * DAY),)


@dataclass(frozen=True)
class Target:
    """Where a group would go. `since` is a Monday; the leaders as `leaders_at` gives them, with the days they are away."""

    weekday: int
    start: time
    room: Room | None
    leader: User
    since: date
    co_leader: User | None = None


@dataclass(frozen=True)
class Preview:
    """What the move would break. `names`: the members the reader may know by name, by id; everybody else is only counted."""

    broken: Broken
    names: Mapping[int, str]
    weeks: int

    def named(self, ids: Iterable[int]) -> list[str]:
        return sorted(self.names[pk] for pk in ids if pk in self.names)

    def unnamed(self, ids: Iterable[int]) -> int:
        return sum(pk not in self.names for pk in ids)


def group_of(group_id: int, site_ids: frozenset[int] | None) -> Group | None:
    """A running group of the sites one plans for, with the `closed_days` of its site to come ("2026-12-04 2026-12-25")."""
    closed = Closure.objects.filter(Q(site=None) | Q(site=OuterRef("site")), on__gte=clock.today())
    one = closed.annotate(one=F("pk") * 0).order_by().values("one")  # all in one group, whichever site they name
    found = Group.objects.filter(pk=group_id, track__active=True).select_related("room", "leader", "site", "track")
    found = found.annotate(closed_days=Sub(one.annotate(days=_listed("on")).values("days")))
    return (found if site_ids is None else found.filter(site__in=site_ids)).first()


def _listed(*names: str) -> StringAgg:
    """Dates of many rows in one text, so that they come with the row they belong to."""
    dates: list[Any] = [Cast(names[0], CharField())]
    for name in names[1:]:
        dates += [Value(":"), Cast(name, CharField())]
    return StringAgg(Concat(*dates) if len(dates) > 1 else dates[0], Value(" "))


def leaders_at(site_id: int) -> list[User]:
    """Who may lead at a site, by name, with the `days_away` to come ("2026-12-04:2026-12-06")."""
    gone = StaffAbsence.objects.filter(user=OuterRef("pk"), last__gte=clock.today()).order_by()
    away = gone.values("user").annotate(days=_listed("first", "last")).values("days")
    found = User.objects.filter(is_active=True, client_id=None).annotate(days_away=Sub(away)).order_by("name")
    return [u for u in found if LEADING & set(u.roles) and (u.site_ids is None or site_id in u.site_ids)]


def rooms_at(site_id: int) -> list[Room]:
    """The group rooms of a site, by name."""
    return list(Room.objects.filter(site=site_id, use=Room.Use.GROUP).order_by("name"))


def closed_on(group: Group, days: Iterable[date]) -> list[date]:
    """Which of the days the group's site is closed; `group` as `group_of` gives it."""
    closed = set((getattr(group, "closed_days", None) or "").split())
    return sorted({day for day in days if day.isoformat() in closed})


def away_on(person: User | None, days: Iterable[date]) -> list[date]:
    """Which of the days somebody is away; `person` as `leaders_at` gives them."""
    spans = [each.split(":") for each in (getattr(person, "days_away", None) or "").split()]
    return sorted({day for day in days if any(first <= day.isoformat() <= last for first, last in spans)})


def preview(group: Group, target: Target) -> Preview:
    """What would break. The members' names are read for the page's reader, and so logged."""
    with everything("what moving a group would break"):
        sessions = _sessions(group, target.since)
        first = [s for s in sessions if s.start < begins(target.since + WEEK, time())]
        own = [s for s in sessions if s.group_id == group.pk]
        expected = rosters(sessions)
        ids = sorted({c for s in own for c in expected[s.pk]})
    people = _people(ids, target.since)
    asked = _asked(people)
    days = [monday_of(day_of(s)) + timedelta(days=target.weekday) for s in own]
    starts = [begins(day, target.start) for day in days]
    shut = closed_on(group, days)
    led = [day for s, day in zip(own, days, strict=True) if s.leader_id == group.leader_id and day not in shut]
    with everything("what moving a group would break"):
        facts = Facts(
            group=group.pk,
            site=str(group.site_id),
            remote=group.modality == Modality.TELEHEALTH,
            moved=_span(target, group.minutes),
            room=target.room.pk if target.room else None,
            leader=target.leader.pk,
            co_leader=group.co_leader_id,
            full=max((len(expected[s.pk]) - _seats(s, group, target) for s in own), default=0),
            members={c.pk: _member(c, asked, [s for s in first if c.pk in expected[s.pk]]) for c in people},
            meetings=[_meeting(s, expected[s.pk]) for s in first],
            taken=_taken(group, target, starts, {s.pk: s.title for s in sessions}, {s.pk for s in own}, ids),
            closed=_closed(group, target),
            works=joined(map(interval, target.leader.works)) or opening(group.site) or WHOLE_WEEK,
            shut=shut,
            away=away_on(target.leader, led),
            co_away=away_on(target.co_leader, [day for day in days if day not in shut]),
            first=min((day for day in days if day not in shut), default=None) if _asks_anew(group, target) else None,
            barred=target.leader.pk != group.leader_id and barred(group, target.leader, ids),
        )
    seen = [c for c in people if c.may_name]  # type: ignore[attr-defined]
    if seen:
        gate.note(Client, seen)
    return Preview(breaking.broken(facts), {c.pk: c.short for c in seen}, len(own))


def barred(group: Group, leader: User, ids: Iterable[int]) -> bool:
    """Whether somebody may not lead the group newly: without one of its credentials, or kept apart from one of the clients."""
    if group.credentials and not set(group.credentials) & set(leader.credentials):
        return True
    return not {pair.one for pair in pairs([], [leader.pk])}.isdisjoint(f"client:{pk}" for pk in ids)


def _closed(group: Group, target: Target) -> bool:
    """Whether the site is not open for it there; what stands outside the opening hours already may change its room."""
    hours, stays = opening(group.site), (group.weekday, group.start_time) == (target.weekday, target.start)
    placed = target.room is not None and not (stays and group.room_id)
    return placed and bool(hours) and not covers(hours, *_span(target, group.minutes))


def _asks_anew(group: Group, target: Target) -> bool:
    """Whether anybody is asked to lead on a day they did not before."""
    return (group.weekday, group.leader_id) != (target.weekday, target.leader.pk)


def _span(target: Target, minutes: int) -> Span:
    start = target.weekday * DAY + target.start.hour * 60 + target.start.minute
    return start, min((target.weekday + 1) * DAY, start + minutes)


def _sessions(group: Group, since: date) -> list[Session]:
    """Everything of the first week, and the group's own after it."""
    first, last = begins(since, time()), begins(since + WEEK, time())
    wanted = Q(start__lt=last) | Q(group=group)
    found = Session.objects.filter(wanted, start__gte=first, status=Session.Status.SCHEDULED)
    return list(found.select_related("group", "room").order_by("start", "pk"))


def _seats(session: Session, group: Group, target: Target) -> int:
    """Of one session where it would be: one that is in another room for once stays there."""
    return group.seats_in(target.room if session.room_id == group.room_id else session.room, session.co_leader_id)


def _people(ids: Sequence[int], week: date) -> list[Client]:
    """The members with what they said of their times; `may_name`: whether the reader may know who they are; `payer`: the id of
    the rule by which the week is billable."""
    known = Client.objects.filter(pk__in=ids).values("pk")
    said = FilteredRelation("availabilities", condition=Q(availabilities__until=None))
    may = Case(When(pk__in=known, then=Value(True)), default=Value(False), output_field=BooleanField())
    with everything("when the members can come"):
        found = Client.objects.filter(pk__in=ids).annotate(said=said, may_name=may, payer=payers.rule("pk", week))
        told = {"said_times": F("said__intervals"), "said_travel": F("said__travel")}
        return list(found.annotate(**told).order_by("pk"))


def _asked(people: Iterable[Any]) -> dict[int, list[str]]:
    """The times given with the request, for those who said nothing later; read only when there are such."""
    silent = {c.pk for c in people if c.said_times is None}
    with everything("when the members can come"):
        return times_asked(silent) if silent else {}


def _member(client: Any, asked: Mapping[int, list[str]], held: Iterable[Session]) -> Member:
    """As the planner takes it: what they said, else what they asked for; the hours they are booked in anyway, with the way; no
    way to their own site and to where they are booked unless they said one."""
    mine, payer = list(held), queries.need(None, client.payer).payer
    travel = ways(client.site_id, client.said_travel, mine)
    told = asked.get(client.pk) if client.said_times is None else [each["at"] for each in client.said_times]
    if not told and client.said_times is None:
        return Member(client.pk, client.language, None, travel, payer)
    spans = [*map(interval, told or ()), *(_with_the_way(session, travel) for session in mine)]
    return Member(client.pk, client.language, joined(spans), travel, payer)


def _with_the_way(session: Session, travel: Mapping[str, int]) -> Span:
    start, end = span_of(session.start, session.end)
    way = 0 if session.modality == Modality.TELEHEALTH else -(-travel.get(str(session.site_id), 0) // CELL) * CELL
    return max(0, start - way), end + way


def _meeting(session: Session, members: Iterable[int]) -> Meeting:
    group = session.group
    return Meeting(
        session=session.pk,
        group=session.group_id,
        title=session.title,
        start=span_of(session.start, session.end)[0],
        minutes=session.minutes,
        site=str(session.site_id),
        remote=session.modality == Modality.TELEHEALTH,
        language=group.language if group else "",
        teaches=session.topic_kind or session.session_kind,
        seats=session.seats,
        members=frozenset(members),
    )


def _taken(
    group: Group,
    target: Target,
    starts: Sequence[datetime],
    titles: Mapping[int, str],
    own: set[int],
    ids: Iterable[int],
) -> list[Taken]:
    """What the ledger holds of the room, the leaders and the members at the new times, the group's own bookings aside."""
    keys = {f"room:{target.room.pk}"} if target.room else set()
    keys |= {f"staff:{pk}" for pk in (target.leader.pk, group.co_leader_id) if pk} | {f"client:{pk}" for pk in ids}
    cells = {at for start in starts for at in quarters(start, start + timedelta(minutes=group.minutes))}
    rows = Cell.objects.filter(resource__in=keys, at__in=cells).order_by("at")
    found = {}
    for key, at, subject, label in rows.values_list("resource", "at", "booking__subject", "booking__label"):
        session = _session_of(subject)
        if session not in own:
            on = timezone.localdate(at)
            found.setdefault(
                (key, on), Taken(key, on, titles.get(session, f"an {label}" if label[0] in "aeiou" else f"a {label}"))
            )
    return list(found.values())


def _session_of(subject: str) -> int:
    """12 of "session:12" and of "session:12|client:8"; 0 for anything else."""
    name, _, rest = subject.partition("|")[0].partition(":")
    return int(rest) if name == "session" and rest.isdecimal() else 0
