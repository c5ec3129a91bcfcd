"""Making up for a missed topic: where it is taught next, in reach and free, and a seat there for that one session."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations, product
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from middleground.engines import knowing
from middleground.engines.outcomes import Dose
from middleground.engines.timetabling.clinic import Spans
from middleground.kernel import clock, ledger
from middleground.kernel.act import look_again
from middleground.kernel.actions import Act, action
from middleground.kernel.context import everything
from middleground.kernel.errors import Refused
from middleground.kernel.who import role
from middleground.program import queries as program
from middleground.program.apart import closed_to
from middleground.program.joining import place, sit_in
from middleground.program.models import Attendance, Membership, Modality, Session
from middleground.program.rules import vocabulary
from middleground.records.models import Client

from . import queries, reach
from .fitting import week_limits
from .queries import Seen

BY = role("counselor", "case-manager", "program-director", "client")


class NotFree(Refused):
    """The session is full by now, out of reach, or not one that makes up for anything missed."""

    message = gettext_noop("This session is no longer open to you. Please choose another one.")


@dataclass(frozen=True)
class Chance:
    """A session in which a topic is taught again. Only kind, time and place: it is a group of other people."""

    session_id: int
    start: datetime
    end: datetime
    sort: str
    site_id: int
    site: str
    telehealth: bool

    @property
    def minutes(self) -> int:
        return int((self.end - self.start).total_seconds()) // 60


@dataclass(frozen=True)
class Missed:
    """A topic missed on a day; `again`: its next chances, soonest first."""

    topic: str
    on: date
    again: tuple[Chance, ...]


def rules() -> dict[str, int]:
    return knowing.load("timetabling")["pages"]["make_up"]


def missed(
    seen: Seen, rows: Iterable[Attendance] | None = None, booked: Sequence[Session] | None = None
) -> list[Missed]:
    """Topics the client missed lately, did not have since and does not have booked, with where they are taught next within
    reach: in their language, a seat free, in their free time with the way there and back, beside everything booked. `rows`, `booked`: their marks of these days and what
    they have ahead, when the caller has read them already."""
    client, told = seen.client, rules()
    gone = _missed_topics(program.attendance_of(client, missed_since()) if rows is None else rows)
    if not gone:
        return []
    if booked is None:
        booked = queries.sessions_ahead(client, told["ahead"])
    for session in booked:
        gone.pop(session.topic_title, None)
    chances = _chances(seen, set(gone), booked) if gone else {}
    found = [Missed(topic, on, tuple(chances.get(topic, ())[: told["each"]])) for topic, on in gone.items()]
    return sorted((each for each in found if each.again), key=lambda each: each.on)[: told["topics"]]


def missed_since() -> date:
    """The first day whose missed topics still count."""
    return clock.today() - timedelta(days=rules()["back"])


def _missed_topics(rows: Iterable[Attendance]) -> dict[str, date]:
    """Topic -> the day it was missed last, for those not had since."""
    gone: dict[str, date] = {}
    for row in sorted(rows, key=lambda each: each.session.start):
        topic = row.session.topic_title
        if not topic or row.session.sort != Session.Sort.GROUP:
            continue
        if row.counts:
            gone.pop(topic, None)
        else:
            gone[topic] = timezone.localdate(row.session.start)
    return gone


def _chances(seen: Seen, topics: set[str], booked: Sequence[Session]) -> dict[str, list[Chance]]:
    """Topic -> the coming sessions of it the client can go to, soonest first."""
    free = reach.stretches(queries.free_times(seen.client, seen.known))
    ways = _ways(seen)
    own = {each.pk for each in booked}
    with everything("where a missed topic is taught next"):
        taught = [s for s in _taught(topics, seen.client) if s.pk not in own]
        taught = [s for s in taught if not s.group.only or set(s.group.only) <= set(seen.populations)]
        beside = closed_to(seen.client.pk, taught) if any(s.strict for s in taught) else set()
        left = _seats_left([s for s in taught if s.pk not in beside])
    found: dict[str, list[Chance]] = {}
    for session in taught:
        if left.get(session.pk, 0) > 0 and _in_reach(session, free, ways, booked) and _fits_the_day(session, booked):
            found.setdefault(session.topic_title, []).append(_chance(session))
    return found


def _taught(topics: set[str], client: Client) -> list[Any]:
    """`strict`: whether a look at who else is on the site is needed as well."""
    first = clock.now() + timedelta(minutes=rules()["notice"])
    last = clock.now() + timedelta(days=rules()["ahead"])
    found = Session.objects.filter(sort=Session.Sort.GROUP, status=Session.Status.SCHEDULED, topic_title__in=topics)
    found = found.filter(start__gte=first, start__lt=last, group__language=client.language, group__track__active=True)
    found = found.filter(Q(site_id=client.site_id) | Q(site__is_open=True))
    found = found.annotate(strict=queries.not_at_one_site(client), shut=queries.shut_to(client, "group", "pk"))
    return list(found.filter(shut=False).select_related("group", "room", "site").order_by("start", "pk"))


def _seats_left(sessions: Sequence[Session]) -> dict[int, int]:
    used = ledger.seats_taken([place(each) for each in sessions]) if sessions else {}
    return {s.pk: s.seats - used.get(s.subject, 0) for s in sessions}


def _ways(seen: Seen) -> Mapping[str, int]:
    return reach.ways(seen.client.site_id, seen.known and seen.known.travel)


def _in_reach(session: Session, free: Spans, ways: Mapping[str, int], booked: Iterable[Session]) -> bool:
    """Whether the client is free for it with the way there and back, and for the way from and to what is booked."""
    if not reach.can_attend(free, ways, session):
        return False
    way = 0 if reach.is_remote(session) else ways[str(session.site_id)]
    return not any(_collides(session, each, way, ways) for each in booked)


def _fits_the_day(session: Session, booked: Iterable[Session]) -> bool:
    """Whether the day is then no longer than the clinic lets a day be (knowledge/timetabling/clinic)."""
    on = timezone.localdate(session.start)
    held = sum(each.minutes for each in booked if timezone.localdate(each.start) == on)
    return bool(held + session.minutes <= week_limits(0, {})["day"]["max"])


def _collides(session: Session, other: Session, way: int, ways: Mapping[str, int]) -> bool:
    same = session.site_id == other.site_id and session.modality == other.modality
    there = 0 if other.modality == Modality.TELEHEALTH else ways.get(str(other.site_id), 0)
    between = timedelta(minutes=0 if same else max(way, there))
    return session.start < other.end + between and other.start < session.end + between


def _chance(session: Session) -> Chance:
    return Chance(
        session.pk,
        session.start,
        session.end,
        session.session_kind,
        session.site_id,
        session.site.name,
        session.modality == Modality.TELEHEALTH,
    )


def open_minutes(seen: Seen, found: Sequence[Missed], end: date) -> int:
    """The most clinical minutes that make-up sessions before `end` can still add: at most one for each topic that was missed,
    and none at the time of another or on the way to it."""
    kinds, ways = vocabulary("session-kinds"), _ways(seen)
    soon = [
        [None, *(c for c in each.again if timezone.localdate(c.start) < end and kinds[c.sort]["clinical"])]
        for each in found
    ]
    return max(sum(each.minutes for each in taken) for taken in _ways_to_take(soon, ways))


def _ways_to_take(soon: Iterable[Iterable[Chance | None]], ways: Mapping[str, int]) -> Iterator[list[Chance]]:
    """Every choice of chances that one person can all go to; the first is none."""
    for chosen in product(*soon):
        taken = [each for each in chosen if each is not None]
        if not any(_meet(one, other, ways) for one, other in combinations(taken, 2)):
            yield taken


def _meet(one: Chance, other: Chance, ways: Mapping[str, int]) -> bool:
    same = (one.site_id, one.telehealth) == (other.site_id, other.telehealth)
    way = 0 if same else max(0 if each.telehealth else ways.get(str(each.site_id), 0) for each in (one, other))
    return one.start < other.end + timedelta(minutes=way) and other.start < one.end + timedelta(minutes=way)


@dataclass(frozen=True)
class ThisWeek:
    """What was missed, and today's week: its dose (None before admission), and minutes that make-up sessions can still add."""

    missed: list[Missed]
    dose: Dose | None
    more: int


def this_week(seen: Seen) -> ThisWeek:
    """Each part read once, for pages about make-up."""
    client, today = seen.client, clock.today()
    monday = today - timedelta(days=today.weekday())
    rows = list(program.attendance_of(client, min(monday, missed_since())))
    sessions = queries.sessions_since(client, monday, rules()["ahead"])
    found = missed(seen, rows, queries.still_ahead(sessions))
    dose = queries.dose(client, seen=seen, sessions=sessions, rows=rows) if seen.episode else None
    return ThisWeek(found, dose, open_minutes(seen, found, monday + timedelta(days=7)))


@action("Book a make-up session", by=BY)
def book_make_up(act: Act, client: Client, session: int) -> Membership:
    """A seat for the client in one session where a topic they missed is taught again; `session` is its id. The client is
    expected there as a guest of that day. Raises `NotFree` when it is not (any longer) among their chances, and also when it
    turns out only at the booking: why would tell of a group of other people."""
    if not any(chance.session_id == session for each in missed(Seen(client)) for chance in each.again):
        raise NotFree()
    with everything("the session that makes up"):
        row = Session.objects.select_related("group", "room").get(pk=session)
        try:
            made = sit_in(act, row, client)
            look_again(act)
        except Refused:
            raise NotFree() from None
    act.says(f"Booked a make-up session on {made.since}")
    return made
