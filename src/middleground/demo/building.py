"""Building the demo: what happens in a clinic, in the order in which it happens, each at its own pinned moment."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from middleground.kernel import clock

from . import companions, days, living, people, staffing, talks
from .calendar import Calendar
from .shape import SIZES, Size, back

Step = Callable[[float, str], None]


def build(size: str, seed: int = 1, step: Step = lambda share, words: None) -> None:
    """Build the demo clinic. `step(share, words)` hears how far it is, 0 to 1."""
    shape, today = SIZES[size], clock.today()
    chance = random.Random(f"{seed} {size}")  # noqa: S311 (a demo, not a secret)
    with quick_database():
        _build(shape, today, chance, step)
    step(1.0, "Demo clinic")


def _build(shape: Size, today: date, chance: random.Random, step: Step) -> None:
    first = back(today, shape.weeks)
    with at(first - timedelta(days=45), 8):
        house = staffing.settle(shape, first, today, step)
    calendar = Calendar()
    clients = people.plan(shape, house, first, today, chance)
    living.enter(calendar, house, shape, clients, today, chance)
    days.enter(calendar, house, first, back(today, shape.live_weeks), today, chance)
    talks.enter(calendar, house, back(today, shape.live_weeks), today)
    companions.enter(calendar, house, back(today, shape.live_weeks), today)
    total = len(calendar)
    batches = calendar.batches(timezone.now())
    done = 0
    for batch in batches:
        with transaction.atomic():
            for moment, happen in batch:
                with clock.at(moment):
                    happen()
        done += len(batch)
        step(0.08 + 0.9 * done / total, f"Living through {timezone.localdate(batch[-1][0]):%B %Y}")


def at(day: date, hour: int) -> "contextmanager[datetime]":  # type: ignore[valid-type]
    return clock.at(timezone.make_aware(datetime.combine(day, time(hour))))  # type: ignore[return-value]


@contextmanager
def quick_database() -> Iterator[None]:
    """SQLite need not wait for the disk while a demo is built: if the power fails, it is built again."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous = OFF")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = FULL")
