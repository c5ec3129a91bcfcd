"""This clinic's own figures beside the public myths: aggregates only, and none with too few people behind it."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncWeek

from middleground.clinic.queries import organization
from middleground.engines import fees
from middleground.engines.knowing import load
from middleground.engines.outcomes import Rate
from middleground.kernel import clock
from middleground.kernel.context import everything
from middleground.program.models import Attendance, Group
from middleground.records.models import Episode

from . import board, counting

DAY = 86_400  # seconds a figure is kept


def public_figures() -> dict[str, Any]:
    """Figure id of knowledge/site/myths -> value, or None when fewer people than the file allows stand behind it.

    `hours-per-week` hours; `evening-share`, `completion-rate`, `continuation-rate`, `family-sessions` shares from 0 to 1;
    `fee-range` (lowest, highest) dollars a day. Nothing about a single client leaves; kept for a day.
    """
    key = f"insight:public:{clock.today():%Y-%m-%d}"
    kept = cache.get(key)
    if kept is None:
        with everything("public figures"):
            kept = counted(clock.today(), load("insight")["board"]["small_numbers"]["public"])
        cache.set(key, kept, DAY)
    return kept


def counted(today: date, least: int) -> dict[str, Any]:
    """The figures as of a day; those of people only with at least so many of them."""
    rule = load("insight")["board"]
    since = today - timedelta(weeks=rule["public_weeks"]["rates"])
    care = counting.episodes(since)
    begun = [c for c in care if c.admitted_on >= since]
    return {
        "hours-per-week": hours_a_week(today - timedelta(weeks=rule["public_weeks"]["hours"]), least),
        "evening-share": evening_share(today),
        "fee-range": fee_range(),
        "completion-rate": fair(board.completed(care), least),
        "continuation-rate": fair(board.continuation(counting.stays(since), begun, today), least),
        "family-sessions": fair(with_family(since), least),
    }


def fair(rate: Rate, least: int) -> float | None:
    """The share, or None with too few people."""
    return round(rate.share, 2) if rate.share is not None and rate.whole >= least else None


def hours_a_week(since: date, least: int) -> float | None:
    """Mean hours of a week in which a client came at all."""
    came = Attendance.objects.filter(on__gte=since, counts=True, superseded_at=None)
    weeks = came.order_by().values("client_id", week=TruncWeek("on")).annotate(minutes=Sum("minutes"))
    found = list(weeks.values_list("client_id", "minutes"))
    if len({client for client, _ in found}) < least:
        return None
    return round(sum(minutes for _, minutes in found) / len(found) / 60, 1)


def evening_share(today: date) -> float | None:
    """Share of running groups that begin in the evening; None without groups. No client stands behind it."""
    running = Group.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
    late = time.fromisoformat(load("insight")["board"]["evening_from"])
    found = running.aggregate(all=Count("pk"), evening=Count("pk", filter=Q(start_time__gte=late)))
    return round(found["evening"] / found["all"], 2) if found["all"] else None


def fee_range() -> tuple[Decimal, Decimal]:
    """What a treatment day costs from no income up to the full charge (knowledge/payment/sliding-scale)."""
    full = organization().full_charge
    return fees.fee(Decimal(0), 1, clock.today(), full_charge=full).per_session, full


def with_family(since: date) -> Rate:
    """Clients admitted since then who came to at least one family session."""
    begun = Episode.objects.filter(admitted_on__gte=since)
    family = Q(
        client__attendances__session__sort="family",
        client__attendances__counts=True,
        client__attendances__superseded_at=None,
    )
    found = begun.aggregate(
        all=Count("client_id", distinct=True), came=Count("client_id", distinct=True, filter=family)
    )
    return Rate(found["came"], found["all"])
