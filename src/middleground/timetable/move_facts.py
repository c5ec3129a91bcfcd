"""Reading what a move of a weekly group would touch: seven statements, one more when somebody said only with the request when
they can come, however many people, weeks and closed days.

Rules must see everybody to be right, so what is judged is read whole; names pass the record gate.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    StringAgg,
    TextField,
    Value,
    When,
)
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
from middleground.program.apart import People, clashes
from middleground.program.apart import ids as client_ids
from middleground.program.models import Group, Modality, Session
from middleground.program.opening import LEADING, begins
from middleground.program.sheets import day_of, rosters
from middleground.records.apart import Pair, from_text, in_text, sites_in_force
from middleground.records.models import Client

from . import breaking, payers, queries
from .breaking import Broken, Facts, Meeting, Member, Taken
from .going_along import closed_out, like_every_week, not_held, regular
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
    """What the move would break. `names`: the members the reader may know by name, by id; everybody else is only counted.
    `weeks`: how many sessions go along; `again`: days of weeks that are not held as things stand."""

    broken: Broken
    names: Mapping[int, str]
    weeks: int
    again: tuple[date, ...] = ()

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


def closed_days(group: Group) -> set[date]:
    """The days to come on which the group's site is closed; `group` as `group_of` gives it."""
    return set(map(date.fromisoformat, (getattr(group, "closed_days", None) or "").split()))


def away_on(person: User | None, days: Iterable[date]) -> list[date]:
    """Which of the days somebody is away; `person` as `leaders_at` gives them."""
    spans = [each.split(":") for each in (getattr(person, "days_away", None) or "").split()]
    return sorted({day for day in days if any(first <= day.isoformat() <= last for first, last in spans)})


@dataclass(frozen=True)
class Going:
    """One of the group's sessions that goes along, as it stands, and when it would begin."""

    session: Session
    start: datetime

    @property
    def day(self) -> date:
        return timezone.localdate(self.start)

    @property
    def again(self) -> bool:
        """Whether it is not held as things stand: its day is closed."""
        return self.session.status == Session.Status.NOT_HELD

    def moved(self, group: Group, target: Target) -> Session:
        """The session as it would be."""
        made = copy(self.session)
        made.start, made.end = self.start, self.start + (self.session.end - self.session.start)
        made.leader_id = target.leader.pk if made.leader_id == group.leader_id else made.leader_id
        return made


def preview(group: Group, target: Target) -> Preview:
    """What would break. The members' names are read for the page's reader, and so logged."""
    with everything("what moving a group would break"):
        rows, closed = _sessions(group, target), closed_days(group)
        own = [s for s in rows if s.group_id == group.pk]
        going = _going(group, target, own, closed)
        held = [s for s in rows if s.status == Session.Status.SCHEDULED]
        expected = rosters([*held, *(each.session for each in going)])
    people = _people(sorted({c for each in going for c in expected[each.session.pk]}), target.since)
    apart = from_text(own[0].apart) if own else []
    facts = _facts(group, target, Read(held, going, closed, expected, apart), people)
    seen = [c for c in people if c.may_name]  # type: ignore[attr-defined]
    if seen:
        gate.note(Client, seen)
    again = tuple(each.day for each in going if each.again)
    return Preview(breaking.broken(facts), {c.pk: c.short for c in seen}, len(going), again)


def _going(group: Group, target: Target, rows: Sequence[Session], closed: set[date]) -> list[Going]:
    """What goes along, by time; the sessions of weeks that have none get a number of their own, below all others."""
    place = {"weekday": group.weekday, "start": f"{group.start_time:%H:%M}"}
    off, none = not_held(group, rows, target.since, target.weekday, closed)
    new = [closed_out(group, day, (), 0) for day in none]
    for number, session in enumerate(new, 1):
        session.pk = -number
    for session in off:
        like_every_week(session, group)
    found = sorted([*(s for s in rows if regular(s, place)), *off, *new], key=lambda each: each.start)
    days = [monday_of(day_of(s)) + timedelta(days=target.weekday) for s in found]
    return [Going(s, begins(day, target.start)) for s, day in zip(found, days, strict=True)]


@dataclass(frozen=True)
class Read:
    """`held`: the sessions that are held as things stand; `going`: those of the group that go along; `closed`: days to come;
    `expected`: who is expected at each, as `rosters` gives it."""

    held: Sequence[Session]
    going: Sequence[Going]
    closed: set[date]
    expected: Mapping[int, Sequence[int]]
    apart: Sequence[Pair]

    @property
    def stays(self) -> list[Going]:
        """Without those that come to a closed day: they are called off."""
        return [each for each in self.going if each.day not in self.closed]


def _facts(group: Group, target: Target, read: Read, people: Sequence[Client]) -> Facts:
    expected, stays = read.expected, read.stays
    first = [s for s in read.held if s.start < begins(target.since + WEEK, time())]
    led = [each.day for each in stays if each.session.leader_id == group.leader_id]
    asked = _asked(people)
    with everything("what moving a group would break"):
        not_at_once = _not_at_once(group, target, read)
        return Facts(
            group=group.pk,
            site=str(group.site_id),
            remote=group.modality == Modality.TELEHEALTH,
            moved=_span(target, group.minutes),
            room=target.room.pk if target.room else None,
            leader=target.leader.pk,
            co_leader=group.co_leader_id,
            full=max((len(expected[e.session.pk]) - _seats(e.session, group, target) for e in stays), default=0),
            members={c.pk: _member(c, asked, [s for s in first if c.pk in expected[s.pk]]) for c in people},
            meetings=[_meeting(s, expected[s.pk]) for s in first],
            taken=_taken(group, target, read, [c.pk for c in people]),
            closed=_closed(group, target),
            works=joined(map(interval, target.leader.works)) or opening(group.site) or WHOLE_WEEK,
            shut=sorted({each.day for each in read.going if each.day in read.closed}),
            away=away_on(target.leader, led),
            co_away=away_on(target.co_leader, [each.day for each in stays]),
            first=min((each.day for each in stays), default=None) if _asks_anew(group, target) else None,
            barred=unlicensed(group, target) or any(each.startswith("staff:") for each in not_at_once),
            clash=frozenset(client_ids(not_at_once, "client:")),
        )


def unlicensed(group: Group, target: Target) -> bool:
    """Whether somebody may not lead the group newly: without one of its credentials."""
    new = target.leader.pk != group.leader_id
    return new and bool(group.credentials) and not set(group.credentials) & set(target.leader.credentials)


def _not_at_once(group: Group, target: Target, read: Read) -> set[str]:
    """Who of the group's people would come together with somebody they are kept apart from, as booking the move finds it."""
    met = People.expected([each.moved(group, target) for each in read.stays], read.expected)
    others = People.expected([s for s in read.held if s.pk not in met.sessions], read.expected)
    new = {f"staff:{target.leader.pk}"} - {f"staff:{group.leader_id}"}
    arrived = {pk: there & new for pk, there in met.there.items()}
    elsewhen = {each.session.pk for each in read.stays if each.start != each.session.start}
    moved = {pk: met.there[pk] if pk in elsewhen else who for pk, who in arrived.items()}
    return set().union(*(who for _, who in clashes(met, others, read.apart, arrived, moved)))


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


def _sessions(group: Group, target: Target) -> list[Session]:
    """Everything of the first week and the group's own after it, whatever became of them; and where people are kept apart by site,
    what is held at the group's on that weekday later. The group's own with all who are kept apart (`apart`)."""
    first, last = begins(target.since, time()), begins(target.since + WEEK, time())
    there = Q(sites_in_force(), site=group.site_id, start__iso_week_day=target.weekday + 1)
    wanted = Q(group=group) | Q(Q(start__lt=last) | there, status=Session.Status.SCHEDULED)
    told = Case(When(group=group.pk, then=in_text()), default=Value(""), output_field=TextField())
    found = Session.objects.filter(wanted, start__gte=first).annotate(apart=told)
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


def _taken(group: Group, target: Target, read: Read, ids: Iterable[int]) -> list[Taken]:
    """What the ledger holds of the room, the leaders and the members at the new times, the group's own bookings aside."""
    titles = {s.pk: s.title for s in read.held}
    keys = {f"room:{target.room.pk}"} if target.room else set()
    keys |= {f"staff:{pk}" for pk in (target.leader.pk, group.co_leader_id) if pk} | {f"client:{pk}" for pk in ids}
    length = timedelta(minutes=group.minutes)
    own = {each.session.pk for each in read.going}
    cells = {at for each in read.going for at in quarters(each.start, each.start + length)}
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
