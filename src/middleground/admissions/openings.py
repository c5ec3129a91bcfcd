"""The next free times for an assessment, so that one can be offered while the person is still on the phone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from middleground.clinic.models import Site, StaffAbsence, User
from middleground.clinic.queries import closures, everyone
from middleground.kernel import ledger
from middleground.kernel.context import everything
from middleground.kernel.models import Cell

from .following import ASSESSORS
from .words import rules

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Opening:
    """Somebody who assesses is free for the whole visit from `at`. `fits`: the person asking said they are free then."""

    assessor: User
    at: datetime
    fits: bool


def openings(site: Site, now: datetime, minutes: int, free: list[str]) -> list[Opening]:
    """The next free times, a few of each person and day, those within `free` ("mon 18:00-21:15") before others.

    Working hours, absences, closed days and the ledger are kept. Four queries, however many people there are.
    """
    told = rules()["openings"]
    first = timezone.localdate(now)
    days = [first + timedelta(days=n) for n in range(told["days"])]
    people = [
        p
        for p in everyone().filter(is_active=True)
        if set(p.roles) & set(ASSESSORS) and p.works and (p.site_ids is None or site.pk in p.site_ids)
    ]
    away = list(StaffAbsence.objects.filter(user__in=people, first__lte=days[-1], last__gte=first))
    closed = {each.on for each in closures(first, days[-1], site)}
    busy = _busy(people, now, now + timedelta(days=told["days"] + 1))
    found: list[Opening] = []
    for person, day in ((p, d) for d in days if d not in closed for p in people if not _away(p, d, away)):
        starts = [
            at
            for at in _starts(person, day, minutes, told["every_minutes"])
            if at >= now + timedelta(minutes=told["notice_minutes"]) and not busy & _cells(person, at, minutes)
        ]
        offered = sorted(
            (Opening(person, at, _fits(at, minutes, free)) for at in starts), key=lambda o: (not o.fits, o.at)
        )
        found += offered[: told["each"]]
    return sorted(found, key=lambda o: (o.at, o.assessor.name))


def _fits(at: datetime, minutes: int, free: list[str]) -> bool:
    here = timezone.localtime(at)
    start, end = (f"{WEEKDAYS[here.weekday()]} {moment:%H:%M}" for moment in (here, here + timedelta(minutes=minutes)))
    return any(
        text.split("-")[0] <= start and end <= f"{text[:4]}{text.split('-')[1]}"
        for text in free
        if text[:3] == start[:3]
    )


def _starts(person: User, day: date, minutes: int, every: int) -> Iterator[datetime]:
    for text in person.works:
        name, _space, hours = text.partition(" ")
        if name == WEEKDAYS[day.weekday()]:
            start, end = (_at(day, clock) for clock in hours.split("-"))
            while start + timedelta(minutes=minutes) <= end:
                yield start
                start += timedelta(minutes=every)


def _at(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return timezone.make_aware(datetime.combine(day, time(0))) + timedelta(hours=hour, minutes=minute)


def _away(person: User, day: date, away: list[StaffAbsence]) -> bool:
    return any(each.user_id == person.pk and each.first <= day <= each.last for each in away)


def _cells(person: User, at: datetime, minutes: int) -> set[tuple[str, datetime]]:
    return {(ledger.key(person), quarter) for quarter in ledger.quarters(at, at + timedelta(minutes=minutes))}


def _busy(people: list[User], start: datetime, end: datetime) -> set[tuple[str, datetime]]:
    with everything("free times of people who assess"):
        return set(
            Cell.objects.filter(
                resource__in=[ledger.key(p) for p in people], at__gte=start - ledger.CELL, at__lt=end
            ).values_list("resource", "at")
        )
