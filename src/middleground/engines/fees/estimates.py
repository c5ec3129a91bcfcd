"""When a good faith estimate is due. Source: knowledge/payment/good-faith-estimate.yaml (45 CFR 149.610)."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from ..knowing import load

SATURDAY = 5


def rule() -> dict[str, Any]:
    return load("payment")["good-faith-estimate"]


def is_business_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < SATURDAY and day not in holidays


def business_days_between(start: date, end: date, holidays: Collection[date] = ()) -> int:
    """Business days after `start` up to and including `end`; 0 if `end` is not later."""
    return sum(is_business_day(start + timedelta(days=n), holidays) for n in range(1, (end - start).days + 1))


def business_day(start: date, steps: int, holidays: Collection[date]) -> date:
    """The day `steps` business days after `start` (before it, for negative steps)."""
    day, way = start, timedelta(days=1 if steps > 0 else -1)
    left = abs(steps)
    while left:
        day += way
        left -= is_business_day(day, holidays)
    return day


def good_faith_due(scheduled_on: date, service_on: date, holidays: Collection[date] = ()) -> date | None:
    """The last day to give the estimate for a booked service; None when it is booked too late for one to be owed."""
    ahead = business_days_between(scheduled_on, service_on, holidays)
    due = next((step["due"] for step in rule()["scheduled"] if ahead >= step["ahead"]), None)
    return None if due is None else business_day(scheduled_on, due, holidays)


def good_faith_due_after_asking(asked_on: date, holidays: Collection[date] = ()) -> date:
    """Anyone who asks what it costs has it in writing by this day."""
    return business_day(asked_on, rule()["asked"]["due"], holidays)


def new_estimate_due(service_on: date, holidays: Collection[date] = ()) -> date:
    """When the scope changed, the new estimate is given by this day before the service."""
    return business_day(service_on, -rule()["changed"]["before_service"], holidays)
