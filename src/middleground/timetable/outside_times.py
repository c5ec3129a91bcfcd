"""What a client is booked for outside the times they gave, with the way there and back: a shift changes, the bookings stay."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

from middleground.engines.timetabling.clinic import Spans
from middleground.engines.timetabling.times import CELL, DAY, Span, occupied
from middleground.kernel import clock
from middleground.program.models import Session
from middleground.program.sheets import day_of

from . import queries, reach
from .queries import Seen
from .running import Running
from .spans import by_day, outside, texts
from .standing import monday_of, span_of


@dataclass(frozen=True)
class Booked:
    """A weekly group (`at` and `ends`: this week's) or a session of one day. `sort` is the session's."""

    title: str
    sort: str
    at: datetime
    ends: datetime
    weekly: bool


class Outside:
    """Nothing is, when nobody knows their times."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    @cached_property
    def free(self) -> Spans | None:
        """The times in force, else those of the request."""
        times = queries.free_times(self.seen.client, self.seen.known)
        return reach.stretches(times) if times or self.seen.known else None

    @cached_property
    def ahead(self) -> list[Session]:
        """What has not begun, of the coming days that are read for their week."""
        now, off = clock.now(), Session.Status.NOT_HELD
        return [each for each in self.seen.sessions if each.start > now and each.status != off]

    @cached_property
    def ways(self) -> Mapping[str, int]:
        return reach.ways(self.seen.client.site_id, self.seen.known and self.seen.known.travel, self.ahead)

    @cached_property
    def sessions(self) -> list[Session]:
        """Dated sessions to come that do not fit, by time."""
        free = self.free
        if free is None:
            return []
        return [each for each in self.ahead if not reach.can_attend(free, self.ways, each)]

    @cached_property
    def rows(self) -> list[Booked]:
        """Weekly groups that do not fit, then what is booked besides them."""
        free = self.free
        if free is None:
            return []
        weekly = {each.id: each for each in self.seen.own if not self._fits(free, each)}
        rest = [each for each in self.sessions if not _as_every_week(each, weekly)]
        return [*map(_of_group, weekly.values()), *map(_of_session, rest)]

    def _fits(self, free: Spans, group: Running) -> bool:
        # a group in no session of these days may be at a site they never said a way to
        ways = {str(group.site_id): 0, **self.ways}
        return reach.can_come(
            free, ways, (group.start, group.start + occupied(group.minutes)), str(group.site_id), group.telehealth
        )

    @property
    def weeks(self) -> list[tuple[date, int]]:
        """The Mondays and sites whose sessions of one week may be repaired."""
        return sorted({(monday_of(day_of(each)), each.site_id) for each in self.sessions})

    def hours(self, monday: date, site: int) -> list[str]:
        """The hours, with the way, in which they are booked at a site in one week and can't come, as intervals of a week."""
        held = [each for each in self.sessions if (monday_of(day_of(each)), each.site_id) == (monday, site)]
        return texts(piece for each in held for piece in self._not_free(each))

    def _not_free(self, session: Session) -> Iterable[Span]:
        start, end = span_of(session.start, session.end)
        way = 0 if reach.is_remote(session) else -(-self.ways[str(session.site_id)] // CELL) * CELL
        for part in by_day(max(0, start - way), min(7 * DAY, end + way)):
            yield from outside(part, self.free or ())


def _as_every_week(session: Session, weekly: Mapping[int, Running]) -> bool:
    group = weekly.get(session.group_id or 0)
    return group is not None and span_of(session.start, session.end)[0] == group.start


def _of_group(group: Running) -> Booked:
    on = monday_of(clock.today()) + timedelta(days=group.day)
    at = timezone.make_aware(datetime.combine(on, time(group.begins // 60, group.begins % 60)))
    return Booked(group.name, Session.Sort.GROUP, at, at + timedelta(minutes=group.minutes), True)


def _of_session(session: Session) -> Booked:
    return Booked(
        session.title, session.sort, timezone.localtime(session.start), timezone.localtime(session.end), False
    )
