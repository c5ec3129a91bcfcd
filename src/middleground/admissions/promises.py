"""Promise clocks: what was promised to somebody who asked for help, and whether it was kept. Pure: no database, no now().

Source of every number: knowledge/admissions/promises.yaml.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from .models import Inquiry
from .words import rules, said


@dataclass(frozen=True)
class Promise:
    """One promise. `state` is kept, running or broken; `done_at` None while it is open; `words` say it to staff."""

    id: str
    label: str
    due: datetime
    state: str
    done_at: datetime | None
    words: str

    @property
    def is_open(self) -> bool:
        return self.done_at is None


def clock(inquiry: Inquiry, now: datetime) -> list[Promise]:
    """The promises whose clock has started, in their order. A closed inquiry has only those that were met or missed."""
    found = [_promise(inquiry, rule, now) for rule in rules()["promises"]]
    return [p for p in found if p is not None and not (p.is_open and _stopped(inquiry, p))]


def next_promise(inquiry: Inquiry, now: datetime) -> Promise | None:
    """The open promise that is due first; None when nothing is promised any more."""
    return min((p for p in clock(inquiry, now) if p.is_open), key=lambda p: p.due, default=None)


def is_soon(promise: Promise, now: datetime) -> bool:
    return promise.state == "running" and promise.due - now <= timedelta(hours=rules()["soon_hours"])


def _stopped(inquiry: Inquiry, promise: Promise) -> bool:
    """After an admission only the first session is still owed; elsewhere or closed, nothing is."""
    return inquiry.is_closed and not (inquiry.status == Inquiry.Status.ADMITTED and promise.id == "first-session")


def _promise(inquiry: Inquiry, rule: dict[str, Any], now: datetime) -> Promise | None:
    start = next((at for name in rule["from"] if (at := getattr(inquiry, name)) is not None), None)
    done = getattr(inquiry, rule["until"])
    if start is None:
        return None
    if rule.get("after_transfer") and inquiry.transfer_on:
        start = max(start, timezone.make_aware(datetime.combine(inquiry.transfer_on, time.min)))
    due = start + timedelta(hours=rule["hours"])
    late = (done or now) > due
    state = "broken" if late else "kept" if done else "running"
    label = said(rule["label"])
    return Promise(rule["id"], label, due, state, done, _words(label, due, done, now))


def _words(label: str, due: datetime, done: datetime | None, now: datetime) -> str:
    if done is None:
        return f"{label}: {span(due - now)} left" if now <= due else f"{label}: {span(now - due)} late"
    return f"{label}: kept" if done <= due else f"{label}: done {span(done - due)} late"


def span(length: timedelta) -> str:
    """A length of time in the largest unit that fits: "35 min", "5 h", "3 days"."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
