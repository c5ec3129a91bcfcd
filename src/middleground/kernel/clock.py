"""What time it is. One place, so that a demo can be built over months and a test can stand at a chosen minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

# Days of other years are slips of the keyboard; beside the calendar's own ends nothing can be reckoned.
YEARS = range(1900, 2200)

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """The current moment, or the pinned one, in the clinic's time zone: its date is the clinic's day, not Greenwich's."""
    return timezone.localtime(_pinned.get() or timezone.now())


def today() -> date:
    """Today in the clinic's time zone."""
    return now().date()


def day_of(text: str) -> date | None:
    """The day an address or a form names as 2026-05-04; None for what is none, or none that anybody means."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


@contextmanager
def at(moment: datetime) -> Iterator[datetime]:
    """Pin the clock to an aware moment."""
    if timezone.is_naive(moment):
        raise ValueError("a moment needs a time zone")
    token = _pinned.set(moment)
    try:
        yield moment
    finally:
        _pinned.reset(token)
