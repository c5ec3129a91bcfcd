"""Keeping to when a site is open and staff are there, whenever a session is planned or moved."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from middleground.clinic.hours import open_words, opening
from middleground.clinic.models import Room, Site, StaffAbsence, User
from middleground.clinic.queries import closures
from middleground.engines.timetabling.clinic import covers
from middleground.engines.timetabling.times import DAY
from middleground.kernel.errors import Refused

from .models import Session
from .sheets import day_of

NAMED = 3  # days told in one sentence; the rest are counted


class SiteClosed(Refused):
    """The site is not open for all of a session, or holds no sessions that day; the message says when."""


class StaffAway(Refused):
    """Somebody who would lead is away that day; the message names them and the day."""


class Away(NamedTuple):
    """A dated session and one of those who lead it, who is away that day."""

    session: Session
    person: User


def check_site_open(site: Site, room: Room | None, start: datetime, end: datetime, field: str | None) -> None:
    """No session on a day the site is closed; one in a room lies within the opening hours, telehealth need not.

    A site without hours on file is open whenever. Raises `SiteClosed`.
    """
    day = timezone.localdate(start)
    closed = closures(day, day, site).first()
    if closed is not None:
        raise SiteClosed(f"{site.name} is closed on {day_words(day)}: {closed.why}.", field)
    if room is not None:
        check_hours(site, start, end, field)


def check_hours(site: Site, start: datetime, end: datetime, field: str | None) -> None:
    """What is held in a room lies within the weekly opening hours, if any are on file. Raises `SiteClosed`."""
    hours = opening(site)
    if hours and not covers(hours, *span(start, end)):
        weekday = timezone.localdate(start).weekday()
        raise SiteClosed(f"{site.name} is not open then: {open_words(hours, weekday)}.", field)


def day_words(day: date) -> str:
    """Friday, November 27, in the reader's language."""
    return date_format(day, gettext("l, F j"))


def span(start: datetime, end: datetime) -> tuple[int, int]:
    """Minutes since Monday 00:00 of the clinic's own week."""
    local = timezone.localtime(start)
    begins = local.weekday() * DAY + local.hour * 60 + local.minute
    return begins, begins + int((end - start).total_seconds()) // 60


def check_staff_there(people: Iterable[User | None], start: datetime, field: str) -> None:
    """Raises `StaffAway` for the first of those who lead that is away on the day."""
    wanted = [person for person in people if person is not None]
    day = timezone.localdate(start)
    away = set(
        StaffAbsence.objects.filter(user__in=wanted, first__lte=day, last__gte=day).values_list("user", flat=True)
    )
    for person in wanted:
        if person.pk in away:
            raise StaffAway(f"{person.name} is away on {day_words(day)}.", field)


def away_from(sessions: Iterable[Session]) -> list[Away]:
    """Who of those that lead is away on the day of a session, by time: one statement however many sessions."""
    rows = sorted(sessions, key=lambda each: each.start)
    if not rows:
        return []
    people = {pk for s in rows for pk in (s.leader_id, s.co_leader_id) if pk}
    found = StaffAbsence.objects.filter(user__in=people, first__lte=day_of(rows[-1]), last__gte=day_of(rows[0]))
    absences = list(found.select_related("user").order_by("user", "pk"))
    return [Away(s, person) for s in rows for person in _away_that_day(s, absences)]


def _away_that_day(session: Session, absences: Iterable[StaffAbsence]) -> list[User]:
    leads, day = (session.leader_id, session.co_leader_id), day_of(session)
    gone = {each.user_id: each.user for each in absences if each.user_id in leads and each.first <= day <= each.last}
    return list(gone.values())


def away_words(found: Iterable[Away]) -> str:
    """ "Dana is away on Monday, December 7 and 2 more days; Robin is away on Monday, December 7": the first days by name."""
    days: dict[str, list[date]] = {}
    for each in found:
        days.setdefault(each.person.name, []).append(day_of(each.session))
    return "; ".join(f"{name} is away on {days_words(held)}" for name, held in days.items())


def days_words(days: Sequence[date]) -> str:
    """The first of some days by name, the rest counted."""
    rest = len(days) - NAMED
    told = [*map(day_words, days[:NAMED]), *([f"{rest} more day{'s' if rest > 1 else ''}"] if rest > 0 else [])]
    return " and ".join(filter(None, ["; ".join(told[:-1]), told[-1]]))
