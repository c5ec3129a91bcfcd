"""Keeping to when a site is open and staff are there, whenever a session is planned or moved."""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from middleground.clinic.models import Room, Site, StaffAbsence, User
from middleground.clinic.queries import closures
from middleground.engines.errors import BadLine
from middleground.engines.timetabling.clinic import Spans, covers, joined
from middleground.engines.timetabling.times import DAY, interval
from middleground.kernel.errors import Refused


class SiteClosed(Refused):
    """The site is not open for all of a session, or holds no sessions that day; the message says when."""


class StaffAway(Refused):
    """Somebody who would lead is away that day; the message names them and the day."""


def check_site_open(site: Site, room: Room | None, start: datetime, end: datetime, field: str) -> None:
    """No session on a day the site is closed; one in a room lies within the opening hours, telehealth need not.

    A site without hours on file is open whenever. Raises `SiteClosed`.
    """
    day = timezone.localdate(start)
    closed = closures(day, day, site).first()
    if closed is not None:
        raise SiteClosed(f"{site.name} is closed on {date_format(day, gettext('l, F j'))}: {closed.why}.", field)
    hours = opening(site)
    if room is not None and hours and not covers(hours, *span(start, end)):
        raise SiteClosed(f"{site.name} is not open then: {open_words(hours, day.weekday())}.", field)


def opening(site: Site) -> Spans:
    """Its weekly hours in minutes since Monday 00:00, touching ones joined; none when they can't be read."""
    try:
        return joined(interval(each) for each in site.hours)
    except BadLine:
        return ()


def span(start: datetime, end: datetime) -> tuple[int, int]:
    """Minutes since Monday 00:00 of the clinic's own week."""
    local = timezone.localtime(start)
    begins = local.weekday() * DAY + local.hour * 60 + local.minute
    return begins, begins + int((end - start).total_seconds()) // 60


def open_words(hours: Spans, weekday: int) -> str:
    """When it is open on that day of the week: "on Friday it is open 9:00 am to 5:00 pm"."""
    first, last = weekday * DAY, (weekday + 1) * DAY
    held = [(max(a, first) - first, min(z, last) - first) for a, z in hours if a < last and first < z]
    told = " and ".join(f"{clock_words(a)} to {clock_words(z)}" for a, z in held)
    name = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")[weekday]
    return f"on {name} it is open {told}" if held else f"on {name} it is closed all day"


def clock_words(minutes: int) -> str:
    """Minutes since midnight as 9:00 am; the end of the day is midnight."""
    hour, rest = divmod(minutes, 60)
    return "midnight" if minutes in (0, DAY) else f"{hour % 12 or 12}:{rest:02d} {'pm' if hour >= 12 else 'am'}"


def check_staff_there(people: Iterable[User | None], start: datetime, field: str) -> None:
    """Raises `StaffAway` for the first of those who lead that is away on the day."""
    wanted = [person for person in people if person is not None]
    day = timezone.localdate(start)
    away = set(
        StaffAbsence.objects.filter(user__in=wanted, first__lte=day, last__gte=day).values_list("user", flat=True)
    )
    for person in wanted:
        if person.pk in away:
            raise StaffAway(f"{person.name} is away on {date_format(day, gettext('l, F j'))}.", field)
