"""Authorizations burning down: days authorized, delivered and booked, the day they run out, and the last safe day to ask for more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, OuterRef, Q, QuerySet

from middleground.engines import outcomes
from middleground.kernel import clock

from . import terms
from .days import attended, booked
from .models import Authorization, Service


@dataclass(frozen=True)
class BurnDown:
    """An authorization in days. `delivered`: posted to it, and attended but still waiting to be. `scheduled`: booked within it.
    `runs_out_on`: the last day it still pays for, when more days are booked than it has."""

    authorization: Authorization
    delivered: int
    scheduled: int
    runs_out_on: date | None
    ask_by: date
    soon: bool

    @property
    def left(self) -> int:
        return max(0, self.authorization.days_authorized - self.delivered)

    @property
    def short(self) -> int:
        """Booked days within it that it no longer pays for."""
        return max(0, self.scheduled - self.left)


@dataclass
class Days:
    """One client's days that are still to be paid for: delivered ones not yet posted to an authorization, and booked ones."""

    waiting: dict[date, int]
    booked: list[date]


def burning(rows: QuerySet[Authorization]) -> list[BurnDown]:
    """Each authorization, by its start. Three queries.

    Overlapping ones share: a day goes to the one that ends first, as it will when posted.
    """
    used = Count("services", filter=Q(services__superseded_at=None))
    found = sorted(rows.annotate(used=used), key=lambda each: (each.ends, each.pk))
    if not found:
        return []
    today, days = clock.today(), still_to_pay(found)
    made = [burned(each, each.used, days[each.client_id], today) for each in found]
    return sorted(made, key=lambda each: (each.authorization.starts, each.authorization.pk))


def still_to_pay(found: Sequence[Authorization]) -> dict[int, Days]:
    """client -> days attended that wait to be posted to an authorization, and days booked."""
    clients = {each.client_id for each in found}
    settled = Service.objects.filter(client=OuterRef("client"), day=OuterRef("on"), superseded_at=None).exclude(
        authorization=None, status=Service.Status.HELD
    )
    came = attended(clients, min(each.starts for each in found), but=settled)
    coming = booked(clients, clock.today())
    return {client_id: Days(dict(came[client_id]), coming[client_id]) for client_id in clients}


def burned(each: Authorization, posted: int, days: Days, today: date) -> BurnDown:
    """One authorization; takes the days it pays for out of `days`."""
    room = max(0, each.days_authorized - posted)
    rule = each.policy.payer.rule
    waiting = [
        day
        for day, minutes in sorted(days.waiting.items())
        if within(each, day) and outcomes.countable_day(minutes, rule).counts
    ][:room]
    mine = [day for day in days.booked if within(each, day)]
    paid = mine[: room - len(waiting)]
    for day in waiting:
        del days.waiting[day]
    days.booked = [day for day in days.booked if day not in set(paid)]
    out = (paid[-1] if paid else today) if len(mine) > len(paid) else None
    ask_by = terms.ask_again_on(min(out or each.ends, each.ends))
    soon = (
        each.granted
        and each.ends >= today
        and ask_by <= today + timedelta(days=terms.book()["ending_soon_days"]["value"])
    )
    return BurnDown(each, posted + len(waiting), len(mine), out, ask_by, soon)


def within(each: Authorization, day: date) -> bool:
    return each.granted and each.starts <= day <= each.ends
