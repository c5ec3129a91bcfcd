"""What time it is. One place, so that a demo can be built over months and a test can stand at a chosen minute."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_pinned: ContextVar[datetime | None] = ContextVar("pinned", default=None)


def now() -> datetime:
    """The aware current moment, or the pinned one."""
    return _pinned.get() or timezone.now()


def today() -> date:
    """Today in the clinic's time zone."""
    return timezone.localdate(now())


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
